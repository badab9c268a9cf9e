"""All that made a run what it is, on its card: settings, data set, circumstances, and the commands that repeat it."""

from xml.etree.ElementTree import Element

from mnist_core import format as fmt
from mnist_core.datasets.registry import DATASETS
from mnist_core.export.command_line import PROGRAM, repeat_command, train_command
from mnist_core.figures.markup import tag
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.runs.settings import settings_shown


def facts_sections(run: Run, history: History) -> list[Element]:
    """Settings beside data set and circumstances."""
    left = tag("section", tag("h2", "Settings"), _list(_settings(run)))
    data = tag("section", tag("h2", "Data set"), _list(_data(run)))
    made_with = tag("section", tag("h2", "Made with"), _list(_made_with(run, history)))
    return [tag("div", left, tag("div", data, made_with), class_="columns")]


def repeat_section(run: Run) -> Element:
    """The commands that repeat it."""
    heading = tag("h2", "Repeat it")
    if run.base:
        words = (
            "It was taught from pictures that it alone holds, so it cannot be repeated from its settings. "
            "This teaches its base the handwriting that is kept now:"
        )
        return tag("section", heading, tag("p", words), _command(f"{PROGRAM} teach {run.base}"))
    written_out = "The same with every setting written out, for a machine that does not have this run:"
    if run.extended_by:
        written_out = (
            f"Its first {fmt.count(run.train.epochs, 'epoch')}, before it was extended, with every setting written out:"
        )
    return tag(
        "section",
        heading,
        tag("p", "In the workbench's folder. This trains it once more and says whether it came out identical:"),
        _command(repeat_command(run)),
        tag("p", written_out),
        _command(train_command(run)),
    )


def _settings(run: Run) -> dict[str, str]:
    return {label.lower(): value for label, value in settings_shown(run).items()} | {
        "parameters": fmt.count(run.parameters)
    }


def _data(run: Run) -> dict[str, str]:
    sizes = {name: fmt.count(size, "image") for name, size in run.split_sizes.items()}
    return {"name": f"{DATASETS.label(run.dataset)} ({run.dataset})", **sizes, "SHA-256": run.dataset_checksum}


def _made_with(run: Run, history: History) -> dict[str, str]:
    facts = {
        "machine": run.machine,
        "threads": str(run.threads),
        "training time": fmt.duration(history.elapsed_seconds),
        **{name: str(version) for name, version in run.versions.items()},
    }
    if run.base:
        facts["taught from"] = run.base
    if history.damaged_lines:
        facts["history"] = f"{fmt.count(history.damaged_lines, 'line')} of it cannot be read"
    return facts


def _list(facts: dict[str, str]) -> Element:
    items: list[Element] = []
    for name, value in facts.items():
        items += [tag("dt", name), tag("dd", value)]
    return tag("dl", *items)


def _command(command: str) -> Element:
    """Broken into lines between its words only: a hyphen at a line's end would read as one too many."""
    words = command.split(" ")
    return tag("pre", tag("code", *(part for word in words for part in (tag("span", word), " "))))
