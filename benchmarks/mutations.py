"""Ways to damage one file of a run's folder: what `benchmarks.mutants` lets every question be asked of."""

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

NESTED = 20_000

EXTREMES: tuple[str, ...] = (
    "1" + "0" * 400, "-1", "0", "1e308", "-1e308", "1e400", "NaN", "Infinity", "null", "true", "0.5",
    "9007199254740993", '""', '"' + "x" * 100_000 + '"', '"=cmd|\' /C calc\'!A0"', '"![i](http://192.0.2.1/x.png)"',
    '"<script>alert(1)</script>"', '"\\ud800"', '"0001-01-01T00:00:00+00:00"', '"9999-12-31T23:59:59-14:00"',
    '"../../etc/passwd"', "[]", "{}", "[" * NESTED + "]" * NESTED, "[" * NESTED,
    '{"a":' * NESTED + "1" + "}" * NESTED, "[" + "1," * 50_000 + "1]",
)  # fmt: skip


@dataclass(frozen=True)
class Mutation:
    """What is done to one file; numbers between 0 and 1 are places in it."""

    how: str
    place: float
    value: str

    def __call__(self, path: Path) -> None:
        HOW[self.how](path, self)


def _truncate(path: Path, mutation: Mutation) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(mutation.place * len(content))])


