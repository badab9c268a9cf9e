"""Whatever the paper, pen, light and size: the same digit comes out in MNIST's form."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from drawings import coloured, digit, on_paper, paste, shadow
from PIL import Image

from mnist_core.errors import ConfigError, ImageError, NoInkError
from mnist_core.images.filmstrip import MAX_SIDE
from mnist_core.images.preprocess import PIXEL_MEAN, PIXEL_STD, normalise, preprocess


def image_of(picture: np.ndarray, **options: object) -> np.ndarray:
    return preprocess(picture, with_steps=False, **options).image  # type: ignore[arg-type]


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean absolute difference in grey levels; two different digits are 25 to 45 apart."""
    return float(np.abs(one.astype(float) - other).mean())


@pytest.fixture(scope="module")
def mnist_digits(mnist_source: Path) -> np.ndarray:
    """The first 500 test images: (500, 28, 28) uint8."""
    packed = gzip.decompress((mnist_source / "t10k-images-idx3-ubyte.gz").read_bytes())
    return np.frombuffer(packed, np.uint8, offset=16).reshape(-1, 28, 28)[:500]


def test_result_has_the_form_of_mnist() -> None:
    image = image_of(digit(5))
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert image.max() == 255
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    centre = [float((image.sum(axis) @ np.arange(28)) / image.sum()) for axis in (0, 1)]
    assert all(13.5 <= c < 14.5 for c in centre)  # as in all of MNIST


def test_mnist_passes_nearly_unharmed(mnist_digits: np.ndarray) -> None:
    differences = [difference(image_of(image), image) for image in mnist_digits]
    assert np.mean(differences) < 0.5
    assert np.mean(np.array(differences) < 2) > 0.99


def test_inverted_mnist_gives_the_same(mnist_digits: np.ndarray) -> None:
    for image in mnist_digits:
        light, dark = preprocess(image, with_steps=False), preprocess(255 - image, with_steps=False)
        assert not light.inverted
        assert dark.inverted
        np.testing.assert_array_equal(light.image, dark.image)


def test_what_came_out_goes_through_unchanged(mnist_digits: np.ndarray) -> None:
    for picture in (digit(4), *mnist_digits[:20]):
        once = image_of(picture)
        assert difference(image_of(once), once) < 1


@pytest.mark.parametrize("label", [1, 4, 5, 7])
def test_shifted_or_inverted_drawing_gives_the_same_tensor(label: int) -> None:
    drawing = digit(label)
    expected = normalise(image_of(drawing))
    ground = np.zeros((400, 520), np.uint8)
    for left, top in [(10, 20), (37, 91), (211, 5)]:
        shifted = ground.copy()
        paste(shifted, drawing, left, top)
        assert torch.equal(normalise(image_of(shifted)), expected)
        assert torch.equal(normalise(image_of(255 - shifted)), expected)


def test_colour_copy_of_a_grey_drawing_gives_the_same() -> None:
    drawing = digit(4)
    np.testing.assert_array_equal(image_of(np.repeat(drawing[..., None], 3, 2)), image_of(drawing))


