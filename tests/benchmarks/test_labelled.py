"""A folder of labelled pictures: what is taken, and what is said of the rest."""

from pathlib import Path

import pytest

from benchmarks.labelled import in_order, read_labels
from mnist_core.errors import DatasetError

HEAD = "file,kind,label,source\n"


def write(folder: Path, text: str) -> Path:
    (folder / "labels.csv").write_text(text, encoding="utf8")
    return folder


def test_a_label_says_what_is_asked_of_a_reader(tmp_path: Path) -> None:
    rows = 'a.png,photo,7,w1\nb.png,letter,,w2\nc.png,number,"12\n34",w3\nd.png,number,5,w3\n'
    one, two, three, four = read_labels(write(tmp_path, HEAD + rows)).pictures
    assert (one.task, one.label, one.path) == ("digit", "7", tmp_path / "a.png")
    assert (two.task, two.label) == ("nothing", "")
    assert (three.task, three.label) == ("number", "1234")  # rows joined from the top
    assert four.task == "number"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("a.png,photo,seven,w", "neither digits nor empty"),
        ("a.png,photo,77,w", "several digits"),
        ("a.png,number,,w", "needs a label"),
        (",photo,7,w", "must not be empty"),
        ("a.png,,7,w", "must not be empty"),
        ("a.png,photo,٣,w", "neither digits nor empty"),
        ("a.png", "must not be empty"),
    ],
)
def test_an_odd_row_is_told_and_the_others_are_used(tmp_path: Path, row: str, why: str) -> None:
    collection = read_labels(write(tmp_path, f"{HEAD}{row}\ngood.png,photo,7,w\n"))
    assert [picture.file for picture in collection.pictures] == ["good.png"]
    [sentence] = collection.odd
    assert why in sentence


@pytest.mark.parametrize(
    ("text", "why"),
    [(None, "cannot be read"), ("file,label\na,7\n", "lacks the column kind, source"), (HEAD, "names no picture")],
)
def test_a_folder_without_usable_labels_is_one_sentence(tmp_path: Path, text: str | None, why: str) -> None:
    if text is not None:
        write(tmp_path, text)
    with pytest.raises(DatasetError, match=why):
        read_labels(tmp_path)


def test_labels_that_are_no_text_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(b"file,kind,label,source\n\xff\xfe\x00")
    with pytest.raises(DatasetError, match="not a UTF-8 CSV"):
        read_labels(tmp_path)


def test_known_kinds_come_in_our_order_and_others_after_them() -> None:
    assert in_order(["chalk", "letter", "photo", "canvas", "photo"]) == ["canvas", "photo", "letter", "chalk"]
