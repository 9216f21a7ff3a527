"""Where the built files are: from the name a page writes to the hashed file that the build made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import url_for

BUILD = "build"


@dataclass(frozen=True, slots=True)
class Assets:
    """The built files below the address ``root``: ``files`` has the hashed name of each, or is None where nothing was
    built.
    """

    root: str
    files: Mapping[str, str] | None

    def make_url(self, name: str) -> str:
        """The address of an asset, for example ``/static/build/app-3KQ2X7LM.css``.

        A hashed file never changes, so it may be cached for a year. Where nothing was built the plain name comes
        back: pages still work, unstyled, which is all that most tests need. Raises KeyError for a name that the
        build does not know.
        """
        return self.root + (name if self.files is None else self.files[name])


def find_assets(static_folder: Path) -> Assets:
    """What the last build made, for a page that is being written: looked up once for all that it names."""
    manifest = static_folder / BUILD / "manifest.json"
    try:
        files = _read(manifest, manifest.stat().st_mtime_ns)
    except FileNotFoundError:
        files = None
    return Assets(url_for("static", filename=f"{BUILD}/"), files)


def is_built(static_folder: Path) -> bool:
    """Whether `npm run build` has run: production should not start without."""
    return (static_folder / BUILD / "manifest.json").is_file()


@lru_cache(maxsize=4)
def _read(manifest: Path, _changed: int) -> Mapping[str, str]:
    """`_changed` is only part of the key: a new build is noticed without a restart."""
    names: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))
    return names
