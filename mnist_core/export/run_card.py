"""A run on one page: an HTML file to read, print or share. `run_card.html` is its template.

A card reports what has been saved. It evaluates nothing itself, least of all on the test split.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_core import format as fmt
from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import CheckpointError
from mnist_core.export.command_line import PROGRAM, repeat_command, train_command
from mnist_core.export.mistakes import Mistakes, images_of, load_mistakes
from mnist_core.figures import palette
from mnist_core.figures.curve_svg import curve_svg
from mnist_core.finetuning import finetune
from mnist_core.runs import evaluations
from mnist_core.runs.history import History
from mnist_core.runs.notes import Notes, load_notes
from mnist_core.runs.run import Run, ensure_present
from mnist_core.runs.settings import settings_shown
from mnist_core.runs.status import read_history, status_of
from mnist_core.statistics.wilson import accuracy_interval, wilson_interval

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = "run_card.html"
COLOURS = {
    "paper": palette.PAPER,
    "ink": palette.INK,
    "faint-ink": palette.FAINT_INK,
    "rule": palette.RULE,
    "tile": palette.TILE,
    "wash": palette.ERROR_WASH[1],
}
# What HTML has no place for: control characters, and halves of surrogate pairs, which JSON may smuggle in.
_IMPOSSIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Result:
    """A row of the results: which images, which weights, and their figures, or the reason why there are none."""

    images: str  # "MNIST test"
    weights: str = ""  # "best weights, epoch 3 of 4"
    accuracy: str = ""  # with its 95 % interval
    loss: str = ""
    n: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Step:
    """A command with what it is for."""

    purpose: str
    command: str


@dataclass(frozen=True)
class RunCard:
    """Everything a card says, in words ready to be read."""

    title: str
    subtitle: str
    notes: Notes | str  # or why they cannot be read
    results: list[Result]
    curves: dict[str, str]  # each title with its SVG
    mistakes: Mistakes | str | None  # or why they cannot be read; None before any evaluation
    settings: dict[str, str]
    data: dict[str, str]
    environment: dict[str, str]
    reproduce: list[Step]
    evaluate_command: str


def card_html(run: Run) -> str:
    """An HTML document about a run, whatever its state. Where something is damaged, the card says so.

    Raises:
        CheckpointError: if the run has been deleted.
    """
    return _render(card=gather(run), title=f"{run.title} – run card")


def no_card_html(run: Run, reason: str) -> str:
    """What takes a card's place where there can be none: a document that says why."""
    return _render(card=None, title=f"No run card for {run.title}", reason=reason)


def gather(run: Run) -> RunCard:
    """Everything that has been kept of a run.

    Raises:
        CheckpointError: if the run has been deleted.
    """
    ensure_present(run)
    history = read_history(run)
    created = datetime.fromisoformat(run.created).astimezone(UTC)
    return RunCard(
        title=run.title,
        subtitle=f"{run.run_id} · created {_moment(created)} · {_status(run, history)}",
        notes=_notes(run),
        results=[_validation_result(run, history), _test_result(run), *_fine_tuning_results(run)],
        curves={"Loss": curve_svg(history, "loss"), "Accuracy": curve_svg(history, "accuracy")},
        mistakes=_mistakes(run),
        settings=_settings(run),
        data=_data(run),
        environment=_environment(run, history),
        reproduce=_reproduce(run),
        evaluate_command=f"{PROGRAM} evaluate {run.run_id} --split validation",
    )


def _render(**values: Any) -> str:
    on_dark = {name: palette.ON_DARK[colour] for name, colour in COLOURS.items()}
    html = _template().render(colours=COLOURS, colours_on_dark=on_dark, **values)
    return _IMPOSSIBLE.sub("\ufffd", html)


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # a page that only offers a card needs none

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,  # so that no text from a file can become markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    ).get_template(TEMPLATE)


def _status(run: Run, history: History) -> str:
    status = status_of(run, history)
    done = f"{history.last_epoch} of {fmt.count(run.epochs, 'epoch')}"
    ended = f" {_moment(datetime.fromtimestamp(history.last_time, UTC))}" if history.last_time else ""
    if status == "failed":
        return f"failed{ended} after {done}: {history.error}"
    if history.stopped_early:
        return f"finished{ended}, stopped early after {done}"
    return f"finished{ended}" if status == "finished" else f"{status}{ended}, {done} done"


