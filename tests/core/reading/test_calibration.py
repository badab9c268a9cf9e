"""How far logits are to be believed."""

import numpy as np
import pytest
import torch
from torch import Tensor

from mnist_core.networks.config import ModelConfig
from mnist_core.networks.model import build_model
from mnist_core.networks.network import Network
from mnist_core.reading.calibration import Calibration, apply, calibrate, calibrated_probabilities
from mnist_core.reading.predict import predict
from mnist_core.types import NOT_A_DIGIT, Box, Preprocessed


class Said(Network):
    """Says the same logits of every picture."""

    def __init__(self, *logits: float) -> None:
        super().__init__()
        self.said = torch.nn.Parameter(torch.tensor(logits))

    def forward(self, images: Tensor) -> Tensor:
        return self.said.expand(len(images), -1)


def boasting(by: float) -> tuple[Tensor, Tensor]:
    """Logits (20,000, 10) `by` times as sure as the labels drawn from them deserve, wrong ones never sure."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(20_000, 10, generator=generator)
    labels = torch.multinomial(logits.softmax(1), 1, generator=generator).squeeze(1)
    return logits * by, labels


@pytest.mark.parametrize(("by", "temperature"), [(2.5, 2.5), (0.5, 1.0)])
def test_the_temperature_undoes_how_much_a_model_boasts_and_makes_none_surer(by: float, temperature: float) -> None:
    found = calibrate(*boasting(by))
    assert found.temperature == pytest.approx(temperature, rel=0.04)
    assert found.refuse_above == 1.0


def test_at_most_one_wrong_answer_in_ten_is_sure_of_itself() -> None:
    labels = torch.arange(1000) % 10
    logits = 12.0 * torch.nn.functional.one_hot(labels, 10)  # sure and right
    wrong = torch.arange(50)
    logits[wrong] = logits[wrong].roll(1, 1) * torch.linspace(0.1, 1, 50)[:, None]  # less and less sure and wrong
    found = calibrate(logits, labels)
    confidence = (logits[wrong] / found.temperature).softmax(1).amax(1)
    assert 0 < int((confidence > 0.9).sum()) <= 5


def test_a_model_without_a_fault_is_calibrated_too() -> None:
    labels = torch.arange(100) % 10
    assert calibrate(9.0 * torch.nn.functional.one_hot(labels, 10), labels).temperature == 1.0


def test_hardly_any_digit_of_validation_is_refused_and_most_else_is() -> None:
    generator = torch.Generator().manual_seed(1)
    labels = torch.cat([torch.randint(0, 10, (4000,), generator=generator), torch.full((1000,), NOT_A_DIGIT)])
    logits = torch.randn(5000, 11, generator=generator)
    logits[torch.arange(5000), labels] += 4.0
    model = build_model(ModelConfig(refuses=True))
    apply(calibrate(logits, labels), model)
    probability = calibrated_probabilities(model, logits)[1]
    refused = probability < 1 - model.refuse_above
    assert float(refused[labels != NOT_A_DIGIT].float().mean()) <= 0.0051
    assert float(refused[labels == NOT_A_DIGIT].float().mean()) > 0.5


def test_what_is_more_probably_a_digit_than_not_is_never_refused() -> None:
    logits = torch.zeros(100, 11)
    logits[:, 3] = 20.0
    assert calibrate(logits, torch.full((100,), 3)).refuse_above == 0.5


def test_probabilities_of_digits_sum_to_one_whatever_the_probability_of_none() -> None:
    model = Said(*[0.0] * 10, 3.0)
    of_digits, of_digit = calibrated_probabilities(model, model(torch.zeros(1, 1, 28, 28)).detach())
    assert torch.allclose(of_digits, torch.full((1, 10), 0.1))
    assert torch.allclose(of_digits.sum(1), torch.ones(1))
    assert abs(float(of_digit) - 10 / (10 + np.exp(3.0))) < 1e-6


def test_what_may_be_no_digit_is_no_sure_digit_either() -> None:
    model = Said(*[0.0] * 9, 20.0, 20.0)
    of_digits, of_digit = calibrated_probabilities(model, model(torch.zeros(1, 1, 28, 28)).detach())
    assert abs(float(of_digit) - 0.5) < 1e-4
    assert abs(float(of_digits[0, 9]) - 0.55) < 1e-4
    assert int(of_digits.argmax()) == 9


def test_a_model_of_ten_outputs_takes_everything_for_a_digit() -> None:
    model = Said(*map(float, range(10)))
    assert calibrated_probabilities(model, model(torch.zeros(1, 1, 28, 28)).detach())[1].tolist() == [1.0]


def test_a_refused_picture_comes_with_the_nearest_digit_as_a_guess() -> None:
    model = Said(*[0.0] * 7, 2.0, 0.0, 0.0, 9.0)
    apply(Calibration(1.0, 0.6), model)
    picture = Preprocessed(np.zeros((28, 28), np.uint8), Box(0, 0, 1, 1), inverted=False)
    answer = predict(model, [picture])[0]
    assert (answer.is_digit, answer.digit) == (False, 7)
    assert answer.digit_probability < 0.1
    assert abs(float(answer.probabilities.sum()) - 1) < 1e-5


def test_calibration_is_saved_with_the_weights_and_weights_without_it_still_load() -> None:
    model, same = build_model(ModelConfig(hidden=(4,))), build_model(ModelConfig(hidden=(4,)))
    apply(Calibration(1.7, 0.8), model)
    weights = model.state_dict()
    same.load_state_dict(weights)
    assert (round(float(same.temperature), 5), round(float(same.refuse_above), 5)) == (1.7, 0.8)
    fresh = build_model(ModelConfig(hidden=(4,)))
    fresh.load_state_dict({k: v for k, v in weights.items() if k not in ("temperature", "refuse_above")})
    assert (float(fresh.temperature), float(fresh.refuse_above)) == (1.0, 1.0)
