"""Several runs side by side: their results, whether these differ at all, and the settings that do."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import CheckpointError
from mnist_core.insight.compare import (
    Answers,
    Entry,
    SeedVerdict,
    Verdict,
    key_of,
    runs_in,
    shared_evaluations,
    verdicts,
)
from mnist_core.runs.run import Run
from mnist_core.runs.seeds import SeedGroup
from mnist_core.statistics.spread import spread
from mnist_core.types import SplitName
from pages.components.runs.difference_sentence import EVALUATION_WORDS, in_short, sentence
from pages.components.runs.missing_evaluations import offer_judging
from pages.components.runs.run_curves import names_of
from pages.components.runs.runs_rows import Row, settings_of
from pages.components.shared import address
from pages.components.shared import format as fmt
from pages.components.shared.cached import Mark, answers_of
from pages.components.shared.labels import plain

MAX_SENTENCES = 10  # verdicts in words; the table has all
MAX_LINES, TALLEST = 12, 460  # of a table; a longer one is that many pixels high, and scrolled
MISSING = "–"

Rows = Mapping[str, Row]  # by run id


def show_comparison(entries: Sequence[Entry], rows: Rows) -> None:
    """Results with verdicts, and the settings that differ, of two or more."""
    if len(entries) > 1:
        _show_results(entries, rows)
    elif isinstance(entries[0], SeedGroup):
        st.subheader("Results", anchor=False)
        _results_table(entries, names_of(entries), rows, {})
    _show_settings(entries)


def _show_results(entries: Sequence[Entry], rows: Rows) -> None:
    st.subheader("Results", anchor=False)
    names = names_of(entries)
    place = _reference(entries)
    reference, others = entries[place], [entry for entry in entries if entry is not entries[place]]
    found = verdicts(reference, others, _answers, lambda run, split: _accuracy(rows[run.run_id], split))
    named = dict(zip(map(key_of, entries), names, strict=True))
    said = {key: in_short(verdict) for key, verdict in found.items()}
    _results_table(entries, names, rows, {key_of(reference): "reference", **said})
    for entry in others[:MAX_SENTENCES]:
        key = key_of(entry)
        if key in found:
            st.markdown(sentence(found[key], named[key], names[place]))
        else:
            st.markdown(_why_none(named[key], names[place], entry, reference))
    if len(others) > MAX_SENTENCES:
        st.caption(f"The verdicts on the other {len(others) - MAX_SENTENCES} are in the table.")
    _say_how(list(found.values()))
    offer_judging(reference, others, [run for entry in entries for run in runs_in(entry)], rows)


def _reference(entries: Sequence[Entry]) -> int:
    """Which one the others are compared with: the baseline, and where none is pinned the first."""
    pinned = address.runs_view().against
    return next((i for i, entry in enumerate(entries) if pinned in {run.run_id for run in runs_in(entry)}), 0)


def _results_table(entries: Sequence[Entry], names: Sequence[str], rows: Rows, said: Mapping[str, str]) -> None:
    lines: list[dict[str, Any]] = []
    for entry, name in zip(entries, names, strict=True):
        members = [rows[run.run_id] for run in runs_in(entry)]
        lines.append({
            "run": name,
            "best validation": _accuracies([row.validation for row in members]),
            "test": _accuracies([row.test for row in members]),
            **({"verdict": said.get(key_of(entry), "not compared")} if said else {}),
            "parameters": members[0].run.parameters,
            "training time": fmt.duration(sum(row.history.elapsed_seconds for row in members) / len(members)),
        })  # fmt: skip
    st.dataframe(
        {name: [line[name] for line in lines] for name in lines[0]},
        hide_index=True,
        height="content" if len(lines) <= MAX_LINES else TALLEST,
        column_config={
            "run": st.column_config.TextColumn(pinned=True, width=130),
            "parameters": st.column_config.NumberColumn(format="localized", alignment="left"),
            "training time": st.column_config.TextColumn(help="For several seeds, the mean."),
        },
        alt=f"Results of {fmt.count(len(lines), 'row')}: accuracies with their intervals, parameters, training time.",
    )
    if any(isinstance(entry, SeedGroup) for entry in entries):
        st.caption("For several seeds: mean ± standard deviation over the seeds, and their range.")


def _accuracies(marks: Sequence[Mark | None]) -> str:
    """One accuracy with its interval; of several their mean, standard deviation and range."""
    known = [mark for mark in marks if mark]
    if not known:
        return MISSING
    if len(marks) == 1:
        return fmt.accuracy(known[0].accuracy, known[0].interval)
    if len(known) == 1:
        return f"{fmt.accuracy(known[0].accuracy, known[0].interval)} (1 of {len(marks)})"
    text = fmt.accuracy_spread(spread([mark.accuracy for mark in known]))
    return text if len(known) == len(marks) else f"{text} ({len(known)} of {len(marks)})"


def _answers(run: Run, split: SplitName) -> Answers | None:
    try:
        return answers_of(run, split)
    except CheckpointError:
        return None  # the table names what is damaged


def _accuracy(row: Row, split: SplitName) -> float | None:
    mark = row.test if split == "test" else row.validation
    return mark.accuracy if mark else None


def _why_none(name: str, reference_name: str, entry: Entry, reference: Entry) -> str:
    first, second = runs_in(reference)[0], runs_in(entry)[0]
    pair = f"**{plain(name)}** and **{plain(reference_name)}**"
    if shared_evaluations(first, second):
        return f"{pair}: not compared yet: they have not both been evaluated on the same images."
    if first.dataset != second.dataset:
        data = f"{DATASETS.label(second.dataset)} and {DATASETS.label(first.dataset)}"
        return f"{pair}: cannot be compared. They were trained on {data}, whose images differ."
    return (
        f"{pair}: cannot be compared. Both were trained on {DATASETS.label(first.dataset)}, but it has changed "
        "in between, so their images differ."
    )


def _say_how(found: Sequence[Verdict | SeedVerdict]) -> None:
    """By which test, in a sentence or two."""
    said = []
    if any(isinstance(verdict, Verdict) for verdict in found):
        said.append("p: how often chance alone would set them as far apart (McNemar's exact test on the same images).")
    if any(isinstance(verdict, SeedVerdict) for verdict in found):
        said.append("Several seeds are compared by the accuracy of each run (exact rank-sum test).")
    if len(found) > 1:
        said.append(
            f"With {len(found)} comparisons, a difference by chance is more likely: each p is raised for that "
            "(Holm's correction)."
        )
    if any(verdict.split == "validation" for verdict in found):
        said.append(
            f"{EVALUATION_WORDS['validation'].capitalize()} images chose the best epoch, "
            "so scores on them are slightly optimistic."
        )
    if len(found) > 1:
        said.append("Pin another run in the table to compare with that one.")
    if said:
        st.caption(" ".join(said))


def _show_settings(entries: Sequence[Entry]) -> None:
    """A table of the settings that are not the same in all runs."""
    chosen = [run for entry in entries for run in runs_in(entry)]
    if len(chosen) < 2:
        return
    st.subheader("Settings that differ", anchor=False)
    settings = [settings_of(run) for run in chosen]
    differing = [name for name in settings[0] if len({line[name] for line in settings}) > 1]
    if len({(run.dataset, run.dataset_checksum) for run in chosen}) > len({run.dataset for run in chosen}):
        st.caption("These runs did not all use the same images: a data set changed in between.")
    if not differing:
        st.write("None: these runs have the same settings and the same seed.")
    elif differing == ["seed"]:
        st.write(f"Only the seed differs ({_listed(run.train.seed for run in chosen)}).")
    else:
        _settings_table(entries, differing)


def _settings_table(entries: Sequence[Entry], differing: Sequence[str]) -> None:
    lines = [settings_of(runs_in(entry)[0]) for entry in entries]
    if any(isinstance(entry, SeedGroup) for entry in entries):
        for line, entry in zip(lines, entries, strict=True):
            line["seed"] = _listed(sorted(run.train.seed for run in runs_in(entry)))
    st.dataframe(
        {"run": names_of(entries), **{name: [line[name] for line in lines] for name in differing}},
        hide_index=True,
        height="content" if len(lines) <= MAX_LINES else TALLEST,
        column_config={
            **{name: st.column_config.Column(alignment="left") for name in differing},
            "run": st.column_config.TextColumn(pinned=True, width=130),
            "learning rate": st.column_config.NumberColumn(format="%g", alignment="left"),
            "weight decay": st.column_config.NumberColumn(format="%g", alignment="left"),
            "dropout": st.column_config.NumberColumn(format="%g", alignment="left"),
            "label smoothing": st.column_config.NumberColumn(format="%g", alignment="left"),
        },
        alt=f"The settings in which {fmt.count(len(lines), 'row')} differ: {', '.join(differing)}.",
    )
    st.caption("All other settings are the same.")


def _listed(seeds: Iterable[int]) -> str:
    return ", ".join(map(str, seeds))
