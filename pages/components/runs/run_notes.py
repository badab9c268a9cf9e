"""What a person writes about runs: a note on one, tags on several at once."""

from collections.abc import Callable, Iterable, Sequence

import streamlit as st

from mnist_core.errors import CheckpointError, MnistError
from mnist_core.runs import notes
from mnist_core.runs.notes import MAX_NOTE, MAX_TAG, MAX_TAGS, Notes
from mnist_core.runs.run import Run
from pages.components.shared import format as fmt
from pages.components.shared.labels import plain

MAX_SHOWN = 20  # tags in use, below where one is typed


def show_notes(run: Run) -> None:
    """What was written about one run."""
    try:
        written = notes.load_notes(run)
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    if written.tags:
        with st.container(horizontal=True, gap="xsmall"):
            for tag in written.tags:
                st.badge(plain(tag), color="gray", icon=":material/label:")
    if written.note:
        st.text(written.note)


def offer_notes(own: Sequence[Run], known_tags: Iterable[str]) -> None:
    """Buttons to edit the note and tags of one run, or the tags of several at once."""
    tags = sorted(set(known_tags), key=str.casefold)
    if len(own) == 1:
        st.button("Note and tags", icon=":material/edit_note:", on_click=_open, args=(own[0], tags), key="note_run")
    else:
        st.button("Tags", icon=":material/label:", on_click=_tag, args=(own, tags), key="tag_runs")


def _open(run: Run, known_tags: Sequence[str]) -> None:
    """What is there is read once: if it changes while somebody writes, what they wrote must not be lost, nor that."""
    try:
        _write(run, known_tags, notes.load_notes(run), "")
    except CheckpointError as error:
        _write(run, known_tags, Notes(), str(error))


@st.dialog("Note and tags", on_dismiss="rerun")
def _write(run: Run, known_tags: Sequence[str], written: Notes, damage: str) -> None:
    if damage:
        st.warning(plain(damage), icon=":material/warning:")
    with st.form("write_note", border=False):
        note = st.text_area(
            "Note", written.note, max_chars=MAX_NOTE, height=140, key=f"note_{run.run_id}",
            placeholder="What did you want to find out, and what was the result?",
        )  # fmt: skip
        tags = _tags("Tags", known_tags, written.tags, key=f"tags_{run.run_id}")
        if st.form_submit_button("Save", type="primary", key="save_note"):
            _save([run], lambda one: notes.save_notes(one, Notes(note, tags), instead_of=None if damage else written))


@st.dialog("Tags", on_dismiss="rerun")
def _tag(chosen: Sequence[Run], known_tags: Sequence[str]) -> None:
    st.write(f"For {fmt.count(len(chosen), 'run')}: {', '.join(plain(run.title) for run in chosen[:5])}"
             f"{' and others' if len(chosen) > 5 else ''}.")  # fmt: skip
    there = sorted({tag for run in chosen for tag in _read(run).tags}, key=str.casefold)
    with st.form("tag_runs_form", border=False):
        add = _tags("Add", known_tags, (), key="tags_to_add")
        remove = st.pills("Remove", there, selection_mode="multi", key="tags_to_remove") if there else []
        if st.form_submit_button("Save", type="primary", key="save_tags"):
            _save(chosen, lambda one: notes.change_notes(one, lambda there: there.tagged(add, remove)))


def _tags(label: str, in_use: Sequence[str], there: Sequence[str], *, key: str) -> tuple[str, ...]:
    text = st.text_input(
        label, ", ".join(there), key=key, placeholder="separated by commas: baseline, try again",
        max_chars=MAX_TAGS * (MAX_TAG + 2),
    )  # fmt: skip
    if in_use:
        st.caption(f"In use: {', '.join(map(plain, in_use[:MAX_SHOWN]))}")
    return tuple(text.split(","))


def _save(chosen: Sequence[Run], save: Callable[[Run], object]) -> None:
    refused = []
    for run in chosen:
        try:
            save(run)
        except MnistError as error:
            refused.append(str(error))
    for why in refused:
        st.error(plain(why))
    if not refused:
        st.rerun()


def _read(run: Run) -> Notes:
    try:
        return notes.load_notes(run)
    except CheckpointError:
        return Notes()
