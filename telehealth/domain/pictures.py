"""Pictures that people give us: what is taken, and the one form in which it is kept.

Nobody's file is ever passed on. It is read as a picture, drawn anew and written as WebP: what stood beside the picture
(where it was taken, on which phone, another file glued to its end) is not copied, because nothing is copied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

from telehealth.late import Library

if TYPE_CHECKING:
    from PIL.Image import Image, Transpose

LARGEST_PICTURE = 6_000_000
"""Bytes of a file; phones make some three million."""
MOST_PIXELS = 25_000_000
"""A small file can be a huge picture: this many take 100 MB while they are looked at. Phones make 12 or 24 million."""
SHORTEST_SIDE = 32
MEDIA_TYPE = "image/webp"

TOO_LARGE = "This file is larger than 6 MB. Please make the picture smaller, or choose another one."
TOO_MANY_PIXELS = "This picture has more than 25 million pixels. Please make it smaller, or choose another one."
TOO_SMALL = f"This picture is too small to be seen. Please choose one with {SHORTEST_SIDE} pixels or more on each side."
MISSING = "Please choose a picture."
MOVES = "This picture moves. Please choose one that stands still."
IS_GIF = "This is a GIF file, which may move. Please save it as PNG, and send that."
IS_DRAWING = "This is an SVG file, which can hold programs. Please save it as PNG, and send that."
IS_HEIC = "This is a HEIC file, which browsers cannot show. Please save it as JPEG, and send that."
UNREADABLE = "We cannot read this file as a picture. Please choose a JPEG, PNG or WebP file."

_image, _colours = Library("PIL.Image"), Library("PIL.ImageCms")
_at_work = Lock()
"""One picture after the other: eight at once would take more memory than the machine may have."""


class PictureKind(StrEnum):
    """What a picture is for."""

    LOGO = "logo"
    PHOTO = "photo"


ROOM = {PictureKind.LOGO: (800, 320), PictureKind.PHOTO: (512, 512)}
"""Pixels across and down that the kept picture fits in: three times as many as a page shows."""
READ = ("JPEG", "PNG", "WEBP")
TWO_IN_ONE = "MPO"
"""What some phones write: a JPEG with another one behind it. It counts as moving, and does not."""
BEGINS = ((b"GIF8", IS_GIF), (b"<", IS_DRAWING))
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
ORIENTATION = 0x0112
"""The tag of EXIF that says how the camera was held (CIPA DC-008, 4.6.4)."""


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """What is kept of a picture: WebP. The ``digest`` of its bytes names it."""

    content: bytes
    digest: str


def clean_picture(file: bytes, kind: PictureKind) -> CleanPicture:
    """Draw a picture anew, upright, small enough, in the colours of screens, and without what else its file held.

    Raises ValueError with a sentence for whoever chose it.
    """
    if not file:
        raise ValueError(MISSING)
    if len(file) > LARGEST_PICTURE:
        raise ValueError(TOO_LARGE)
    _refuse_by_name(file)
    with _at_work, _as_a_sentence():
        content = _write(_draw(file, ROOM[kind]), kind)
    return CleanPicture(content, hashlib.sha256(content).hexdigest())


def _refuse_by_name(file: bytes) -> None:
    """What people try that is no picture here, in words that help them on."""
    head = file[:64].removeprefix(BYTE_ORDER_MARK).lstrip()
    for begins, sentence in BEGINS:
        if head.startswith(begins):
            raise ValueError(sentence)
    if file[4:8] == b"ftyp" and file[8:12] in HEIC_BRANDS:
        raise ValueError(IS_HEIC)


@contextmanager
def _as_a_sentence() -> Iterator[None]:
    """Pillow raises a dozen kinds of errors over bytes that somebody made to be odd: all mean the same to people."""
    try:
        yield
    except _Refused as refusal:
        raise ValueError(str(refusal)) from refusal
    except (_image.DecompressionBombError, _image.DecompressionBombWarning) as problem:
        raise ValueError(TOO_MANY_PIXELS) from problem
    except Exception as problem:
        raise ValueError(UNREADABLE) from problem


class _Refused(Exception):
    """It was read, and cannot be taken."""


def _draw(file: bytes, room: tuple[int, int]) -> Image:
    """The picture as it is to be seen. What a file says of its size is asked before anything is unpacked."""
    with _image.open(BytesIO(file), formats=READ) as found:
        width, height = found.size
        if width * height > MOST_PIXELS:
            raise _Refused(TOO_MANY_PIXELS)
        if min(width, height) < SHORTEST_SIDE:
            raise _Refused(TOO_SMALL)
        if found.format != TWO_IN_ONE and getattr(found, "is_animated", False):
            raise _Refused(MOVES)
        turn, profile = _find_turn(found), found.info.get("icc_profile")
        # A JPEG can be unpacked at a half, a quarter or an eighth of its size, with a part of the work.
        found.draft(None, (2 * max(room), 2 * max(room)))
        found.load()
        drawn = _in_colours_of_screens(found, profile)
    if turn is not None:
        drawn = drawn.transpose(turn)
    drawn.thumbnail(room, _image.Resampling.LANCZOS)
    return drawn


def _find_turn(found: Image) -> Transpose | None:
    """How it has to be turned to be upright; None when it is, or when nobody can tell."""
    turns = _image.Transpose
    steps = {
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_270,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_90,
    }
    try:
        return steps.get(found.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 -- odd EXIF raises what it likes, and is no reason to refuse a picture.
        return None


def _in_colours_of_screens(found: Image, profile: bytes | None) -> Image:
    """Eight bits of red, green and blue as screens mean them (sRGB), with transparency where there is any."""
    if found.mode.startswith("I"):  # Sixteen bits of grey, which Pillow would cut off at 255.
        found, profile = found.convert("I").point(lambda value: value * (1 / 256)).convert("L"), None
    kept = "RGBA" if found.has_transparency_data else "RGB"
    if profile and found.mode in ("RGB", "RGBA", "CMYK"):
        mode = kept if found.mode == kept else "RGB"
        screens = _colours.createProfile("sRGB")
        with suppress(OSError, ValueError, _colours.PyCMSError):  # Without it they are near enough.
            turned: Image = _colours.profileToProfile(found, BytesIO(profile), screens, outputMode=mode)
            return turned
    return found.convert(kept)


def _write(drawn: Image, kind: PictureKind) -> bytes:
    """Logos have edges that must stay sharp; of a photo nobody sees what is left out."""
    drawn.info.clear()  # What would be written beside the picture.
    out = BytesIO()
    if kind == PictureKind.LOGO:
        drawn.save(out, "WEBP", lossless=True, method=4)
    else:
        drawn.save(out, "WEBP", quality=84, method=4)
    return out.getvalue()
