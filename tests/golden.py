"""Golden files: what leaves the house, word for word, so that a reviewer reads the words in the diff.

``UPDATE_GOLDEN=1 pytest …`` writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).parent / "data"


def assert_golden(name: str, content: bytes) -> None:
    path = _FOLDER / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(content)
    assert content.decode() == path.read_bytes().decode(), f"tests/data/{name} says something else"
