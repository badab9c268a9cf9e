"""Files from outside: each kind of trap, at the door where all of them come in."""

import io
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec import Struct
from safetensors.torch import save_file

from mnist_core.decode import (
    MAX_LINE,
    Count,
    DamagedFileError,
    Loss,
    json_as,
    open_regular,
    read_arrays,
    read_bytes,
    read_json,
    read_lines,
    read_tensors,
)

Make = Callable[[Path], object]


def bound_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


@pytest.mark.parametrize(
    "make",
    [
        os.mkfifo,
        Path.mkdir,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.symlink_to(path),
        bound_socket,
    ],
    ids=["pipe", "folder", "device", "loop", "socket"],
)
def test_what_is_no_file_is_neither_waited_for_nor_read(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name is short
    make(Path("x"))
    with pytest.raises(DamagedFileError):
        read_bytes(Path("x"), most=10)


def test_looking_at_what_is_no_file_leaves_nothing_open(tmp_path: Path) -> None:
    before = os.dup(0)
    os.close(before)
    for _ in range(20):
        with pytest.raises(DamagedFileError):
            read_bytes(tmp_path, most=10)
    after = os.dup(0)  # the lowest number that is free
    os.close(after)
    assert after == before


def test_a_missing_file_is_missing_and_not_damaged(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(tmp_path / "nowhere")
    for name in ("x", "y"):
        with pytest.raises(FileNotFoundError):
            read_bytes(tmp_path / name, most=10)


def test_a_file_is_read_to_its_bound_and_not_a_byte_further(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"0123456789")
    assert read_bytes(tmp_path / "x", most=10) == b"0123456789"
    with pytest.raises(DamagedFileError, match="longer than the 9 bytes"):
        read_bytes(tmp_path / "x", most=9)
    os.truncate(tmp_path / "x", 10**12)
    with pytest.raises(DamagedFileError, match="longer"):
        read_bytes(tmp_path / "x", most=10**6)


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "1e400",
        "1" + "0" * 400,
        "-1",
        "1e308",
        "true",
        "null",
        '"1"',
        "[" * 20_000,
        "{" * 9,
        "1 2",
        "",
    ],
)
@pytest.mark.parametrize("kind", [Count, Loss], ids=["count", "loss"])
def test_a_number_is_of_its_type_finite_and_in_bounds(kind: type, text: str) -> None:
    with pytest.raises(DamagedFileError):
        json_as(kind, text.encode())


def test_nesting_that_nobody_asked_for_is_damage_too() -> None:
    class Known(Struct):
        a: int = 0

    with pytest.raises(DamagedFileError, match="recursion"):
        json_as(Known, b'{"unknown":' + b"[" * 1_000_000)


def test_the_sentence_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "x").write_text('{"a": {"b": [1, "two"]}}')
    with pytest.raises(DamagedFileError, match=r"\[1\]: Expected `int`, got `str`$"):
        read_json(tmp_path / "x", dict[str, dict[str, list[int]]], most=100)


def test_half_a_character_is_read_as_the_sign_for_one_that_is_not_known() -> None:
    assert json_as(str, b'"a\\ud800b\\udc00c \\ud83d\\ude00"') == "a�b�c \N{GRINNING FACE}"


def lines_of(path: Path, *, most: int = 10**9) -> list[bytes]:
    with open_regular(path) as file:
        return [line for lines, _ in read_lines(file, most=most) for line in lines]


def test_lines_are_read_whole_however_the_pieces_fall(tmp_path: Path) -> None:
    wanted = [b"x" * (n % 7919) for n in range(1, 2000)]
    (tmp_path / "x").write_bytes(b"\n".join(wanted) + b"\ntorn")
    assert lines_of(tmp_path / "x") == wanted


def test_a_line_without_an_end_is_passed_over_with_what_follows_it(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    os.truncate(tmp_path / "x", 5 * MAX_LINE)
    assert [len(line) for line in lines_of(tmp_path / "x")] == [MAX_LINE]


def test_what_lies_beyond_the_bound_of_a_file_of_lines_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345678\n" * 1_000_000)
    assert len(lines_of(tmp_path / "x", most=MAX_LINE)) < 250_000


def npz(path: Path, header: str, *, method: int = zipfile.ZIP_DEFLATED) -> None:
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(16)
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.npy", array)


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (495000000000,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-2,), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '<f8', 'fortran_order': True, 'shape': (1, 2), }",
        "(" * 900,
        "os.system('true')",
    ],
)
def test_an_array_has_the_numbers_that_it_says(tmp_path: Path, header: str) -> None:
    npz(tmp_path / "x", header)
    with pytest.raises(DamagedFileError):
        read_arrays(tmp_path / "x", {"a": 10**6})


def test_an_archive_is_unpacked_no_further_than_its_arrays_may_be_long(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "x.npz", a=np.zeros(10**5))  # a kilobyte, packed
    with pytest.raises(DamagedFileError, match=r"a\.npy in it is longer than the 10,000 bytes"):
        read_arrays(tmp_path / "x.npz", {"a": 10_000})


@pytest.mark.parametrize(("offset", "value"), [(8, 1), (10, 99)], ids=["encrypted", "unknown method"])
def test_an_archive_that_cannot_be_unpacked_is_damaged(tmp_path: Path, offset: int, value: int) -> None:
    file = io.BytesIO()
    np.savez_compressed(file, a=np.zeros(10))
    content = bytearray(file.getvalue())
    content[content.rfind(b"PK\x01\x02") + offset] = value
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DamagedFileError):
        read_arrays(tmp_path / "x", {"a": 80})


def test_arrays_come_as_they_were_saved_and_can_be_written_to(tmp_path: Path) -> None:
    saved = {"a": np.arange(6, dtype=np.int64).reshape(2, 3), "b": np.array([True, False])}
    np.savez_compressed(tmp_path / "x.npz", **saved)
    read = read_arrays(tmp_path / "x.npz", {"a": 48, "b": 2})
    for name, array in saved.items():
        assert np.array_equal(read[name], array)
        assert read[name].flags.writeable


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, (10**15).to_bytes(8, "little") + b"{}"])
def test_tensors_that_are_none_are_damage(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DamagedFileError):
        read_tensors(tmp_path / "x", most=100)


def test_more_tensors_than_a_network_has_are_not_read(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(10**6)}, tmp_path / "x")
    with pytest.raises(DamagedFileError, match="longer"):
        read_tensors(tmp_path / "x", most=1000)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_an_array_packed_so_that_a_few_bytes_hold_gigabytes_is_not_unpacked(tmp_path: Path, method: int) -> None:
    npz(tmp_path / "x", "{'descr': '|u1', 'fortran_order': False, 'shape': (16,), }", method=method)
    with pytest.raises(DamagedFileError, match="packed as no array is"):
        read_arrays(tmp_path / "x", {"a": 16})


def test_what_lies_beyond_the_bound_is_told_of_as_one_line_and_once(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345678\n" * 1_000_000)
    with open_regular(tmp_path / "x") as file:
        *_, (rest, place) = read_lines(file, most=MAX_LINE)
        assert (len(rest), place) == (1, 9_000_000)
        file.seek(place)
        assert not list(read_lines(file, most=MAX_LINE))
