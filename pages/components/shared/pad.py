"""A visitor's drawing, kept while they look at other tabs and pages."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.figures.data_uri import data_uri

_PAD = "pad"
MAX_STROKES = 200  # on the pad: the whole drawing travels with every stroke, and stays in memory


@dataclass
class Pad:
    """A visitor's drawing, kept while they look at other tabs and pages."""

    name: str = _PAD  # no two canvases may share their keys
    strokes: list[dict[str, Any]] = field(default_factory=list)  # as the canvas describes them, the newest last
    picture: np.ndarray | None = None  # (280, 280) uint8, of the strokes that the canvas sent last
    seen: dict[str, Any] | None = None  # what the canvas sent last
    seed: dict[str, Any] | None = None  # what the canvas was last told to show; it redraws itself when this changes
    edition: int = 0  # of the seed: the same strokes may be asked for twice
    mounts: int = 0  # a canvas that is shown again is another one

    @property
    def canvas_key(self) -> str:
        return f"canvas_{self.mounts}" if self.name == _PAD else f"canvas_{self.name}_{self.mounts}"

    @property
    def is_full(self) -> bool:
        return len(self.strokes) >= MAX_STROKES

    @property
    def holds_image(self) -> bool:
        """Whether an image was laid on it (see `lay`), drawn over or not."""
        return any(stroke.get("type") == "image" for stroke in self.strokes)

    def mount(self) -> None:
        """Have another canvas begin with the drawing."""
        self.mounts += 1
        self.redraw(self.strokes)

    def redraw(self, strokes: list[dict[str, Any]]) -> None:
        """Have the canvas show these strokes; their picture comes from it, none being black."""
        self.strokes = strokes
        self.edition += 1
        self.seed = {"objects": strokes, "edition": self.edition}
        if not strokes:
            self.picture = None

    def lay(self, image: np.ndarray, side: int) -> None:
        """Put an image on the pad instead of what was drawn, as one stroke: Undo takes it off, and more can be drawn.

        Args:
            image: (28, 28) uint8, light ink on dark ground.
            side: of the pad, in pixels, a multiple of 28.
        """
        scale = side // len(image)
        self.picture = np.kron(image, np.ones((scale, scale), np.uint8))
        self.seen = None
        look = {"left": 0, "top": 0, "originX": "left", "originY": "top", "width": side, "height": side}
        self.redraw([{"type": "image", "version": "4.4.0", **look, "src": data_uri(self.picture)}])


def current_pad(name: str = _PAD) -> Pad:
    """This visitor's drawing on the pad of this name; it may be changed in place."""
    drawing: Pad = st.session_state.setdefault(name, Pad(name))
    return drawing
