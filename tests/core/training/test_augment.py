import pytest
import torch

from mnist_core.training.augment import augment
from mnist_core.training.augmentations import AUGMENTATIONS

VARYING = [pytest.param(how, id=name) for name, how in AUGMENTATIONS.items() if name != "none"]


def square(n: int = 32) -> torch.Tensor:
    images = torch.zeros(n, 1, 28, 28)
    images[:, :, 9:19, 9:19] = 255.0
    return images


def test_none_changes_nothing():
    assert torch.equal(augment(square(), AUGMENTATIONS["none"]), square())


@pytest.mark.parametrize("how", VARYING)
def test_each_image_is_varied_in_its_own_way_within_the_grey_range(how):
    torch.manual_seed(0)
    bent = augment(square(), how)
    assert bent.shape == (32, 1, 28, 28)
    assert bent.min() >= 0
    assert bent.max() <= 255.001  # interpolation rounds
    assert len({picture.numpy().tobytes() for picture in bent}) == 32


@pytest.mark.parametrize("how", VARYING)
def test_the_ink_stays_where_it_was_to_within_a_few_pixels(how):
    torch.manual_seed(0)
    bent = augment(square(256), how)
    rows = torch.arange(28.0)[None, None, :, None]
    centres = (bent * rows).sum((1, 2, 3)) / bent.sum((1, 2, 3))
    assert (centres - 13.5).abs().max() < 6
    assert (centres.mean() - 13.5).abs() < 0.5  # no drift on the whole


@pytest.mark.parametrize("how", VARYING)
def test_the_same_random_state_bends_the_same_way(how):
    torch.manual_seed(7)
    first = augment(square(), how)
    torch.manual_seed(7)
    assert torch.equal(first, augment(square(), how))


def test_a_stronger_augmentation_changes_more():
    images = square(256)
    changed = []
    for how in AUGMENTATIONS.values():
        torch.manual_seed(0)
        changed.append((augment(images, how) - images).abs().mean().item())
    assert changed == sorted(changed)
    assert changed[0] == 0
