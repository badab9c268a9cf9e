"""What a run gets wrong, on its card: the confusion matrix, and the mistakes it is surest of."""

from xml.etree.ElementTree import Element

import numpy as np

from mnist_core import format as fmt
from mnist_core.errors import CheckpointError, DatasetError
from mnist_core.export.command_line import PROGRAM
from mnist_core.figures.markup import data_uri, tag
from mnist_core.runs import evaluations
from mnist_core.runs.run import Run
from mnist_core.statistics.scores import confusion_matrix, most_confident_mistakes
from mnist_core.types import DIGITS, Evaluation

MAX_SHOWN = 12


def errors_sections(run: Run) -> list[Element]:
    """Of the exam if its result is kept, else of validation's; where neither is, how to get one."""
    try:
        evaluation = evaluations.load_evaluation(run, "test") or evaluations.load_evaluation(run, "validation")
    except CheckpointError as error:
        return [_unknown(str(error))]
    if evaluation is None:
        return [
            _unknown(
                "No evaluation is kept of these weights. ",
                tag("code", f"{PROGRAM} evaluate {run.run_id} --split validation"),
                " makes one, and so does the Evaluate page.",
            )
        ]
    return [tag("div", _matrix(evaluation), _mistakes(run, evaluation), class_="columns")]


def _unknown(*words: Element | str) -> Element:
    return tag("section", tag("h2", "Confusion matrix"), tag("p", *words))


def _matrix(evaluation: Evaluation) -> Element:
    matrix = confusion_matrix(evaluation)
    most = max(1, int((matrix - np.diag(np.diag(matrix))).max()))
    names = [tag("th", str(digit), scope="col") for digit in DIGITS]
    head = tag("thead", tag("tr", tag("td"), *names))
    rows = [_row(matrix, true, most) for true in DIGITS]
    caption = tag(
        "caption", f"{fmt.count(evaluation.n)} {evaluation.split} images. Rows: true digit; columns: read as. "
        "The redder, the more often wrong.",
    )  # fmt: skip
    table = tag("table", caption, head, tag("tbody", *rows), class_="matrix")
    return tag("section", tag("h2", "Confusion matrix"), table)


def _row(matrix: np.ndarray, true: int, most: int) -> Element:
    return tag("tr", tag("th", str(true), scope="row"), *(_cell(matrix, true, read, most) for read in DIGITS))


def _cell(matrix: np.ndarray, true: int, read: int, most: int) -> Element:
    count = int(matrix[true, read])
    if true == read:
        return tag("td", str(count), class_="right")
    return tag("td", str(count), style=f"--share: {100 * count / most:.0f}%") if count else tag("td")


def _mistakes(run: Run, evaluation: Evaluation) -> Element:
    places = most_confident_mistakes(evaluation)
    wrong = f"{fmt.count(len(places))} of {fmt.count(evaluation.n)} {evaluation.split} images read wrong"
    if not len(places):
        return _most_confident(f"{wrong}.")
    shown = places[:MAX_SHOWN]
    said = f"{wrong}; {'these are all of them' if len(shown) == len(places) else f'the {len(shown)} it was surest of'}."
    try:
        images = evaluations.read_split(run, evaluation.split).images
    except (DatasetError, CheckpointError) as error:
        return _most_confident(
            said, tag("p", f"The images themselves cannot be shown: {error}"), _list(evaluation, shown)
        )
    return _most_confident(
        said, tag("div", *(_figure(evaluation, index, images[index]) for index in shown), class_="digits")
    )


def _most_confident(said: str, *shown: Element) -> Element:
    return tag("section", tag("h2", "Its surest mistakes"), tag("p", said, class_="faint"), *shown)


def _figure(evaluation: Evaluation, index: int, image: np.ndarray) -> Element:
    true, read = evaluation.labels[index], evaluation.predictions[index]
    picture = tag("img", src=data_uri(image), alt=f"a handwritten {true}, read as {read}", width="56", height="56")
    return tag("figure", picture, tag("figcaption", _caption(evaluation, index)))


def _list(evaluation: Evaluation, shown: np.ndarray) -> Element:
    return tag("ul", *(tag("li", _caption(evaluation, index).replace("\n", ", ")) for index in shown))


def _caption(evaluation: Evaluation, index: int) -> str:
    row, true, read = evaluation.probabilities[index], evaluation.labels[index], evaluation.predictions[index]
    return f"read {read}: {fmt.confidence(row[read])}\ntrue {true}: {fmt.confidence(row[true])}"
