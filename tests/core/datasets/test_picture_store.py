"""A person's own pictures: kept, read again as they were read then, listed with what is damaged, deleted, exported."""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from drawings import digit, on_paper
from PIL import Image

from mnist_core.datasets import handwriting, picture_store
from mnist_core.datasets.handwriting import How
from mnist_core.errors import DatasetError
from mnist_core.images.preprocess import preprocess
from mnist_core.types import NOT_A_DIGIT

NOON = datetime(2026, 11, 22, 12, 0, 0, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "handwriting"


def test_a_picture_is_kept_under_its_label_by_a_name_that_begins_with_the_time(folder: Path) -> None:
    path = picture_store.keep(folder, digit(7), 7, now=NOON)
    assert path.parent == folder / "7"
    assert path.name.startswith("20261122-120000-000001-")
    assert [file.name for file in path.parent.iterdir()] == [path.name]  # nothing half-written beside it


def test_pictures_are_listed_in_the_order_they_were_kept(folder: Path) -> None:
    paths = [picture_store.keep(folder, digit(7), 7, now=NOON + timedelta(seconds=n)) for n in range(3)]
    assert [picture.path for picture in picture_store.list_kept(folder)] == paths


def test_two_pictures_of_the_same_moment_are_two_files(folder: Path) -> None:
    assert picture_store.keep(folder, digit(7), 7, now=NOON) != picture_store.keep(folder, digit(7), 7, now=NOON)


@pytest.mark.parametrize("how", [How("no"), How("yes"), How("no", "off"), How("no", 200)])
def test_a_kept_picture_is_read_again_as_it_was_read_then(folder: Path, how: How) -> None:
    picture = digit(4) if how.invert == "no" else 255 - digit(4)
    path = picture_store.keep(folder, picture, 4, how=how)
    assert handwriting.how_it_was_read(path) == how
    [again] = picture_store.list_kept(folder)
    then = preprocess(picture, invert=how.invert, threshold=how.threshold, with_steps=False).image
    assert again.image is not None
    assert np.array_equal(again.image, then)


@pytest.mark.parametrize("text", ["", "sideways 300", "no -1", "yes 12 13", "no x"])
def test_a_picture_that_says_nothing_sensible_is_looked_at_afresh(folder: Path, text: str) -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text(handwriting.MARK, text)
    (folder / "4").mkdir(parents=True)
    Image.fromarray(digit(4)).save(folder / "4" / "a.png", pnginfo=info)
    assert handwriting.how_it_was_read(folder / "4" / "a.png") == How()
    assert picture_store.list_kept(folder)[0].image is not None


def test_a_photograph_is_kept_small(folder: Path) -> None:
    path = picture_store.keep(folder, on_paper(digit(4, 1500, 100)), 4)
    with Image.open(path) as image:
        assert max(image.size) == picture_store.MAX_SIDE
        assert image.mode == "RGB"


@pytest.mark.parametrize("label", [-1, 10])
def test_what_is_no_digit_is_not_kept(folder: Path, label: int) -> None:
    with pytest.raises(DatasetError, match="0 to 9"):
        picture_store.keep(folder, digit(4), label)


def test_a_folder_that_cannot_be_written_says_so(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    with pytest.raises(DatasetError, match="cannot save the picture"):
        picture_store.keep(folder, digit(4), 4)


def test_a_damaged_file_is_listed_with_the_reason_and_the_others_are_read(folder: Path) -> None:
    good = picture_store.keep(folder, digit(4), 4)
    (folder / "4" / "eggs.png").write_text("eggs")
    (folder / "4" / "folder.png").mkdir()
    listed = {picture.path.name: picture for picture in picture_store.list_kept(folder)}
    assert listed[good.name].image is not None
    assert listed["eggs.png"].image is None
    assert "eggs.png is not a picture of a digit" in listed["eggs.png"].problem
    assert listed["folder.png"].image is None
    assert picture_store.count_kept(folder)[4] == 3


def test_an_absent_folder_is_an_empty_one(folder: Path) -> None:
    assert picture_store.list_kept(folder) == []
    assert picture_store.count_kept(folder) == [0] * 10
    with zipfile.ZipFile(io.BytesIO(picture_store.export(folder))) as archive:
        assert archive.namelist() == []


def test_deleting_twice_is_no_error_and_leaves_the_others(folder: Path) -> None:
    first, second = picture_store.keep(folder, digit(4), 4), picture_store.keep(folder, digit(7), 7)
    for _ in range(2):
        picture_store.delete([first], folder)
    assert [picture.path for picture in picture_store.list_kept(folder)] == [second]


def test_nothing_outside_the_folder_is_deleted(folder: Path, tmp_path: Path) -> None:
    inside = picture_store.keep(folder, digit(4), 4)
    outside = tmp_path / "4" / "precious.png"
    outside.parent.mkdir()
    outside.write_text("precious")
    for path in (outside, folder / "precious.png", folder / "4" / ".." / ".." / "4" / "precious.png"):
        with pytest.raises(DatasetError, match="not one of the pictures kept"):
            picture_store.delete([inside, path], folder)
    assert outside.exists()
    assert inside.exists()


def test_the_export_holds_every_file_as_it_lies_there(folder: Path) -> None:
    paths = [picture_store.keep(folder, digit(4), 4), picture_store.keep(folder, digit(7), 7)]
    with zipfile.ZipFile(io.BytesIO(picture_store.export(folder))) as archive:
        assert archive.namelist() == [f"{path.parent.name}/{path.name}" for path in paths]
        assert [archive.read(name) for name in archive.namelist()] == [path.read_bytes() for path in paths]


def test_what_is_no_digit_is_kept_apart_and_is_no_part_of_the_digits(folder: Path) -> None:
    four, seven = picture_store.keep(folder, digit(4), 4), picture_store.keep(folder, digit(7), 7)
    moved = picture_store.relabel(four, NOT_A_DIGIT, folder)
    assert moved == folder / handwriting.NOT_DIGITS / four.name
    assert [picture.path for picture in picture_store.list_kept(folder)] == [seven]
    assert [(of.label, of.path) for of in picture_store.list_not_digits(folder)] == [(NOT_A_DIGIT, moved)]
    assert sum(picture_store.count_kept(folder)) == 1
    with zipfile.ZipFile(io.BytesIO(picture_store.export(folder))) as archive:
        assert f"{handwriting.NOT_DIGITS}/{four.name}" in archive.namelist()
    assert picture_store.relabel(moved, 4, folder) == four


def test_relabelling_never_overwrites_a_picture_of_the_same_name(folder: Path) -> None:
    four, seven = picture_store.keep(folder, digit(4), 4), picture_store.keep(folder, digit(7), 7)
    taken = seven.rename(seven.with_name(four.name))
    before = taken.read_bytes()
    moved = picture_store.relabel(four, 7, folder)
    assert moved != taken
    assert taken.read_bytes() == before
    assert picture_store.count_kept(folder)[7] == 2


@pytest.mark.parametrize("label", [-1, 11])
def test_a_label_that_is_none_is_refused_for_a_kept_picture(folder: Path, label: int) -> None:
    path = picture_store.keep(folder, digit(4), 4)
    with pytest.raises(DatasetError, match="0 to 9"):
        picture_store.relabel(path, label, folder)
    assert path.exists()


def test_a_deleted_picture_is_put_back_as_it_was(folder: Path) -> None:
    path = picture_store.keep(folder, digit(4), 4)
    before = path.read_bytes()
    deleted = picture_store.take_out(path, folder)
    assert picture_store.list_kept(folder) == []
    path.parent.rmdir()
    picture_store.put_back(deleted, folder)
    assert path.read_bytes() == before


def test_what_is_gone_outside_or_too_large_is_not_taken_out(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = picture_store.keep(folder, digit(4), 4)
    outside = tmp_path / "4" / "precious.png"
    for wrong, why in ((outside, "not one of the pictures"), (path.with_name("gone.png"), "cannot delete")):
        with pytest.raises(DatasetError, match=why):
            picture_store.take_out(wrong, folder)
    monkeypatch.setattr(picture_store, "MAX_FILE", 10)
    with pytest.raises(DatasetError, match="too large"):
        picture_store.take_out(path, folder)
    with pytest.raises(DatasetError, match="not one of the pictures"):
        picture_store.relabel(outside, 4, folder)
    assert path.exists()
