import pytest
import torch

from mnist_core.training.config import TrainConfig
from mnist_core.training.schedule import cycle_of, learning_rate


def test_the_one_cycle_schedule_rises_to_its_peak_and_falls_to_nothing():
    config = TrainConfig(learning_rate=0.5)
    rates = [learning_rate(config, step, 100) for step in range(1, 101)]
    assert rates[0] == pytest.approx(0.02)
    assert max(rates) == pytest.approx(0.5)
    assert rates.index(max(rates)) == 29
    assert rates[-1] == pytest.approx(2e-6)
    expected = torch.optim.lr_scheduler.OneCycleLR(torch.optim.SGD([torch.zeros(1)], 0.1), 0.5, total_steps=100)
    for rate in rates[:-1]:
        assert rate == pytest.approx(expected.get_last_lr()[0])
        expected.optimizer.step()
        expected.step()


@pytest.mark.parametrize("total", [1, 2, 3])
def test_the_schedule_holds_for_the_shortest_trainings(total):
    rates = [learning_rate(TrainConfig(), step, total) for step in range(1, total + 1)]
    assert all(0 < rate <= TrainConfig().learning_rate for rate in rates)


def test_a_constant_schedule_is_constant():
    assert learning_rate(TrainConfig(schedule="constant"), 7, 100) == TrainConfig().learning_rate


def test_every_epoch_lies_in_one_cycle():
    assert [cycle_of(epoch, (2, 1, 3)) for epoch in range(1, 7)] == [(0, 2), (0, 2), (2, 1), (3, 3), (3, 3), (3, 3)]
    with pytest.raises(ValueError, match="epoch 7 is not one of 6"):
        cycle_of(7, (2, 1, 3))
