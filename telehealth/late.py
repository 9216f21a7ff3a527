"""Libraries that are loaded when they are first needed: to show somebody a first page takes none of these.

What only some requests want is a ``Library``, in the module that owns it. What another library would load in vain is
kept ``without``, or ``postponed`` where it does not take no for an answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Library(ModuleType):
    """Stands for a library until something of it is asked for, and passes everything on to it."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self.__name__), name)
        setattr(self, name, found)
        return found


class MadeLate(Mapping[Key, Value]):
    """Things by their keys, each made when it is first asked for, and kept."""

    def __init__(self, makers: Mapping[Key, Callable[[], Value]]) -> None:
        self._makers = makers
        self._made: dict[Key, Value] = {}

    def __getitem__(self, key: Key) -> Value:
        if key not in self._made:
            self._made[key] = self._makers[key]()
        return self._made[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Whatever is loaded in this block takes these for not installed, unless they are loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None stands for: there is no such module.
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def postponed(*names: str, **known: object) -> Iterator[None]:
    """Whatever is loaded in this block is given a ``Library`` for these, unless they are loaded already.

    What is asked of them while it is loaded, and not called, can be ``known``: it is given instead.
    """
    stand_ins = {name: Library(name) for name in names if name not in sys.modules}
    for stand_in in stand_ins.values():
        vars(stand_in).update(known)
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]
