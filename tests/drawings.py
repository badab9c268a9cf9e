"""Digits drawn by hand of code, for tests that want pictures of any size, colour and light."""

import numpy as np
from PIL import Image, ImageDraw

# How many pixels of a canvas are lit, in the browser's language.
LIT = """canvas => {
  const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height });
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, copy.width, copy.height);
  return data.filter((value, at) => at % 4 === 0 && value > 127).length;
}"""

# Strokes on a square of side 1: (x, y) points of each.
STROKES: dict[int, list[list[tuple[float, float]]]] = {
    1: [[(0.5, 0.1), (0.5, 0.9)]],
    4: [[(0.35, 0.1), (0.25, 0.55), (0.75, 0.55)], [(0.62, 0.3), (0.62, 0.9)]],
    5: [[(0.35, 0.12), (0.33, 0.45), (0.55, 0.42), (0.7, 0.6), (0.6, 0.85), (0.3, 0.88)], [(0.35, 0.12), (0.7, 0.12)]],
    7: [[(0.2, 0.12), (0.78, 0.12), (0.45, 0.9)]],
}


def digit(label: int, side: int = 280, pen: int = 20) -> np.ndarray:
    """(side, side) uint8: light ink on dark ground, as the canvas gives it."""
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    for stroke in STROKES[label]:
        points = [(x * side, y * side) for x, y in stroke]
        draw.line(points, fill=255, width=pen, joint="curve")
    return np.asarray(image)


def zero(height: int, width: int, pen: int) -> np.ndarray:
    """(height, width) uint8: a ring that fills the picture."""
    image = Image.new("L", (width, height))
    ImageDraw.Draw(image).ellipse((0, 0, width - 1, height - 1), outline=255, width=pen)
    return np.asarray(image)


def paste(ground: np.ndarray, drawing: np.ndarray, left: int, top: int) -> None:
    """Put light ink on a dark ground, in place."""
    height, width = drawing.shape
    window = ground[top : top + height, left : left + width]
    np.maximum(window, drawing, out=window)


def coloured(drawing: np.ndarray, ink: tuple[int, int, int], paper: tuple[int, int, int]) -> np.ndarray:
    """The drawing in two colours: (H, W, 3) uint8."""
    share = drawing[..., None] / 255
    return np.rint(np.array(ink) * share + np.array(paper) * (1 - share)).astype(np.uint8)


def on_paper(drawing: np.ndarray, light: np.ndarray | float = 1.0, noise: float = 3.0, seed: int = 0) -> np.ndarray:
    """A photograph of the drawing in dark ink on white paper: (H, W, 3) uint8. `light` falls on it, 1 being full."""
    lit = coloured(drawing, (40, 45, 60), (235, 232, 225)) * (np.broadcast_to(light, drawing.shape)[..., None])
    grain = np.random.default_rng(seed).normal(0, noise, lit.shape)
    return np.clip(lit + grain, 0, 255).astype(np.uint8)


def shadow(height: int, width: int, depth: float = 0.5) -> np.ndarray:
    """Light (height, width) with a soft-edged shadow over the lower right half."""
    down, across = np.mgrid[:height, :width]
    edge = (down / height + across / width - 1) * 40
    return 1 - depth / (1 + np.exp(-edge))
