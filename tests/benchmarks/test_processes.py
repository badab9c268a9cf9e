from pathlib import Path

import pytest

from benchmarks.processes import give_same_priority


@pytest.mark.parametrize(
    ("own", "other", "written"),
    [
        ("/autogroup-7 nice -5\n", "/autogroup-9 nice 0\n", "-5"),
        ("/autogroup-7 nice 0\n", "/autogroup-9 nice 0\n", "/autogroup-9 nice 0\n"),
        ("", "/autogroup-9 nice 0\n", "/autogroup-9 nice 0\n"),
        ("/autogroup-7 nice -5\n", "", ""),
        (None, None, None),
    ],
    ids=["ours is raised", "nothing to raise", "we have no group", "it has no group", "no groups on this machine"],
)
def test_a_measured_process_gets_our_sessions_priority_where_there_is_one(
    tmp_path: Path, own: str | None, other: str | None, written: str | None
) -> None:
    for process, text in (("self", own), ("42", other)):
        (tmp_path / process).mkdir()
        if text is not None:
            (tmp_path / process / "autogroup").write_text(text)
    give_same_priority(42, proc=tmp_path)
    theirs = tmp_path / "42" / "autogroup"
    assert (theirs.read_text() if theirs.exists() else None) == written
