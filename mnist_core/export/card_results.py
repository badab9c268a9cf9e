"""The results on a run's card: each accuracy with its interval, and plainly whether the exam was taken."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from mnist_core import format as fmt
from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import CheckpointError
from mnist_core.figures.markup import tag
from mnist_core.finetuning import finetune
from mnist_core.runs import evaluations
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.statistics.scores import accuracy_interval, wilson_interval
from mnist_core.types import Interval

COLUMNS = ("", "Accuracy, 95 % interval", "Loss (nats)", "Images")


def results_section(run: Run, history: History) -> Element:
    """Validation's best epoch, the exam, and what teaching changed."""
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") if name else tag("td") for name in COLUMNS)))
    rows = [_validation_row(run, history), _test_row(run), *_teaching_rows(run)]
    return tag("section", tag("h2", "Results"), tag("table", head, tag("tbody", *rows), class_="results"))


def _validation_row(run: Run, history: History) -> Element:
    best, n = history.best, run.split_sizes["validation"]
    if best is None:
        return _words_row("Validation", "No epoch is done yet.")
    interval = wilson_interval(round(best.validation_accuracy * n), n)
    figures = _figures(best.validation_accuracy, interval, best.validation_loss, n)
    return _row("Validation", figures, f"epoch {best.epoch} of {run.epochs}, the best")


def _test_row(run: Run) -> Element:
    try:
        evaluation, taken = evaluations.load_evaluation(run, "test"), evaluations.times_taken(run, "test")
    except CheckpointError as error:
        return _words_row("Test", str(error))
    if evaluation is None and taken:
        return _words_row("Test", f"Exam not taken by these weights; {_times(taken)} by earlier ones.")
    if evaluation is None:
        return _words_row("Test", "Exam not taken.")
    figures = _figures(evaluation.accuracy, accuracy_interval(evaluation), evaluation.loss, evaluation.n)
    return _row("Test", figures, f"the exam, taken {_times(taken)}")


def _teaching_rows(run: Run) -> list[Element]:
    """Before and after, where a run was taught a person's hand."""
    if not run.base:
        return []
    try:
        report = finetune.load_report(run.folder)
    except CheckpointError as error:
        return [_words_row("Teaching", str(error))]
    own, old = (report.own, report.old) if report else (None, None)
    compared = {"The person's digits": own, f"{DATASETS.label(run.dataset)} validation": old}
    rows = []
    for name, comparison in compared.items():
        if not comparison:
            rows.append(_words_row(name, "Too few to tell, or not judged yet."))
            continue
        for when, right, interval in (
            ("before", comparison.before, comparison.interval_before),
            ("after", comparison.after, comparison.interval_after),
        ):
            share = fmt.accuracy_range(right / comparison.n, interval)
            rows.append(_row(name, (share, "", fmt.count(comparison.n)), f"{when} teaching"))
    return rows


def _figures(accuracy: float, interval: Interval, loss: float, n: int) -> tuple[str, str, str]:
    return fmt.accuracy(accuracy, interval), fmt.loss(loss), fmt.count(n)


def _row(name: str, figures: Sequence[str], remark: str) -> Element:
    accuracy, *others = figures
    head = tag("th", name, " ", tag("span", remark), scope="row")
    return tag("tr", head, tag("td", accuracy, class_="accuracy"), *(tag("td", text) for text in others))


def _words_row(name: str, words: str) -> Element:
    return tag("tr", tag("th", name, scope="row"), tag("td", words, colspan="3"))


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
