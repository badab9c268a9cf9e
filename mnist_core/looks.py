"""One picture looked at several times, turned and slanted a little: what is said of all looks on average is surer.

Source: Krizhevsky, Sutskever, Hinton 2012, "ImageNet classification", section 4.1: the mean over views of a picture.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

LOOKS = (
    (0.0, 0.0),
    (7.0, 0.0),
    (-7.0, 0.0),
    (0.0, 0.15),
    (0.0, -0.15),
)  # turn (degrees), slant; the first is as it is


def look(images: Tensor, turn: float, slant: float) -> Tensor:
    """Turn and slant images about their middle. Args and returns: (N, 1, 28, 28) float32, 0 is background."""
    if turn == slant == 0:
        return images
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    rows = torch.tensor([[cos, slant * cos - sin, 0.0], [sin, slant * sin + cos, 0.0]], device=images.device)
    grid = F.affine_grid(rows.expand(len(images), 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
