"""A picture as its own address, so that a page needs no second file to show it."""

import base64
import io

import numpy as np
from PIL import Image


def data_uri(image: np.ndarray) -> str:
    """A `data:` address that holds the picture, (H, W) or (H, W, 3) uint8, as a PNG."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
