"""A list of numbers in eight bytes each, which NumPy can look at without copying: what long histories are kept in."""

from collections.abc import Iterable, Iterator, MutableSequence
from typing import Any, TypeVar, cast, overload

import numpy as np

Number = TypeVar("Number", int, float)

FIRST_ROOM = 16  # values; doubled whenever it is full. Thousands of runs at a glance have a few steps each


class Column(MutableSequence[Number]):
    """Numbers of one kind, appended as they come.

    One thread may append while others look: what they were given before stays as it was, only shorter than the column.
    """

    def __init__(self, kind: type[Number], values: Iterable[Number] = ()) -> None:
        self._kind: type[Number] = kind
        self._room = np.empty(FIRST_ROOM, dtype=kind)
        self._length = 0
        self.extend(values)

    @property
    def values(self) -> np.ndarray:
        """(N,) int64 or float64; not to be changed."""
        return self._room[: self._length]

    def extend(self, values: Iterable[Number] | np.ndarray) -> None:
        new = values if isinstance(values, np.ndarray) else np.asarray(list(values), dtype=self._kind)
        end = self._length + len(new)
        if end > len(self._room):
            room = np.empty(max(end, 2 * len(self._room)), dtype=self._kind)
            room[: self._length] = self.values
            self._room = room
        self._room[self._length : end] = new
        self._length = end

    def insert(self, index: int, value: Number) -> None:
        if index != self._length:
            raise NotImplementedError("a history only grows at its end")
        self.extend([value])

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

    @overload
    def __setitem__(self, index: int, value: Number) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[Number]) -> None: ...
    def __setitem__(self, index: int | slice, value: Any) -> None:
        if isinstance(index, slice):
            kept = self.values.tolist()
            kept[index] = value
            self._length = 0
            self.extend(kept)
        else:
            self.values[index] = value

    def __delitem__(self, index: int | slice) -> None:
        if isinstance(index, slice) and index.stop is None and index.step is None:  # the end of it
            self._length = len(range(self._length)[: index.start])
        else:
            kept = self.values.tolist()
            del kept[index]
            self[:] = kept

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Column | list) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Column({self.values.tolist()})"
