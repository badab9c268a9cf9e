"""How training images can be varied: each augmentation is a row of numbers here, which `augment` carries out."""

from dataclasses import dataclass

from mnist_core.registry import Registry


@dataclass(frozen=True)
class Augmentation:
    """How far each image may be changed, at random each time it is seen; 0 leaves that change out."""

    label: str
    description: str  # a few words on the form
    rotation: float = 0.0  # degrees, either way
    scale: float = 0.0  # fraction by which width and height each grow or shrink
    shear: float = 0.0  # pixels of slant per pixel of height, either way
    shift: float = 0.0  # pixels, either way
    elastic: float = 0.0  # pixels: the greatest standard deviation of a smooth displacement (Simard et al. 2003)
    stroke: float = 0.0  # how far strokes go towards a thicker or a thinner pen, 0 to 1
    blur: float = 0.0  # how far an image goes out of focus, 0 to 1
    ink: float = 0.0  # fraction by which ink gets fainter or stronger

    @property
    def moves(self) -> bool:
        """Whether pixels change their places."""
        return any((self.rotation, self.scale, self.shear, self.shift, self.elastic))


AUGMENTATIONS = Registry(
    "augment",
    {
        "none": Augmentation("None", "images as they are"),
        "light": Augmentation("Light", "rotated, scaled and shifted a little", rotation=8.0, scale=0.08, shift=1.5),
        "medium": Augmentation(
            "Medium", "also slanted, with elastic strokes", rotation=10.0, scale=0.1, shear=0.12, shift=1.5, elastic=0.5
        ),
        "strong": Augmentation(
            "Strong", "also thicker or thinner, fainter and blurred",
            rotation=10.0, scale=0.12, shear=0.18, shift=1.0, elastic=0.8, stroke=0.7, blur=0.6, ink=0.25,
        ),
    },
)  # fmt: skip
