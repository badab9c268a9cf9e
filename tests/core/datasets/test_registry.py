"""Data sets from disk: every layout, every damage, the same splits for ever."""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.__main__ import main
from mnist_core.datasets import handwriting, mnist_checksums, registry
from mnist_core.datasets.mnist_checksums import FILES, TEST_LABELS, TORCHVISION_FOLDER, TRAIN_IMAGES, TRAIN_LABELS
from mnist_core.datasets.remarks import remarks
from mnist_core.datasets.splits import draw, fraction_of
from mnist_core.errors import ConfigError, DatasetError
from mnist_core.types import Dataset, Split

# Of the splits as they have always been: old runs remember it.
MNIST_CHECKSUM = "314db7e44e645f9e0a4a0bf370913ba966db97c5c87df9b6d66b7b1d35eb1d4b"
PACKED = tuple(file.packed_name for file in FILES)
UNPACKED = tuple(file.name for file in FILES)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, empty; nothing loaded yet."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("MNIST_DATA", str(folder))
    monkeypatch.setenv("MNIST_HANDWRITING", str(tmp_path / "handwriting"))
    monkeypatch.setattr(registry, "_loaded", {})
    return folder


@pytest.fixture(scope="session")
def both_forms(mnist_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the official files, packed and unpacked; only to be read."""
    folder = tmp_path_factory.mktemp("official")
    for file in FILES:
        (folder / file.packed_name).symlink_to(mnist_source / file.packed_name)
        (folder / file.name).write_bytes(gzip.decompress((mnist_source / file.packed_name).read_bytes()))
    return folder


@pytest.fixture
def put(folder: Path, both_forms: Path) -> Callable[..., None]:
    """Puts official files into the data folder, as links."""

    def put(*names: str, under: Path | str = "") -> None:
        (folder / under).mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / under / name).symlink_to(both_forms / name)

    return put


def splits(dataset: Dataset) -> tuple[Split, Split, Split]:
    return dataset.train, dataset.validation, dataset.test


def shares(split: Split) -> np.ndarray:
    return np.bincount(split.labels, minlength=10) / len(split)


@pytest.mark.parametrize(
    ("names", "under"),
    [
        (PACKED, ""),
        (UNPACKED, ""),
        (PACKED, TORCHVISION_FOLDER),
        (UNPACKED, TORCHVISION_FOLDER),
        (PACKED[:2] + UNPACKED[2:], ""),
    ],
    ids=["packed", "unpacked", "torchvision packed", "torchvision unpacked", "mixed"],
)
def test_mnist_is_read_from_every_layout(put: Callable[..., None], names: tuple[str, ...], under: Path | str) -> None:
    assert not registry.is_available("mnist")
    put(*names, under=under)
    assert registry.is_available("mnist")
    dataset = registry.load("mnist")
    assert dataset.checksum == MNIST_CHECKSUM
    assert [(split.name, len(split)) for split in splits(dataset)] == [
        ("train", 55_000),
        ("validation", 5_000),
        ("test", 10_000),
    ]


def test_mnist_arrays_are_as_the_record_says(put: Callable[..., None]) -> None:
    put(*PACKED)
    for split in splits(registry.load("mnist")):
        assert split.images.shape == (len(split), 28, 28)
        assert (split.images.dtype, split.labels.dtype) == (np.uint8, np.int64)
        assert set(split.labels) == set(range(10))
        assert split.images.flags.writeable  # torch.from_numpy warns of others


def test_the_checksum_is_of_all_images_and_labels_in_order(put: Callable[..., None]) -> None:
    put(*PACKED)
    dataset = registry.load("mnist")
    content = b"".join(split.images.tobytes() + split.labels.tobytes() for split in splits(dataset))
    assert dataset.checksum == hashlib.sha256(content).hexdigest()


def test_train_and_validation_together_are_the_official_training_images_each_once(
    folder: Path, put: Callable[..., None]
) -> None:
    put(*PACKED)
    dataset = registry.load("mnist")
    official, labels = mnist_checksums.read(folder, "train")

    def fingerprints(images: np.ndarray, labels: np.ndarray) -> list[bytes]:
        return sorted(hashlib.sha1(i.tobytes() + bytes([n])).digest() for i, n in zip(images, labels, strict=True))

    parts = [fingerprints(split.images, split.labels) for split in (dataset.train, dataset.validation)]
    assert sorted(parts[0] + parts[1]) == fingerprints(official, labels)
    assert len(set(parts[0] + parts[1])) == 60_000  # no two are equal, so none can be on both sides
    assert np.array_equal(dataset.test.images, mnist_checksums.read(folder, "test")[0])


def test_validation_has_every_digit_by_its_share_to_within_one(put: Callable[..., None]) -> None:
    put(*PACKED)
    dataset = registry.load("mnist")
    counts = np.bincount(np.concatenate([dataset.train.labels, dataset.validation.labels]))
    assert np.abs(np.bincount(dataset.validation.labels) - counts / 12).max() < 1


def test_a_drawn_split_is_exact_without_repeats_and_always_the_same() -> None:
    labels = np.repeat(np.arange(10), [1, 2, 3, 50, 7, 100, 9, 33, 5, 400])
    drawn = draw(labels, 61)
    assert len(set(drawn.tolist())) == 61
    assert np.abs(np.bincount(labels[drawn], minlength=10) - np.bincount(labels) / 10).max() <= 1
    assert np.array_equal(drawn, draw(labels, 61))


def test_a_second_load_is_free_until_a_file_changes(folder: Path, put: Callable[..., None]) -> None:
    put(*UNPACKED)
    first = registry.load("mnist")
    assert registry.load("mnist") is first
    (folder / TEST_LABELS.name).unlink()
    put(TEST_LABELS.packed_name)
    assert registry.load("mnist") is not first


def test_at_most_two_data_sets_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    states = iter("abcb")
    changing = replace(registry.DATASETS["digits"], state_on_disk=lambda: next(states), read=object)
    monkeypatch.setattr(registry, "DATASETS", {"digits": changing})
    _, b, c = (registry.load("digits") for _ in range(3))
    assert registry.load("digits") is b
    assert list(registry._loaded.values()) == [c, b]


@pytest.mark.parametrize("file", [TRAIN_IMAGES, TRAIN_LABELS], ids=["images", "labels"])
@pytest.mark.parametrize("damage", ["truncated", "empty", "altered", "longer"])
def test_a_damaged_file_is_named_with_what_was_expected_and_found(
    folder: Path, both_forms: Path, put: Callable[..., None], file: mnist_checksums.OfficialFile, damage: str
) -> None:
    put(*(name for name in PACKED if name != file.packed_name))
    content = (both_forms / file.packed_name).read_bytes()
    middle = len(content) // 2
    damaged = {
        "truncated": content[:middle],
        "empty": b"",
        "altered": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "longer": content + b"\0",
    }[damage]
    (folder / file.packed_name).write_bytes(damaged)
    with pytest.raises(DatasetError) as caught:
        registry.load("mnist")
    sentence = str(caught.value)
    assert str(folder / file.packed_name) in sentence
    if damage == "altered":
        assert f"expected the MD5 checksum {file.packed_md5}, found {hashlib.md5(damaged).hexdigest()}" in sentence
    else:
        assert f"expected {file.packed_size:,} bytes, found {len(damaged):,}" in sentence
    assert "download MNIST again" in sentence
    assert "digits" in sentence


DOTTED = tuple(file.name.replace("-idx", ".idx") for file in FILES)


def test_mnist_under_its_dotted_names_and_packed_by_another_program_is_mnist(
    folder: Path, both_forms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file, dotted in zip(FILES[1:], DOTTED[1:], strict=True):
        (folder / f"{dotted}.gz").write_bytes(gzip.compress((both_forms / file.name).read_bytes(), 1))
    (folder / DOTTED[0]).symlink_to(both_forms / FILES[0].name)
    assert registry.is_available("mnist")
    assert registry.load("mnist").checksum == MNIST_CHECKSUM
    assert main(["data", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["mnist"] is True
    assert said.err.count("is MNIST's own") == len(FILES)


def test_a_file_with_mnists_name_and_other_content_is_named_by_the_verb_data(
    folder: Path, put: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    put(*PACKED[1:])
    bomb = folder / f"{DOTTED[0]}.gz"  # a gigabyte of zeros, of which no more is unpacked than MNIST has
    bomb.write_bytes(gzip.compress(bytes(TRAIN_IMAGES.size)) * 20)
    assert main(["data"]) == 0
    said = capsys.readouterr()
    assert f"{bomb} is not the official MNIST file" in said.err
    assert re.search(r"mnist +not here", said.out)


def test_an_altered_unpacked_file_is_refused(folder: Path, both_forms: Path, put: Callable[..., None]) -> None:
    put(*UNPACKED[:3])
    content = bytearray((both_forms / TEST_LABELS.name).read_bytes())
    content[500] = 9 - content[500]
    (folder / TEST_LABELS.name).write_bytes(content)
    assert registry.is_available("mnist")  # which does not read, and says so
    with pytest.raises(DatasetError, match=f"expected the SHA256 checksum {TEST_LABELS.sha256}"):
        registry.load("mnist")


@pytest.mark.parametrize(("right", "wrong"), [(UNPACKED, PACKED), (PACKED, UNPACKED)], ids=["unpacked", "packed"])
def test_of_a_right_and_a_damaged_form_the_right_one_is_used(
    folder: Path, put: Callable[..., None], right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    put(*right, under=TORCHVISION_FOLDER)
    for name in wrong:
        (folder / name).write_bytes(b"damaged")
    assert registry.load("mnist").checksum == MNIST_CHECKSUM


def test_both_forms_damaged_are_both_named(folder: Path, put: Callable[..., None]) -> None:
    put(*PACKED[1:])
    (folder / TRAIN_IMAGES.name).write_bytes(b"damaged")
    (folder / TRAIN_IMAGES.packed_name).write_bytes(b"damaged, too")
    with pytest.raises(DatasetError, match=f"{TRAIN_IMAGES.name} is not.*; .*{TRAIN_IMAGES.packed_name} is not"):
        registry.load("mnist")


def test_a_missing_file_is_named_with_every_way_to_go_on(folder: Path, put: Callable[..., None]) -> None:
    put(*PACKED[:3])
    assert not registry.is_available("mnist")
    with pytest.raises(DatasetError) as caught:
        registry.load("mnist")
    sentence = str(caught.value)
    assert sentence.startswith(f"{TEST_LABELS.packed_name} is not in {folder}")
    assert all(way in sentence for way in ("download MNIST", "MNIST_DATA", "MNIST_MIRROR", "digits"))


def test_a_folder_in_a_files_place_is_an_error_that_names_it(folder: Path, put: Callable[..., None]) -> None:
    put(*PACKED[1:])
    (folder / PACKED[0]).mkdir()
    with pytest.raises(DatasetError, match=f"{PACKED[0]} cannot be read"):
        registry.load("mnist")


def test_a_missing_data_folder_is_not_an_accident(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MNIST_DATA", str(tmp_path / "nowhere"))
    assert not registry.is_available("mnist")
    assert registry.default_dataset() == "digits"
    with pytest.raises(DatasetError, match="nowhere"):
        registry.load("mnist")
    assert not (tmp_path / "nowhere").exists()


def test_mnist_is_the_default_where_it_is(put: Callable[..., None]) -> None:
    put(*PACKED)
    assert registry.default_dataset() == "mnist"


def test_a_read_only_folder_is_enough_and_stays_as_it_was(folder: Path, put: Callable[..., None]) -> None:
    put(*PACKED)
    folder.chmod(0o555)
    before = (sorted(folder.iterdir()), folder.stat().st_mtime_ns)
    try:
        registry.load("mnist")
    finally:
        folder.chmod(0o755)
    assert before == (sorted(folder.iterdir()), folder.stat().st_mtime_ns)


def test_an_unknown_data_set_is_an_error_that_lists_the_known_ones() -> None:
    for ask in (registry.load, registry.is_available):
        with pytest.raises(
            ConfigError, match="data set must be one of mnist, people, digits, handwriting, got 'fashion'"
        ):
            ask("fashion")


def test_importing_it_brings_no_heavy_library() -> None:
    heavy = {"torch", "torchvision", "sklearn", "scipy", "streamlit"}
    code = f"import sys, mnist_core.datasets.registry; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == 0


def test_digits_are_in_mnists_form_and_split_by_class() -> None:
    assert registry.is_available("digits")
    dataset = registry.load("digits")
    assert [len(split) for split in splits(dataset)] == [1258, 180, 359]
    every = np.bincount(np.concatenate([split.labels for split in splits(dataset)]))
    for split in splits(dataset):
        assert split.images.shape == (len(split), 28, 28)
        assert (split.images.dtype, split.labels.dtype) == (np.uint8, np.int64)
        assert np.abs(np.bincount(split.labels) - every * len(split) / 1797).max() <= 2
        assert split.images[:, :2].max() == 0  # a digit of at most 20 x 20, centred
        assert np.median(split.images.max(axis=(1, 2))) > 200


@pytest.mark.long
def test_digits_are_the_same_at_every_load(monkeypatch: pytest.MonkeyPatch) -> None:
    first = registry.load("digits")
    monkeypatch.setattr(registry, "_loaded", {})
    second = registry.load("digits")
    assert second is not first
    assert second.checksum == first.checksum


def write(folder: Path, label: int, name: str, picture: np.ndarray) -> Path:
    path = folder / str(label) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
    return path


def drawing(seed: int, size: int = 60) -> np.ndarray:
    """Dark ink on light paper: a stroke no other seed draws."""
    picture = np.full((size, size), 255, np.uint8)
    rows = np.random.RandomState(seed).randint(10, size - 10, 5)
    picture[10 : size - 10, 20:26] = 0
    for row in rows:
        picture[row : row + 4, 20 : size - 10] = 0
    return picture


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Ten drawings of each of 0 to 4, one of 5."""
    folder = tmp_path / "handwriting"
    for label in range(5):
        for number in range(10):
            write(folder, label, f"{number:03}.png", drawing(100 * label + number))
    write(folder, 5, "000.jpg", drawing(500))
    return folder


def test_handwriting_is_split_in_each_label_by_the_order_of_names(written: Path) -> None:
    assert registry.is_available("handwriting")
    dataset = registry.load("handwriting")
    assert [np.bincount(split.labels).tolist() for split in splits(dataset)] == [
        [7, 7, 7, 7, 7, 1],
        [1, 1, 1, 1, 1],
        [2, 2, 2, 2, 2],
    ]
    assert dataset.train.images.shape == (36, 28, 28)
    assert dataset.train.labels.dtype == np.int64


def test_a_picture_added_later_leaves_the_others_in_their_splits(written: Path) -> None:
    before = registry.load("handwriting")
    write(written, 3, "010.png", drawing(310))
    after = registry.load("handwriting")
    assert len(after.train) == len(before.train) + 1
    assert np.array_equal(after.test.images, before.test.images)
    assert np.array_equal(after.validation.images, before.validation.images)
    assert after.checksum != before.checksum


def test_a_picture_saved_twice_counts_once(written: Path) -> None:
    before = registry.load("handwriting")
    write(written, 3, "010.png", drawing(309))
    assert registry.load("handwriting").checksum == before.checksum


def test_pictures_in_mnists_form_come_through_unharmed(folder: Path, written: Path, put: Callable[..., None]) -> None:
    put(*PACKED)
    test = registry.load("mnist").test
    digits = test.images[test.labels == 7][:10]
    for number, digit in enumerate(digits):
        write(written, 7, f"{number:03}.png", digit)
    read = [split.images[split.labels == 7] for split in splits(registry.load("handwriting"))]
    changed = np.abs(np.concatenate(read)[:, None].astype(int) - digits).max(axis=(2, 3)).min(axis=1)
    assert len(changed) == 10
    assert changed.max() <= 16  # of 255, at the edges of strokes


def test_too_few_pictures_say_how_many_there_are_and_are_needed(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / "handwriting", 1, f"{number}.png", drawing(number))
    assert not registry.is_available("handwriting")
    with pytest.raises(DatasetError, match=f"has 3 different pictures, but {handwriting.MIN_PICTURES} are needed"):
        registry.load("handwriting")


def test_no_handwriting_at_all_is_said_likewise() -> None:
    assert not registry.is_available("handwriting")
    with pytest.raises(DatasetError, match=f"has 0 different pictures, but {handwriting.MIN_PICTURES} are needed"):
        registry.load("handwriting")


def test_no_split_is_ever_empty_where_pictures_are_enough(tmp_path: Path) -> None:
    for number in range(handwriting.MIN_PICTURES):
        write(tmp_path / "handwriting", number % 10, f"{number:03}.png", drawing(number))
    assert all(len(split) for split in splits(registry.load("handwriting")))


def test_files_that_are_no_pictures_of_digits_are_left_out_and_named(written: Path) -> None:
    before = registry.load("handwriting")
    (written / "2" / "shopping.png").write_text("eggs")
    (written / "2" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (written / "2" / "folder").mkdir()
    write(written, 2, "blank.png", np.full((60, 60), 255, np.uint8))
    after = registry.load("handwriting")
    assert after.checksum == before.checksum
    assert sorted(after.left_out) == ["2/Thumbs.db", "2/blank.png", "2/folder", "2/shopping.png"]
    for file, sentence in after.left_out.items():
        assert f"{file} is not a picture of a digit" in sentence


def test_with_too_many_left_out_there_are_too_few(written: Path) -> None:
    for label in (0, 1):
        (written / str(label) / "000.png").write_text("eggs")
    with pytest.raises(DatasetError, match="has 49 different pictures"):
        registry.load("handwriting")


def test_digits_that_are_missing_or_rare_are_told_of(written: Path) -> None:
    missing, rare = remarks(registry.load("handwriting"))
    assert "shows a 6, 7, 8 or 9:" in missing
    assert "few training images of 5 (1):" in rare
    assert remarks(registry.load("digits")) == []


def test_a_folder_named_by_no_digit_is_said(written: Path) -> None:
    (written / "seven").mkdir()
    assert not registry.is_available("handwriting")
    with pytest.raises(DatasetError, match=r"'seven'.*named 0 to 9"):
        registry.load("handwriting")


def test_hidden_files_of_the_system_are_passed_over(written: Path) -> None:
    before = registry.load("handwriting").checksum
    (written / ".DS_Store").write_bytes(b"\0")
    (written / "2" / ".DS_Store").write_bytes(b"\0")
    assert registry.load("handwriting").checksum == before


def test_looking_whether_it_is_there_reads_no_file(put: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    put(*PACKED)
    monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("opened"))
    monkeypatch.setattr(Path, "read_bytes", lambda *_: pytest.fail("read"))
    assert registry.is_available("mnist")


def test_a_share_of_a_split_has_each_class_by_its_share_and_follows_from_the_seed():
    labels = np.repeat(np.arange(10), [100, 50, 50, 50, 50, 50, 50, 50, 50, 500])
    split = Split("train", np.zeros((1000, 28, 28), np.uint8), labels)
    split.images[:, 0, 0] = np.arange(1000) % 251
    part = fraction_of(split, 0.2, seed=3)
    assert np.bincount(part.labels).tolist() == [20, *[10] * 8, 100]
    assert np.array_equal(part.images, fraction_of(split, 0.2, seed=3).images)
    assert not np.array_equal(part.images, fraction_of(split, 0.2, seed=4).images)
    assert fraction_of(split, 1.0, seed=3) is split
    assert len(fraction_of(split, 0.0001, seed=3)) == 1
