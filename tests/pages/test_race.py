"""The race on the Train page: shown for a preset's runs only, live and at the end, and fair in what it says."""

import json
from collections.abc import Callable
from dataclasses import asdict

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.format import duration
from mnist_core.insight import races
from mnist_core.insight.races import Reference
from mnist_core.runs.history import FILE
from mnist_core.runs.lock import hold
from mnist_core.runs.run import Run
from mnist_core.training import presets
from pages.components.train import live
from pages.components.train.live import watched
from pages.components.train.race import race_sentence

OPEN = Callable[..., AppTest]


@pytest.fixture
def reference() -> Reference:
    return next(known for known in races.references() if known.kind == "mlp")


@pytest.fixture
def racer(add_run: Callable[..., Run], no_mnist: None) -> Run:
    """A finished run with the settings of the fastest MLP; what it learned is of the small digits."""
    return a_racer(add_run)


def a_racer(add_run: Callable[..., Run], **changed: object) -> Run:
    preset = presets.preset("fastest", "mlp")
    sizes = {"train": 55_000, "validation": 5_000, "test": 10_000}
    settings = {"model": asdict(preset.model), "train": asdict(preset.train), "split_sizes": sizes}
    return add_run(**{"dataset": "mnist", **settings, **changed})


def rewrite(run: Run, *, pace: float, accuracy: float, reference: Reference, upto: int | None = None) -> None:
    """Give the run a history: the reference's steps at another pace, the last epoch ending with this accuracy."""
    epochs, total = len(reference.epoch_seconds), 216
    events: list[dict[str, object]] = [
        {"event": "started", "pid": 1, "host": "here", "step": 0, "epochs_done": 0, "epochs": epochs,
         "steps_per_epoch": total // epochs, "elapsed": 0.0}
    ]  # fmt: skip
    for step in range(1, (upto or total) + 1):
        seconds = pace * reference.seconds[-1] * step / total
        events.append({"event": "step", "step": step, "epoch": 1, "loss": 1.0, "accuracy": 0.9,
                       "learning_rate": 0.01, "images": 768, "elapsed": seconds})  # fmt: skip
    if upto is None:
        for epoch, seconds in enumerate(reference.epoch_seconds, start=1):
            judged = accuracy if epoch == epochs else 0.9
            events.append({"event": "epoch", "epoch": epoch, "step": epoch * total // epochs, "train_loss": 1.0,
                           "train_accuracy": 0.9, "validation_loss": 1.0, "validation_accuracy": judged,
                           "elapsed": pace * seconds})  # fmt: skip
        events.append({"event": "finished", "elapsed": pace * reference.epoch_seconds[-1]})
    lines = (json.dumps({"time": 1.0, **event}) for event in events)
    (run.folder / FILE).write_text("\n".join(lines) + "\n")


def kit(reference: Reference, **changed: object) -> dict[str, object]:
    """What a run says that ran on the reference's machine."""
    same = {name: getattr(reference, name) for name in ("machine", "threads", "precision", "versions")}
    return {**same, **changed}


def race(at: AppTest) -> str:
    """All that the race says; empty where there is none."""
    found = [section for section in at.expander if section.label.startswith("Race")]
    return "\n".join(element.value for section in found for element in [*section.markdown, *section.caption])


def test_a_run_with_other_settings_has_no_race(open_page: OPEN, trained_run: Run, no_mnist: None) -> None:
    assert not race(open_page("train", run=trained_run.run_id))
    assert watched(trained_run).news().race is None


@pytest.mark.parametrize(("pace", "words"), [(0.25, "ahead"), (4.0, "behind")])
def test_at_the_end_it_says_who_was_at_the_target_when(
    open_page: OPEN, racer: Run, reference: Reference, pace: float, words: str
) -> None:
    rewrite(racer, pace=pace, accuracy=0.983, reference=reference)
    said = race(open_page("train", run=racer.run_id))
    apart = abs(reference.arrival - pace * reference.epoch_seconds[-1])
    assert "You: 98 % after" in said
    assert "(98.30 % ± 0.36)" in said
    assert f"{words} by {duration(apart)}" in said


def test_a_lead_within_what_its_seeds_differ_by_is_called_so(racer: Run, reference: Reference) -> None:
    arrival = reference.arrival - 0.9 * reference.spread
    if reference.spread < 0.1:
        pytest.skip("the recorded seeds took the same time")
    rewrite(racer, pace=arrival / reference.epoch_seconds[-1], accuracy=0.983, reference=reference)
    said = race_sentence(racer, live.history_of(racer), "finished", reference)
    assert "within the spread of its own seeds" in said


def test_a_run_that_ended_below_the_target_is_not_there_and_told_what_to_do(
    open_page: OPEN, racer: Run, reference: Reference
) -> None:
    rewrite(racer, pace=0.5, accuracy=0.9794, reference=reference)
    said = race(open_page("train", run=racer.run_id))
    assert "**not reached**; the best of this run is 97.94 % ± 0.40" in said
    missed = sum(finish.seconds is None for finish in reference.finishes)
    assert (f"{missed} of its {len(reference.finishes)} seeds missed it too" in said) == (missed > 0)
    assert "Try another seed." in said


def test_while_it_trains_the_race_is_told_at_its_latest_step(open_page: OPEN, racer: Run, reference: Reference) -> None:
    rewrite(racer, pace=3.0, accuracy=0.0, reference=reference, upto=100)
    with hold(racer.folder / "lock"):
        said = race(open_page("train", run=racer.run_id))
    assert "You: not there yet, **behind by" in said
    assert "at step 100 of 216" in said


def test_before_the_first_step_it_says_what_is_to_beat(open_page: OPEN, racer: Run, reference: Reference) -> None:
    (racer.folder / FILE).unlink()
    said = race(open_page("train", run=racer.run_id))
    assert "You: not there yet, **level** at the start. The reference reached 98 % after" in said


def test_it_names_the_machine_it_was_recorded_on_and_that_yours_is_another(
    open_page: OPEN, add_run: Callable[..., Run], no_mnist: None, reference: Reference
) -> None:
    said = race(open_page("train", run=a_racer(add_run, **kit(reference, machine="An abacus, 1 cores")).run_id))
    assert reference.machine in said
    assert "Yours differs: An abacus, 1 cores." in said


def test_the_same_machine_is_not_called_another(
    open_page: OPEN, add_run: Callable[..., Run], no_mnist: None, reference: Reference
) -> None:
    assert "Yours ran on the same." in race(open_page("train", run=a_racer(add_run, **kit(reference)).run_id))


def test_the_feed_sends_the_races_figure_after_the_others(racer: Run, reference: Reference) -> None:
    rewrite(racer, pace=1.0, accuracy=0.983, reference=reference)
    head, *figures = watched(racer).news().message(1.0).split("\n")
    assert json.loads(head)["state"].startswith("finished")
    assert [json.loads(figure)["layout"]["xaxis"]["title"]["text"] for figure in figures[::2]] == [
        "epoch",
        "epoch",
        "training time (s)",
    ]
