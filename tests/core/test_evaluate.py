import math

import numpy as np
import pytest
import torch
from torch import nn

from mnist_core.evaluate import measure
from mnist_core.model import Network
from mnist_core.records import Split
from mnist_core.scores import accuracy_interval


class Constant(Network):
    """Always sure of a 3 by the same margin."""

    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(10))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.bias + torch.nn.functional.one_hot(torch.full((len(images),), 3), 10)


def test_loss_and_accuracy_are_means_over_images_and_not_over_batches():
    n = 1001  # one more than a batch
    labels = np.full(n, 3)
    labels[-1] = 4
    result = measure(Constant(), Split("test", np.zeros((n, 28, 28), np.uint8), labels))
    log_sum = math.log(9 + math.e)
    assert result.accuracy == pytest.approx(1000 / 1001)
    assert result.loss == pytest.approx((1000 * (log_sum - 1) + log_sum) / n, rel=1e-5)
    assert result.probabilities.sum(1) == pytest.approx(np.ones(n), abs=1e-5)
    assert accuracy_interval(result).low < result.accuracy < accuracy_interval(result).high