@pytest.mark.parametrize("side", [28, 60, 140, 560, 1200])
def test_size_of_the_drawing_hardly_matters(side: int) -> None:
    assert difference(image_of(digit(7, side, max(1, side // 14))), image_of(digit(7))) < 9


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ((0, 0, 0), (255, 255, 255)),
        ((250, 230, 40), (255, 255, 255)),  # yellow on white: 6 % of contrast in plain grey
        ((200, 60, 60), (60, 131, 60)),  # red on green of the same grey
        ((30, 60, 200), (250, 220, 150)),
        ((255, 255, 255), (30, 60, 40)),
        ((0, 200, 60), (0, 0, 0)),
        ((120, 120, 120), (100, 100, 100)),
    ],
)
def test_ink_of_any_colour_is_seen_on_paper_of_any_other(
    ink: tuple[int, int, int], paper: tuple[int, int, int]
) -> None:
    drawing = digit(5)
    assert difference(image_of(coloured(drawing, ink, paper)), image_of(drawing)) < 3


def test_photograph_gives_nearly_the_same_as_the_drawing() -> None:
    drawing = digit(5)
    assert difference(image_of(on_paper(drawing)), image_of(drawing)) < 4


@pytest.mark.parametrize("label", [1, 4, 5, 7])
def test_shadow_across_the_paper_is_not_ink(label: int) -> None:
    drawing = np.zeros((400, 500), np.uint8)
    paste(drawing, digit(label, 240, 14), 110, 70)
    found = preprocess(on_paper(drawing, shadow(400, 500)))
    assert found.inverted
    assert difference(found.image, image_of(drawing)) < 6
    assert "Even lighting" in [step.name for step in found.steps]


def test_vignette_is_not_ink() -> None:
    drawing = np.zeros((400, 500), np.uint8)
    paste(drawing, digit(4, 160, 10), 40, 200)
    down, across = np.mgrid[:400, :500]
    light = 1 - 0.6 * np.clip(((down / 400 - 0.5) ** 2 + (across / 500 - 0.5) ** 2) * 2, 0, 1)
    assert difference(image_of(on_paper(drawing, light)), image_of(drawing)) < 6


def test_chalk_on_a_board_is_read_as_light_ink() -> None:
    drawing = digit(7)
    board = coloured(drawing, (210, 215, 205), (40, 60, 50)).astype(float)
    board *= np.linspace(0.7, 1, 280)[:, None, None]
    board += np.random.default_rng(0).normal(0, 3, board.shape)
    found = preprocess(board.clip(0, 255).astype(np.uint8))
    assert not found.inverted
    assert difference(found.image, image_of(drawing)) < 6


def test_thin_pen_in_a_large_picture_does_not_fade() -> None:
    thin = image_of(digit(7, side=900, pen=1))
    assert np.mean(thin[thin > 0] > 128) > 0.4
    assert difference(thin, image_of(digit(7, side=900, pen=60))) < 13


def test_thin_pen_of_a_twelve_megapixel_drawing_does_not_fade() -> None:
    drawing = np.zeros((3000, 4000), np.uint8)
    paste(drawing, digit(7, side=1500, pen=3), 1200, 700)
    assert difference(image_of(255 - drawing), image_of(digit(7, side=300, pen=1))) < 9


def test_thick_brush_that_fills_the_picture_keeps_its_polarity() -> None:
    drawing = digit(4, side=100, pen=26)[6:96, 16:90]
    assert not preprocess(drawing).inverted
    assert preprocess(255 - drawing).inverted


def test_specks_far_away_change_nothing() -> None:
    clean = np.zeros((300, 500), np.uint8)
    paste(clean, digit(5, 200, 14), 40, 50)
    dusty = clean.copy()
    for left, top in [(480, 10), (450, 280), (5, 5), (400, 150)]:
        dusty[top : top + 4, left : left + 4] = 255
    np.testing.assert_array_equal(image_of(dusty), image_of(clean))


def test_bar_apart_from_the_body_of_a_five_is_kept() -> None:
    five = np.zeros((200, 200), np.uint8)
    paste(five, digit(5, 200, 12), 0, 0)
    five[:, 84:92] = 0  # cuts the bar, and the body's arcs, in two
    found = preprocess(five, with_steps=False).box
    columns = np.flatnonzero(five.any(0))
    assert found.left == columns[0]
    assert found.width == np.ptp(columns) + 1


def test_dark_edge_of_the_table_is_left_out() -> None:
    drawing = np.zeros((400, 500), np.uint8)
    paste(drawing, digit(4, 220, 14), 150, 60)
    photo = on_paper(drawing)
    photo[350:] = (50, 35, 25)
    assert difference(image_of(photo), image_of(on_paper(drawing))) < 3


def test_dark_frame_is_left_out() -> None:
    drawing = np.zeros((400, 400), np.uint8)
    paste(drawing, digit(7, 220, 14), 90, 90)
    photo = on_paper(drawing)
    photo[:16] = photo[-16:] = photo[:, :16] = photo[:, -16:] = 20
    found = preprocess(photo, with_steps=False)
    assert found.inverted
    assert difference(found.image, image_of(on_paper(drawing))) < 3


def test_digit_at_the_edge_of_a_small_picture_is_kept() -> None:
    seven = digit(7, 28, 3)[2:, 4:24]
    assert preprocess(255 - seven, with_steps=False).box.width > 14


BLANK = {
    "black canvas": np.zeros((280, 280), np.uint8),
    "white canvas": np.full((280, 280), 255, np.uint8),
    "grey": np.full((28, 28, 3), 90, np.uint8),
    "one pixel": np.zeros((1, 1), np.uint8),
    "one row": np.arange(0, 250, 5, dtype=np.uint8)[None, :] // 25,
    "photograph of a blank sheet": on_paper(np.zeros((300, 400), np.uint8)),
    "grainy photograph": on_paper(np.zeros((300, 400), np.uint8), noise=14),
    "underexposed photograph": on_paper(np.zeros((300, 400), np.uint8), light=0.1),
    "a speck": np.pad(np.full((2, 3), 255, np.uint8), 60),
}


@pytest.mark.parametrize("name", BLANK)
def test_blank_picture_is_refused(name: str) -> None:
    with pytest.raises(NoInkError, match="found no ink"):
        preprocess(BLANK[name])
    assert issubclass(NoInkError, ImageError)


def test_no_picture_makes_it_fail_otherwise() -> None:
    chance = np.random.default_rng(0)
    for _ in range(200):
        shape = (*chance.integers(1, 70, 2), 3)[: chance.integers(2, 4)]
        picture = chance.integers(0, 256, shape).astype(np.uint8)
        if chance.random() < 0.5:
            picture = np.where(picture > 230, picture, np.uint8(10))
        try:
            assert image_of(picture).max() > 0
        except NoInkError:
            continue


def test_forced_polarity_is_obeyed() -> None:
    ring = np.zeros((100, 100), np.uint8)
    ring[20:80, 30:70] = 255
    assert preprocess(ring, invert="no").inverted is False
    assert preprocess(255 - ring, invert="yes").inverted is True
    np.testing.assert_array_equal(image_of(ring, invert="no"), image_of(255 - ring, invert="yes"))


def test_threshold_number_clears_what_is_fainter() -> None:
    drawing = digit(7)
    drawing = np.where(np.arange(280)[:, None] > 100, drawing, drawing // 2)  # the bar is half as strong
    low, high = image_of(drawing, threshold=60), image_of(drawing, threshold=200)
    assert np.flatnonzero(low.any(1)).size == 20
    width = preprocess(drawing, threshold=200).box.width
    assert width < preprocess(drawing, threshold=60).box.width
    assert difference(low, high) > 5


def test_threshold_off_keeps_every_grey() -> None:
    drawing = digit(7)
    hazy = np.maximum(drawing, 12)
    hazy[120:160, 60:90] = 60  # a faint smear within the digit's box, apart from its strokes
    assert np.count_nonzero(image_of(hazy, threshold="off")) > np.count_nonzero(image_of(hazy)) + 8


@pytest.mark.parametrize("threshold", [-1, 256, 1.5, True, "otsu"])
def test_threshold_out_of_bounds_is_refused(threshold: object) -> None:
    with pytest.raises(ConfigError, match="threshold"):
        image_of(digit(7), threshold=threshold)


def test_unknown_polarity_is_refused() -> None:
    with pytest.raises(ConfigError, match="invert"):
        image_of(digit(7), invert="maybe")


@pytest.mark.parametrize("scale", [1, 5])
def test_box_is_in_the_pixels_of_the_picture_given(scale: int) -> None:
    drawing = np.zeros((500, 600), np.uint8)
    drawing[100:300, 200:240] = 255
    large = np.asarray(Image.fromarray(drawing).resize((600 * scale, 500 * scale), Image.Resampling.NEAREST))
    box = preprocess(large, with_steps=False).box
    found = np.array([box.left, box.top, box.width, box.height])
    assert np.abs(found - scale * np.array([200, 100, 40, 200])).max() <= 3 * (scale - 1)


def test_film_strip_leads_from_the_picture_to_the_image() -> None:
    drawing = np.zeros((700, 900), np.uint8)
    paste(drawing, digit(7, 500, 6), 100, 100)
    drawing[650:655, 850:855] = 255
    found = preprocess(on_paper(drawing, shadow(700, 900)))
    names = [step.name for step in found.steps]
    assert names == [
        "Your picture",
        "Grey",
        "Even lighting",
        "Light on dark",
        "Threshold",
        "Specks removed",
        "Crop",
        "Thicker pen",
        "20 × 20",
        "28 × 28",
    ]
    np.testing.assert_array_equal(found.steps[-1].image, found.image)
    for step in found.steps:
        assert step.explanation.endswith(".")
        assert step.image.dtype == np.uint8
        assert max(step.image.shape[:2]) <= MAX_SIDE


def test_film_strip_leaves_out_what_was_not_needed() -> None:
    names = [step.name for step in preprocess(digit(7, pen=32)).steps]
    assert names == ["Your picture", "Light on dark", "Threshold", "Crop", "20 × 20", "28 × 28"]
    assert preprocess(digit(7), with_steps=False).steps == ()


def test_film_strip_shares_no_memory_with_the_picture() -> None:
    drawing = digit(7).copy()
    first = preprocess(drawing).steps[0].image
    drawing[:] = 9
    assert first.max() == 255


def test_picture_given_is_not_changed() -> None:
    drawing = on_paper(digit(5))
    before = drawing.copy()
    preprocess(drawing)
    np.testing.assert_array_equal(drawing, before)


def test_standardise_is_the_formula() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    expected = (images.astype(np.float64) / 255 - PIXEL_MEAN) / PIXEL_STD
    values = normalise(images)
    assert values.shape == (5, 1, 28, 28)
    assert values.dtype == torch.float32
    np.testing.assert_allclose(values[:, 0].numpy(), expected, atol=1e-5)


def test_standardise_takes_arrays_tensors_and_single_images_alike() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    images.flags.writeable = False  # as read from a file: must raise no warning
    values = normalise(images)
    tensor = torch.from_numpy(images.copy())
    before = tensor.clone()
    assert torch.equal(normalise(tensor), values)
    assert torch.equal(tensor, before)
    assert torch.equal(normalise(images[1]), values[1:2])
    assert normalise(images[:0]).shape == (0, 1, 28, 28)


def test_standardise_takes_bent_pictures_too_and_leaves_them_as_they_were() -> None:
    pictures = np.full((2, 28, 28), 127, np.uint8)
    bent = torch.from_numpy(pictures).float()[:, None]
    torch.testing.assert_close(normalise(bent), normalise(pictures))
    assert torch.all(bent == 127)


def test_standardise_refuses_other_kinds_of_numbers() -> None:
    with pytest.raises(AssertionError, match="uint8 or float32"):
        normalise(np.zeros((2, 28, 28), np.float64))


def test_importing_it_brings_neither_torch_nor_streamlit() -> None:
    code = (
        "import sys, mnist_core.images.decode, mnist_core.images.preprocess, mnist_core.images.segment;"
        "assert not {'torch', 'streamlit', 'skimage', 'sklearn'} & set(sys.modules), 'heavy'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
