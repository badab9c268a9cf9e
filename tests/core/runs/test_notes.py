"""Notes and tags: kept beside the run, bounded, and named where they are damaged."""

import json

import pytest

from mnist_core import paths
from mnist_core.__main__ import main
from mnist_core.errors import CheckpointError, ConfigError
from mnist_core.runs import notes, store
from mnist_core.runs.notes import MAX_FILE, MAX_NOTE, MAX_TAG, MAX_TAGS, Notes, load_notes, save_notes
from mnist_core.runs.run import SHIPPED_FILE, Run, load_run


def test_what_was_written_is_read_again(run: Run) -> None:
    assert load_notes(run) == Notes()
    save_notes(run, Notes("Zu steil am Anfang — “7” ohne Strich", ("wide", "baseline")))
    assert load_notes(run) == Notes("Zu steil am Anfang — “7” ohne Strich", ("baseline", "wide"))
    assert load_run(run.folder) == run


def test_tags_are_tidied_and_each_stands_once() -> None:
    assert notes.clean_tags(["  two  words ", "#Hash", "hash", "a,b", "", ","]) == ("a b", "Hash", "two words")


def test_tags_are_added_and_taken_away_whatever_their_capitals() -> None:
    assert Notes("n", ("old", "wide")).tagged(["New"], ["OLD", "unknown"]) == Notes("n", ("New", "wide"))


@pytest.mark.parametrize(
    "wanted",
    [Notes("x" * (MAX_NOTE + 1)), Notes(tags=("t" * (MAX_TAG + 1),)),
     Notes(tags=tuple(str(n) for n in range(MAX_TAGS + 1)))],
)  # fmt: skip
def test_what_is_too_long_is_refused_and_changes_nothing(run: Run, wanted: Notes) -> None:
    save_notes(run, Notes("kept"))
    with pytest.raises(ConfigError, match="at most"):
        save_notes(run, wanted)
    assert load_notes(run) == Notes("kept")


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"note": 1, "tags": []}', '{"note": "", "tags": "x"}', '{"note": "", "tags": [1]}',
     " " * (MAX_FILE + 1), json.dumps({"note": "", "tags": ["t" * 99]})],
)  # fmt: skip
def test_damaged_notes_are_named_and_can_be_written_anew(run: Run, text: str) -> None:
    (run.folder / notes.FILE).write_text(text)
    with pytest.raises(CheckpointError, match=r"notes\.json is damaged"):
        load_notes(run)
    save_notes(run, Notes("anew"))
    assert load_notes(run) == Notes("anew")


def test_bytes_that_are_no_text_are_damage_too(run: Run) -> None:
    (run.folder / notes.FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CheckpointError, match="damaged"):
        load_notes(run)


def test_neither_a_shipped_run_nor_one_that_is_gone_takes_a_note(run: Run) -> None:
    paths.shipped_folder().mkdir()
    (paths.shipped_folder() / SHIPPED_FILE).write_text(json.dumps([run.run_id]))
    with pytest.raises(CheckpointError, match="ships with the app"):
        save_notes(run, Notes("mine"))
    (paths.shipped_folder() / SHIPPED_FILE).unlink()
    store.delete_run(run)
    with pytest.raises(CheckpointError, match="was deleted"):
        save_notes(run, Notes("late"))


def test_the_command_writes_tags_and_reads(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["note", run.run_id, "too steep", "--tag", "wide", "--tag", "try again", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "run_id": run.run_id, "note": "too steep", "tags": ["try again", "wide"],
    }  # fmt: skip
    assert main(["note", "latest", "--untag", "wide"]) == 0
    assert capsys.readouterr().out == f"{run.run_id}\ntags: try again\ntoo steep\n"
    assert main(["note", run.run_id, ""]) == 0
    assert load_notes(run) == Notes("", ("try again",))


def test_the_list_of_runs_has_notes_and_tags(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    save_notes(run, Notes("too steep", ("wide",)))
    assert main(["runs", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["note"], row["tags"]) == ("too steep", ["wide"])
    assert main(["runs"]) == 0
    assert "#wide" in capsys.readouterr().out


def test_damaged_notes_keep_nothing_else_from_being_listed(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    (run.folder / notes.FILE).write_text("{")
    assert main(["runs", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["run_id"], row["note"], row["tags"]) == (run.run_id, "", [])
    assert "notes.json is damaged" in row["notes_error"]
    assert main(["note", run.run_id]) == 2
    assert "notes.json is damaged" in capsys.readouterr().err
    assert main(["note", run.run_id, "anew"]) == 0
    assert load_notes(run) == Notes("anew")
