"""A picture turned and slanted a little."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from mnist_core.reading.test_time_augmentation import VIEWS, view_of


def bar(*, down: bool = True) -> torch.Tensor:
    images = torch.zeros(1, 1, 28, 28)
    images[0, 0, 4:24, 13:15] = 255.0
    return images if down else images.transpose(2, 3)


def test_the_first_look_is_the_picture_itself() -> None:
    assert torch.equal(view_of(bar(), *VIEWS[0]), bar())


def test_every_other_look_differs_and_keeps_the_ink_in_the_middle() -> None:
    for how in VIEWS[1:]:
        seen = view_of(bar(), *how)
        assert not torch.equal(seen, bar())
        assert np.allclose(ndimage.center_of_mass(seen[0, 0].numpy()), (13.5, 13.5), atol=0.05)
        assert abs(float(seen.sum() / bar().sum()) - 1) < 0.05


def test_a_slant_moves_the_top_aside_and_leaves_a_level_line_level() -> None:
    upright = view_of(bar(), 0.0, 0.15)[0, 0].numpy()
    top, bottom = (ndimage.center_of_mass(part)[1] for part in (upright[4:8], upright[20:24]))
    assert abs(top - bottom) > 1.5
    level = view_of(bar(down=False), 0.0, 0.15)[0, 0].numpy()
    assert set(np.flatnonzero(level.sum(1) > 1)) == {13, 14}


@pytest.mark.parametrize("n", [1, 7, 24])
def test_many_pictures_are_turned_together_as_each_is_by_itself(n) -> None:
    images = torch.rand(n, 1, 28, 28) * 255
    for how in VIEWS:
        assert torch.equal(view_of(images, *how), torch.cat([view_of(image[None], *how) for image in images]))
