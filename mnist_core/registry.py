"""What can be chosen, each choice in one place: its names, and for every name all that the program knows about it.

Labels, forms, the command line, checks and cards are derived from a registry, so that whoever adds an entry has added
it everywhere.
"""

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from mnist_core.errors import ConfigError


class Entry(Protocol):
    """What a registry holds: anything that says what a person calls it."""

    @property
    def label(self) -> str: ...


E_co = TypeVar("E_co", bound=Entry, covariant=True)


class Registry(Generic[E_co]):
    """The entries of one choice by name, in the order in which they are offered."""

    def __init__(self, noun: str, entries: Mapping[str, E_co]) -> None:
        self._noun, self._entries = noun, dict(entries)

    def __getitem__(self, name: str) -> E_co:
        """Raises: ConfigError: if there is no such entry; it names those there are."""
        self.check(name)
        return self._entries[name]

    def check(self, name: Any) -> None:
        """Raises: ConfigError: if `name` is not one of the registry's."""
        if not isinstance(name, str) or name not in self._entries:
            raise ConfigError(f"{self._noun} must be one of {', '.join(self._entries)}, got {name!r}")

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> ItemsView[str, E_co]:
        return self._entries.items()

    def values(self) -> ValuesView[E_co]:
        return self._entries.values()

    def label(self, name: str) -> str:
        """What a person calls it."""
        return self[name].label


@dataclass(frozen=True)
class Named:
    """An entry that is no more than its name: what it does stands where it is done, in a `match`."""

    label: str
