"""Training images varied a little, differently each time: the network learns the digit, not the picture.

Works on whole batches. All randomness comes from torch's global random state, which `train` sets at every step.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from mnist_core.training.augmentations import Augmentation


def augment(images: Tensor, how: Augmentation) -> Tensor:
    """Vary each image randomly, by its own amounts.

    Args:
        images: (N, 1, 28, 28) float32, 0 is background, 255 is ink.
    Returns:
        (N, 1, 28, 28) float32, same range.
    """
    if how.stroke:
        images = _restroke(images, how.stroke)
    if how.moves:
        grid = _affine_grid(images, how)
        images = _warp(images, grid + _elastic(images, how.elastic) if how.elastic else grid)
    if how.blur:
        images = _blur(images, how.blur)
    return _fade(images, how.ink) if how.ink else images


def _uniform(images: Tensor, low: float, high: float) -> Tensor:
    """(N,) one number for each picture."""
    return torch.empty(len(images), device=images.device).uniform_(low, high)


def _affine_grid(images: Tensor, how: Augmentation) -> Tensor:
    """Where each output pixel looks in its image, (N, 28, 28, 2): rotated, scaled, slanted and shifted."""
    angle = _uniform(images, -how.rotation, how.rotation) * (math.pi / 180)
    width, height = (1 + _uniform(images, -how.scale, how.scale) for _ in range(2))
    shear = _uniform(images, -how.shear, how.shear)
    cos, sin = torch.cos(angle), torch.sin(angle)
    move = 2 * how.shift / images.shape[-1]  # the grid spans -1 to 1
    rows = [
        torch.stack([cos * width, (shear * cos - sin) * height, _uniform(images, -move, move)], dim=1),
        torch.stack([sin * width, (shear * sin + cos) * height, _uniform(images, -move, move)], dim=1),
    ]
    return F.affine_grid(torch.stack(rows, dim=1), list(images.shape), align_corners=False)


def _elastic(images: Tensor, most: float) -> Tensor:
    """A smooth random displacement, (N, 28, 28, 2); its standard deviation differs by picture, up to `most` pixels."""
    coarse = torch.randn(len(images), 2, 5, 5, device=images.device)
    smooth = F.interpolate(coarse, size=images.shape[-2:], mode="bicubic", align_corners=True)
    return (smooth * _uniform(images, 0.0, most * 2 / images.shape[-1])[:, None, None, None]).permute(0, 2, 3, 1)


def _warp(images: Tensor, grid: Tensor) -> Tensor:
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _restroke(images: Tensor, most: float) -> Tensor:
    """Draw some pictures with a thicker and some with a thinner pen."""
    change = _uniform(images, -1.0, 1.0)[:, None, None, None]
    thick = F.max_pool2d(images, 3, stride=1, padding=1)
    thin = -F.max_pool2d(-images, 2, stride=1, padding=1)[..., 1:, 1:]
    changed = torch.where(change > 0, thick, thin)
    return torch.lerp(images, changed, (change.abs() - (1 - most)).clamp(min=0))  # some stay as they are


def _blur(images: Tensor, most: float) -> Tensor:
    """Put half of the pictures a little out of focus."""
    amount = _uniform(images, -most, most).clamp(min=0)[:, None, None, None]
    return torch.lerp(images, F.avg_pool2d(images, 3, stride=1, padding=1), amount)


def _fade(images: Tensor, most: float) -> Tensor:
    """Write some pictures with faint or with saturated ink."""
    gain = _uniform(images, 1 - most, 1 + most)[:, None, None, None]
    return (images * gain).clamp(max=255.0)
