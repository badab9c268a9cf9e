"""A run on one page: a single HTML file to read, print and pass on, which needs nothing but itself.

It only says what was kept: it judges nothing itself, least of all on the test split.
"""

import json
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, fromstring

from mnist_core import format as fmt
from mnist_core.export.card_errors import errors_sections
from mnist_core.export.card_facts import facts_sections, repeat_section
from mnist_core.export.card_results import results_section
from mnist_core.export.card_style import STYLE
from mnist_core.figures.curve_svg import curve_svg
from mnist_core.figures.markup import tag, to_html
from mnist_core.runs.history import History
from mnist_core.runs.run import Run, ensure_present
from mnist_core.runs.status import read_history, status_of

NOTES_FILE = "notes.json"  # {"note": text, "tags": [text]}: a person's own words about the run, if there are any
NOTHING_FROM_OUTSIDE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def no_card(run: Run, reason: str) -> str:
    """What takes a card's place where there can be none: a document that says why."""
    title = f"No card of {run.title}"
    head = tag("head", tag("meta", charset="utf-8"), tag("title", title), tag("style", STYLE))
    return to_html(tag("html", head, tag("body", tag("h1", title), tag("p", reason)), lang="en"))


def card(run: Run) -> str:
    """An HTML document about a run in whatever state it is. What is damaged is said in its place.

    Raises:
        CheckpointError: if the run has been deleted.
    """
    ensure_present(run)
    history = read_history(run)
    title = f"{run.title} – run card"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=NOTHING_FROM_OUTSIDE),
        tag("title", title),
        tag("style", STYLE),
    )
    main = tag(
        "main",
        _header(run, history),
        *_notes(run),
        results_section(run, history),
        _curves(history),
        *errors_sections(run),
        *facts_sections(run, history),
        repeat_section(run),
    )
    return to_html(tag("html", head, tag("body", main), lang="en"))


def _header(run: Run, history: History) -> Element:
    created = datetime.fromisoformat(run.created).astimezone(UTC)
    return tag(
        "header",
        tag("h1", run.title),
        tag("p", f"{run.run_id} · created {moment(created)} · {_status(run, history)}", class_="faint"),
    )


def _status(run: Run, history: History) -> str:
    status = status_of(run, history)
    done = f"{history.last_epoch} of {fmt.count(run.epochs, 'epoch')}"
    ended = f" {moment(datetime.fromtimestamp(history.last_time, UTC))}" if history.last_time else ""
    if status == "failed":
        return f"failed{ended} after {done}: {history.error}"
    return f"finished{ended}" if status == "finished" else f"{status}{ended}, {done} done"


def _notes(run: Run) -> list[Element]:
    """What a person wrote about the run, if anything."""
    path = run.folder / NOTES_FILE
    try:
        note, tags = _read_notes(path.read_text(encoding="utf8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        return [tag("section", tag("h2", "Notes"), tag("p", f"{path} is damaged: {error}"))]
    written = [tag("p", note, class_="note")] if note else []
    if tags:
        written.append(tag("p", *(tag("span", word) for word in tags), class_="tags"))
    return [tag("section", tag("h2", "Notes"), *written)] if written else []


def _read_notes(text: str) -> tuple[str, list[str]]:
    values = json.loads(text)
    if not isinstance(values, dict):
        raise ValueError("not an object")
    note, tags = values.get("note", ""), values.get("tags", [])
    if not isinstance(note, str) or not isinstance(tags, list) or not all(isinstance(word, str) for word in tags):
        raise ValueError("not a note and tags")
    return note, tags


def _curves(history: History) -> Element:
    loss = tag("section", tag("h2", "Loss"), fromstring(curve_svg(history, "loss")))
    accuracy = tag("section", tag("h2", "Accuracy"), fromstring(curve_svg(history, "accuracy")))
    return tag("div", loss, accuracy, class_="columns")


def moment(then: datetime) -> str:
    return f"{then.day} {then:%b %Y, %H:%M} UTC"
