"""What a person writes down about a run: a note and a few tags, in a file of their own beside `run.json`."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mnist_core.decode import DamagedFileError, read_json
from mnist_core.errors import CheckpointError, ConfigError
from mnist_core.files import replacing
from mnist_core.runs.lock import editing
from mnist_core.runs.run import Run, ensure_present

FILE = "notes.json"
MAX_NOTE = 2000  # characters
MAX_TAG = 24  # characters
MAX_TAGS = 12  # on one run
MAX_FILE = 50_000  # bytes


@dataclass(frozen=True)
class Notes:
    """Nothing, until somebody writes something."""

    note: str = ""
    tags: tuple[str, ...] = ()  # sorted, each once

    def tagged(self, add: Iterable[str] = (), remove: Iterable[str] = ()) -> "Notes":
        """The same note with other tags.

        Raises:
            ConfigError: if a tag is too long or they are too many.
        """
        gone = {tag.casefold() for tag in map(_clean_tag, remove)}
        kept = [tag for tag in self.tags if tag.casefold() not in gone]
        return Notes(self.note, clean_tags([*kept, *add]))


def clean_note(text: str) -> str:
    """Raises ConfigError if it is too long."""
    text = text.strip()
    if len(text) > MAX_NOTE:
        raise ConfigError(f"a note can have at most {MAX_NOTE} characters; this one has {len(text)}")
    return text


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Sorted, each once whatever its capitals, spaces and commas tidied.

    Raises:
        ConfigError: if one is too long or they are too many.
    """
    by_meaning: dict[str, str] = {}
    for tag in map(_clean_tag, tags):
        if tag:
            by_meaning.setdefault(tag.casefold(), tag)
    if len(by_meaning) > MAX_TAGS:
        raise ConfigError(f"a run can have at most {MAX_TAGS} tags; these are {len(by_meaning)}")
    return tuple(sorted(by_meaning.values(), key=str.casefold))


def load_notes(run: Run) -> Notes:
    """What was written down; nothing where there is no file.

    Raises:
        CheckpointError: naming the file, if it is damaged.
    """
    path = run.folder / FILE
    try:
        notes = read_json(path, Notes, most=MAX_FILE)
        return Notes(clean_note(notes.note), clean_tags(notes.tags))
    except FileNotFoundError:
        return Notes()
    except (DamagedFileError, ConfigError) as error:
        raise CheckpointError(f"{path} is damaged ({error}): write the note again, or delete the file") from error


def save_notes(run: Run, notes: Notes, *, instead_of: Notes | None = None) -> None:
    """Save them, replacing what was there before.

    Args:
        instead_of: what the writer had read; if something else is there by now, it is not replaced.
    Raises:
        CheckpointError: if the run is gone, is a shipped one, its folder cannot be written, or it is another note by
            now.
        ConfigError: if the note or a tag is too long, or the tags are too many.
    """

    def change(there: Notes) -> Notes:
        if instead_of not in (None, there):
            said = f"it says “{there.note}”" if there.note else "it is empty"
            raise CheckpointError(
                f"the note and tags of {run.run_id} were changed elsewhere meanwhile: {said}. Copy your own, close "
                "this and open it anew"
            )
        return notes

    change_notes(run, change)


def change_notes(run: Run, change: Callable[[Notes], Notes]) -> Notes:
    """Save what `change` makes of what is there, which nobody else changes meanwhile; of a damaged file nothing is.

    Raises: as `save_notes`.
    """
    ensure_present(run)
    if run.shipped:
        raise CheckpointError(f"{run.run_id} ships with the app; notes are for your own runs")
    try:
        with editing(run.folder.parent):
            ensure_present(run)
            notes = change(_there(run))
            kept = {"note": clean_note(notes.note), "tags": list(clean_tags(notes.tags))}
            with replacing(run.folder / FILE) as beside:
                beside.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf8")
    except OSError as error:
        raise CheckpointError(f"cannot write {run.folder / FILE}: {error.strerror}") from error
    return notes


def _there(run: Run) -> Notes:
    try:
        return load_notes(run)
    except CheckpointError:
        return Notes()  # a new note is the way out


def _clean_tag(tag: str) -> str:
    tag = " ".join(tag.replace(",", " ").split()).removeprefix("#")
    if len(tag) > MAX_TAG:
        raise ConfigError(f"a tag can have at most {MAX_TAG} characters; {tag!r} has {len(tag)}")
    return tag
