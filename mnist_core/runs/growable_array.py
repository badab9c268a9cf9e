"""A list of numbers in eight bytes each, which NumPy can look at without copying: for long histories."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar, cast, overload

import numpy as np

Number = TypeVar("Number", int, float)

FIRST_ROOM = 16  # values; doubled whenever it is full. Thousands of runs at a glance have a few steps each


class Column(Sequence[Number], Generic[Number]):
    """Numbers of one kind, appended as they come."""

    def __init__(self, kind: type[Number], values: Iterable[Number] = ()) -> None:
        self._kind: type[Number] = kind
        self._room = np.empty(FIRST_ROOM, dtype=kind)
        self._length = 0
        self.extend(values)

    @property
    def values(self) -> np.ndarray:
        """(N,) int64 or float64; not to be changed."""
        return self._room[: self._length]

    def snapshot(self) -> "Column[Number]":
        """The column as it is now, whatever becomes of this one. They share memory; nothing is copied."""
        taken: Column[Number] = Column(self._kind)
        taken._room, taken._length = self.values, self._length  # without room to spare: it would grow elsewhere
        return taken

    def append(self, value: Number) -> None:
        self.extend([value])

    def extend(self, values: Iterable[Number] | np.ndarray) -> None:
        new = values if isinstance(values, np.ndarray) else np.asarray(list(values), dtype=self._kind)
        end = self._length + len(new)
        if end > len(self._room):
            room = np.empty(max(end, 2 * len(self._room)), dtype=self._kind)
            room[: self._length] = self.values
            self._room = room
        self._room[self._length : end] = new
        self._length = end

    def truncate(self, length: int) -> None:
        """Keep the first `length` values only."""
        if length < self._length:
            self._room, self._length = self._room[:length].copy(), length  # snapshots keep what they have seen

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Number]:
        return iter(self.values.tolist())

    @overload
    def __getitem__(self, index: int) -> Number: ...
    @overload
    def __getitem__(self, index: slice) -> "Column[Number]": ...
    def __getitem__(self, index: int | slice) -> "Number | Column[Number]":
        if isinstance(index, slice):
            return Column(self._kind, self.values[index].tolist())
        return cast(Number, self.values[index].item())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Column | list) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Column({self.values.tolist()})"
