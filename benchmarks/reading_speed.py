"""How long a person waits for an answer on this machine: a photograph of 12 megapixels, and a drawing on the canvas."""

import io
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from mnist_core.images.decode import read_picture
from mnist_core.networks.network import Network
from mnist_core.reading.predict import read_digit

PHOTO_SIZE = (4000, 3000)
PHOTO_TIMES, CANVAS_TIMES = 20, 200
FIVE = ((0.68, 0.16), (0.36, 0.15), (0.34, 0.46), (0.56, 0.42), (0.69, 0.6), (0.6, 0.84), (0.31, 0.87))


def measure(model: Network, progress: Callable[[str], None]) -> dict[str, Any]:
    """Median and range in milliseconds, file to answer, each after one that does not count."""
    import torch

    photo, canvas = photo_jpeg(), canvas_png()
    progress(f"timing {PHOTO_TIMES} photographs of {PHOTO_SIZE[0]} x {PHOTO_SIZE[1]} pixels")
    photo_ms = _times(lambda: read_digit(model, read_picture(photo)), PHOTO_TIMES)
    progress(f"timing {CANVAS_TIMES} drawings")
    canvas_ms = _times(lambda: read_digit(model, read_picture(canvas), invert="no", with_steps=True), CANVAS_TIMES)
    return {
        "threads": torch.get_num_threads(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "photo_12_megapixels_ms": _summary(photo_ms),
        "canvas_ms": _summary(canvas_ms),
    }


def photo_jpeg() -> bytes:
    """A phone's photograph of a 5 in pen on paper: uneven light, a shadow, grain."""
    width, height = PHOTO_SIZE
    ink = Image.new("L", (width // 4, height // 4))
    _draw_five(ink, left=width // 16, top=0, side=height // 4, pen=14)
    strength = np.asarray(ink.filter(ImageFilter.GaussianBlur(1)).resize(PHOTO_SIZE)) / np.float32(255)
    down, across = np.linspace(0, 1, height, dtype=np.float32)[:, None], np.linspace(0, 1, width, dtype=np.float32)
    light = (0.95 - 0.3 * down) * (0.8 + 0.2 * across) - 0.2 / (1 + np.exp(30 * (down + across - 0.9)))
    paper = light * (1 - 0.75 * strength)  # (height, width)
    colours = np.stack([230 * paper, 226 * paper, 216 * paper], axis=-1)
    grain = np.random.default_rng(0).normal(0, 4, (height, width, 1)).astype(np.float32)
    return _saved(Image.fromarray(np.clip(colours + grain, 0, 255).astype(np.uint8)), "JPEG")


def canvas_png() -> bytes:
    """A drawing as the Predict page's canvas sends it."""
    image = Image.new("L", (280, 280))
    _draw_five(image, left=20, top=20, side=240, pen=18)
    return _saved(image.convert("RGBA"), "PNG")


def _draw_five(image: Image.Image, *, left: int, top: int, side: int, pen: int) -> None:
    points = [(left + x * side, top + y * side) for x, y in FIVE]
    ImageDraw.Draw(image).line(points, fill=255, width=pen, joint="curve")


def _saved(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def _times(call: Callable[[], object], times: int) -> list[float]:
    call()
    milliseconds = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        milliseconds.append(1000 * (time.perf_counter() - begin))
    return milliseconds


def _summary(values: list[float]) -> dict[str, float | int]:
    return {"n": len(values), "median": statistics.median(values), "least": min(values), "most": max(values)}