def _notes(run: Run) -> Notes | str:
    try:
        return load_notes(run)
    except CheckpointError as error:
        return str(error)


def _validation_result(run: Run, history: History) -> Result:
    images, best, n = images_of(run, "validation"), history.best, run.split_sizes["validation"]
    if best is None:
        return Result(images, missing="No epoch has finished yet.")
    interval = wilson_interval(round(best.validation_accuracy * n), n)
    accuracy, loss = fmt.accuracy(best.validation_accuracy, interval), fmt.loss(best.validation_loss)
    return Result(images, f"best weights, epoch {best.epoch} of {run.epochs}", accuracy, loss, fmt.count(n))


def _test_result(run: Run) -> Result:
    images = images_of(run, "test")
    try:
        evaluation, times = evaluations.load_evaluation(run, "test"), evaluations.times_taken(run, "test")
    except CheckpointError as error:
        return Result(images, missing=str(error))
    if evaluation is None and times:
        return Result(
            images, missing=f"These weights have not been evaluated; earlier ones were evaluated {_times(times)}."
        )
    if evaluation is None:
        return Result(images, missing="Not evaluated yet.")
    accuracy = fmt.accuracy(evaluation.accuracy, accuracy_interval(evaluation))
    weights = f"best weights, evaluated {_times(times)}"
    return Result(images, weights, accuracy, fmt.loss(evaluation.loss), fmt.count(evaluation.n))


def _fine_tuning_results(run: Run) -> Iterator[Result]:
    """Before and after, where a run was fine-tuned on a person's handwriting."""
    if not run.base:
        return
    try:
        report = finetune.load_report(run.folder)
    except CheckpointError as error:
        yield Result("Fine-tuning", missing=str(error))
        return
    own, old = (report.own, report.old) if report else (None, None)
    for images, comparison in {"Own digits": own, images_of(run, "validation"): old}.items():
        if not comparison:
            yield Result(images, "before and after fine-tuning", missing="Not evaluated yet, or too few images.")
            continue
        n = comparison.n
        before = fmt.accuracy_range(comparison.before / n, comparison.interval_before)
        after = fmt.accuracy_range(comparison.after / n, comparison.interval_after)
        yield Result(images, "before fine-tuning", before, n=fmt.count(n))
        yield Result(images, "after fine-tuning", after, n=fmt.count(n))


def _mistakes(run: Run) -> Mistakes | str | None:
    try:
        return load_mistakes(run)
    except CheckpointError as error:
        return str(error)


def _settings(run: Run) -> dict[str, str]:
    shown = {label.lower(): value for label, value in settings_shown(run).items()}
    return {**shown, "parameters": fmt.count(run.parameters)}


def _data(run: Run) -> dict[str, str]:
    sizes = {name: fmt.count(size, "image") for name, size in run.split_sizes.items()}
    return {"name": f"{DATASETS.label(run.dataset)} ({run.dataset})", **sizes, "SHA-256": run.dataset_checksum}


def _environment(run: Run, history: History) -> dict[str, str]:
    facts = {
        "machine": run.machine,
        "threads": str(run.threads),
        "training time": fmt.duration(history.elapsed_seconds),
        **{name: str(version) for name, version in run.versions.items()},
    }
    if run.base:
        facts["fine-tuned from"] = run.base
    if history.damaged_lines:
        facts["history"] = f"{fmt.count(history.damaged_lines, 'line')} cannot be read"
    return facts


def _reproduce(run: Run) -> list[Step]:
    if run.base:
        taught = (
            "This run was fine-tuned on pictures that only its own folder holds, so its settings alone cannot "
            "reproduce it. This fine-tunes the same base on the handwriting collected so far:"
        )
        return [Step(taught, f"{PROGRAM} teach {run.base}")]
    written_out = "The same training with every setting written out, for a machine that does not have this run:"
    if run.extended_by:
        first = fmt.count(run.train.epochs, "epoch")
        written_out = f"Its first {first}, before it was extended, with every setting written out:"
    again = "In the workbench’s folder, this trains it again and reports whether the result is identical:"
    return [Step(again, repeat_command(run)), Step(written_out, train_command(run))]


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _moment(then: datetime) -> str:
    return f"{then.day} {then:%b %Y, %H:%M} UTC"
