"""Libraries that are loaded when they are first needed: to show somebody a first page takes none of these.

What only some requests want is a ``Library``, in the module that owns it. What another library would load in vain is
kept ``without``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class Library(ModuleType):
    """Stands for a library until something of it is asked for, and passes everything on to it."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self.__name__), name)
        setattr(self, name, found)
        return found


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