def _flip(path: Path, mutation: Mutation) -> None:
    content = bytearray(path.read_bytes())
    if content:
        at = int(mutation.place * (8 * len(content) - 1))
        content[at // 8] ^= 1 << at % 8
    path.write_bytes(content)


def _noise(path: Path, mutation: Mutation) -> None:
    rng = np.random.default_rng(int(mutation.place * 2**32))
    path.write_bytes(rng.bytes(len(path.read_bytes())))


def _repeat(path: Path, mutation: Mutation) -> None:
    content = path.read_bytes()
    path.write_bytes(content + content[int(mutation.place * len(content)) :])


def _hollow(path: Path, mutation: Mutation) -> None:
    """Gigabytes that take no place on the disk."""
    os.truncate(path, int(4e9))


def _another(path: Path, mutation: Mutation) -> None:
    others = sorted(other for other in path.parent.iterdir() if other.is_file() and other != path)
    path.write_bytes(others[int(mutation.place * (len(others) - 1))].read_bytes())


def _replace(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


def _json(path: Path, mutation: Mutation) -> None:
    """Another value at a place of a JSON document, or of a line of several; a key twice, or one that nobody knows."""
    lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
    number = int(mutation.place * (len(lines) - 1))
    places = list(_places(json.loads(lines[number])))
    place = places[int(mutation.place * 7919) % len(places)]
    document = json.loads(lines[number])
    mark = "replaced here"
    if not place:
        document = mark
    else:
        inside = document
        for step in place[:-1]:
            inside = inside[step]
        inside[place[-1]] = mark
    lines[number] = json.dumps(document).replace(f'"{mark}"', mutation.value)
    path.write_text("\n".join(lines) + "\n", encoding="utf8", errors="replace")


def _key(path: Path, mutation: Mutation) -> None:
    text = path.read_text()
    at = text.index("{", min(int(mutation.place * len(text)), text.rindex("{")))
    name = ("unknown", "time", "event", "run_id", "test", "epochs")[int(mutation.place * 5)]
    path.write_text(f'{text[: at + 1]}"{name}":{mutation.value},{text[at + 1 :]}', encoding="utf8", errors="replace")


def _places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield before
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, rest in inside:
        yield from _places(rest, (*before, step))


def _arrays(path: Path, mutation: Mutation) -> None:
    """An archive whose arrays lie about themselves."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    chosen = sorted(members)[int(mutation.place * (len(members) - 1))]
    trap = int(mutation.place * 7919) % 6
    header = {
        0: "{'descr': '<f8', 'fortran_order': False, 'shape': (495000000000,), }",
        1: "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }",
        2: "{'descr': '<f4', 'fortran_order': True, 'shape': (-1, 2), }",
        3: "{'descr': '<U9', 'fortran_order': False, 'shape': (" + "1," * 300 + "), }",
        4: "(" * 500,
        5: "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }",
    }[trap]
    file = io.BytesIO()
    file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(16))
    members[chosen] = file.getvalue()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _archive(path: Path, mutation: Mutation) -> None:
    """An archive with a bomb in it, or of a method, a lock or a size that it does not have."""
    if mutation.place < 0.3:
        path.write_bytes(_bomb())
        return
    content = bytearray(path.read_bytes())
    directory = content.rfind(b"PK\x01\x02")
    offset, value = ((8, 1), (10, 99), (24, 0xFF))[int(mutation.place * 7919) % 3]  # locked, method, size
    content[directory + offset] = value
    path.write_bytes(content)


@cache
def _bomb() -> bytes:
    """A hundred megabytes in a hundred kilobytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("images.npy", "labels.npy", "predictions.npy", "probabilities.npy", "spared.npy"):
            archive.writestr(name, bytes(20_000_000))
    return file.getvalue()


def _tensors(path: Path, mutation: Mutation) -> None:
    """Weights of other shapes or types, too many or too few, absurd or no numbers."""
    tensors = load_file(path)
    name = sorted(tensors)[int(mutation.place * (len(tensors) - 1))]
    change: list[Callable[[torch.Tensor], torch.Tensor | None]] = [
        lambda tensor: tensor * float("nan") if tensor.is_floating_point() else None,
        lambda tensor: (
            torch.full_like(tensor, torch.finfo(tensor.dtype).max) if tensor.is_floating_point() else tensor * 0 - 1
        ),
        lambda tensor: tensor.flatten()[:-1].clone(),
        lambda tensor: tensor.unsqueeze(0).clone(),
        lambda tensor: tensor.to(torch.float64),
        lambda tensor: tensor.to(torch.int8),
        lambda tensor: tensor.to(torch.bfloat16),
        lambda tensor: None,
        lambda tensor: tensor * 0 - 5,
    ]
    changed = change[int(mutation.place * 7919) % len(change)](tensors.pop(name))
    save_file({**tensors, "unknown": torch.zeros(3)} if changed is None else {**tensors, name: changed}, path)


class _Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.kill, (os.getpid(), 9)


def _state(path: Path, mutation: Mutation) -> None:
    """A saved state with a value that does not belong there."""
    values = torch.load(path, weights_only=True)
    key = sorted(values)[int(mutation.place * (len(values) - 1))]
    odd: tuple[Any, ...] = (
        [1, 2], 3, None, "x", float("nan"), {"a": torch.zeros(2)}, {3: 4}, _Trap(), 10**400, torch.zeros(1),
        {name: tensor * float("nan") for name, tensor in values["best"].items()},
        {name: tensor.flatten() for name, tensor in values["best"].items()},
        [{"epoch": 1}], '{"run_id": "x"}', values["run"].replace('"epochs"', '"epocks"'),
    )  # fmt: skip
    torch.save({**values, key: odd[int(mutation.place * 7919) % len(odd)]}, path)


HOW: dict[str, Callable[[Path, Mutation], None]] = {
    "cut off": _truncate,
    "a bit flipped": _flip,
    "noise": _noise,
    "repeated": _repeat,
    "hollow": _hollow,
    "another file": _another,
    "gone": lambda path, _: path.unlink(),
    "empty": lambda path, _: os.truncate(path, 0),
    "a link to zeros": lambda path, _: _replace(path, lambda path: path.symlink_to("/dev/zero")),
    "a link to itself": lambda path, _: _replace(path, lambda path: path.symlink_to(path)),
    "a link to nothing": lambda path, _: _replace(path, lambda path: path.symlink_to("/nowhere")),
    "a pipe": lambda path, _: _replace(path, os.mkfifo),
    "a folder": lambda path, _: _replace(path, Path.mkdir),
    "a value": _json,
    "a key": _key,
    "arrays": _arrays,
    "archive": _archive,
    "tensors": _tensors,
    "state": _state,
}
ANYWHERE = ("cut off", "a bit flipped", "noise", "repeated", "hollow", "another file", "gone", "empty",
            "a link to zeros", "a link to itself", "a link to nothing", "a pipe", "a folder")  # fmt: skip
MORE = {
    ".json": ("a value",) * 12 + ("a key",) * 4,
    ".jsonl": ("a value",) * 16 + ("a key",) * 4,
    ".npz": ("arrays",) * 6 + ("archive",) * 6,
    ".safetensors": ("tensors",) * 12,
    ".pt": ("state",) * 12,
}
