"""Files that somebody chooses as a picture."""

from __future__ import annotations

import base64
from io import BytesIO

from PIL import Image


def make_file(colour: str = "teal", *, size: tuple[int, int] = (64, 48), written: str = "PNG") -> bytes:
    """A picture of one colour."""
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, written)
    return out.getvalue()


def in_letters(file: bytes) -> str:
    """As the API takes it."""
    return base64.b64encode(file).decode()
