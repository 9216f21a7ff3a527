"""Where the built files are: from the name a page writes to the hashed file that the build made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

BUILD = "build"


def asset_path(static_folder: Path, name: str) -> str:
    """The path of the asset `name`, relative to the static folder, for example ``build/app-3KQ2X7LM.css``.

    A hashed file never changes, so it may be cached for a year. Where nothing was built the plain name comes
    back: pages still work, unstyled, which is all that most tests need. Raises KeyError for a name that the
    build does not know.
    """
    manifest = static_folder / BUILD / "manifest.json"
    try:
        changed = manifest.stat().st_mtime_ns
    except FileNotFoundError:
        return f"{BUILD}/{name}"
    return f"{BUILD}/{_read(manifest, changed)[name]}"


def is_built(static_folder: Path) -> bool:
    """Whether `npm run build` has run: production should not start without."""
    return (static_folder / BUILD / "manifest.json").is_file()


@lru_cache(maxsize=4)
def _read(manifest: Path, _changed: int) -> Mapping[str, str]:
    """`_changed` is only part of the key: a new build is noticed without a restart."""
    names: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))
    return names
