"""Whatever somebody sends as a picture: what is kept of it, and why the rest is refused."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from telehealth.domain import pictures
from telehealth.domain.pictures import LARGEST_PICTURE, PictureKind, clean_picture

LEFT, RIGHT = (200, 30, 30), (30, 30, 200)
PROGRAM = b"<script>alert(1)</script><?php system('id'); ?>"


def halves(mode: str = "RGB", size: tuple[int, int] = (120, 60)) -> Image.Image:
    """Red on the left, blue on the right."""
    drawn = Image.new("RGB", size, RIGHT)
    drawn.paste(LEFT, (0, 0, size[0] // 2, size[1]))
    return drawn.convert(mode)


def file_of(drawn: Image.Image, written: str = "PNG", **given: Any) -> bytes:
    out = BytesIO()
    drawn.save(out, written, **given)
    return out.getvalue()


def png(width: int, height: int, *chunks: tuple[bytes, bytes], depth: int = 8, colour: int = 2) -> bytes:
    """A PNG written by hand, for what no honest program writes."""
    head = (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    written = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (head, *chunks, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + written


def kept(file: bytes, kind: PictureKind = PictureKind.PHOTO) -> Image.Image:
    """What everybody gets, read again."""
    clean = clean_picture(file, kind)
    assert clean.digest == hashlib.sha256(clean.content).hexdigest()
    found = Image.open(BytesIO(clean.content))
    assert found.format == "WEBP"
    assert clean.content[:4] == b"RIFF"
    assert len(clean.content) == 8 + int.from_bytes(clean.content[4:8], "little"), "nothing behind it"
    assert not {"exif", "icc_profile", "xmp"} & set(found.info)
    return found


def is_near(pixel: Any, colour: tuple[int, int, int], by: int = 24) -> bool:
    return all(abs(one - other) <= by for one, other in zip(pixel[:3], colour, strict=True))


@pytest.mark.parametrize("written", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("kind", list(PictureKind))
def test_pictures_are_drawn_anew(written: str, kind: PictureKind) -> None:
    found = kept(file_of(halves(), written), kind)
    assert found.size == (120, 60)
    assert is_near(found.convert("RGB").getpixel((20, 30)), LEFT)
    assert is_near(found.convert("RGB").getpixel((100, 30)), RIGHT)


@pytest.mark.parametrize(("kind", "size"), [(PictureKind.PHOTO, (512, 256)), (PictureKind.LOGO, (640, 320))])
def test_large_ones_are_made_small(kind: PictureKind, size: tuple[int, int]) -> None:
    for written in ("JPEG", "PNG"):
        found = kept(file_of(halves(size=(4000, 2000)), written), kind)
        assert found.size == size
        assert is_near(found.convert("RGB").getpixel((20, 30)), LEFT)


@pytest.mark.parametrize(
    ("mode", "written"),
    [("L", "PNG"), ("1", "PNG"), ("P", "PNG"), ("LA", "PNG"), ("RGBA", "PNG"), ("CMYK", "JPEG"), ("L", "JPEG")],
)
def test_every_way_to_write_colours_is_read(mode: str, written: str) -> None:
    drawn = halves("RGB").convert(mode) if mode != "LA" else halves("L").convert("LA")
    found = kept(file_of(drawn, written)).convert("RGB")
    left, right = found.getpixel((20, 30)), found.getpixel((100, 30))
    if mode in ("P", "RGBA", "CMYK"):
        assert is_near(left, LEFT, by=60)
        assert is_near(right, RIGHT, by=60)
    assert left != right


@pytest.mark.parametrize(("colour", "samples"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_sixteen_bits_are_read_as_what_they_mean(colour: int, samples: int) -> None:
    """Grey was cut off at 255 of 65,535: everything became white."""
    line = b"\0" + struct.pack(f">{40 * samples}H", *[0x8000] * (40 * samples))
    file = png(40, 40, (b"IDAT", zlib.compress(line * 40)), depth=16, colour=colour)
    assert is_near(kept(file).convert("RGB").getpixel((20, 20)), (128, 128, 128), by=4)


def test_what_is_transparent_stays_so() -> None:
    drawn = halves("RGBA")
    drawn.putpixel((0, 0), (0, 0, 0, 0))
    found = kept(file_of(drawn), PictureKind.LOGO)
    assert found.mode == "RGBA"
    assert found.getpixel((0, 0))[3] == 0  # type: ignore[index]  # A tuple, in this mode.


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [
        (1, (120, 60), (10, 30)),
        (2, (120, 60), (110, 30)),
        (3, (120, 60), (110, 30)),
        (4, (120, 60), (10, 30)),
        (5, (60, 120), (30, 10)),
        (6, (60, 120), (30, 10)),
        (7, (60, 120), (30, 110)),
        (8, (60, 120), (30, 110)),
    ],
)
def test_it_is_turned_as_the_camera_was_held(orientation: int, size: tuple[int, int], red: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = orientation
    found = kept(file_of(halves(), "JPEG", quality=95, exif=exif))
    assert found.size == size
    assert is_near(found.convert("RGB").getpixel(red), LEFT)


def test_nothing_is_kept_of_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x9286] = "Phone of Dana", "At home"
    exif.get_ifd(0x8825)[1] = "N"
    text = PngInfo()
    text.add_text("Comment", "At home", zip=True)
    for file in (
        file_of(halves(), "JPEG", exif=exif, comment=b"At home"),
        file_of(halves(), "PNG", exif=exif, pnginfo=text),
        file_of(halves(), "WEBP", exif=exif, xmp=b"At home"),
    ):
        assert b"At home" in file or b"Comment" in file
        content = clean_picture(file, PictureKind.PHOTO).content
        assert b"home" not in content
        assert b"EXIF" not in content
        assert kept(file).getexif() == {}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow says so, and goes on.
def test_odd_exif_is_no_reason_to_refuse_a_picture() -> None:
    file = file_of(halves(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert kept(file).size == (120, 60)


def test_colours_are_meant_as_screens_show_them() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = file_of(halves(), "JPEG", quality=95, icc_profile=lab)
    assert is_near(kept(file).convert("RGB").getpixel((20, 30)), LEFT)
    broken = file_of(halves(), "JPEG", quality=95, icc_profile=b"no profile" * 20)
    assert is_near(kept(broken).convert("RGB").getpixel((20, 30)), LEFT)


def test_a_phones_two_pictures_in_one_are_the_first() -> None:
    """Phones hide a second one behind a JPEG (MPO), for depth or brightness. It does not move."""
    two = file_of(halves(), "MPO", save_all=True, append_images=[Image.new("RGB", (120, 60))])
    assert is_near(kept(two).convert("RGB").getpixel((20, 30)), LEFT)


@pytest.mark.parametrize("written", ["JPEG", "PNG", "WEBP"])
def test_what_is_glued_to_a_picture_is_not_kept(written: str) -> None:
    """A file can be a picture and a program, or an archive, at once."""
    file = file_of(halves(), written)
    for polyglot in (file + PROGRAM, file + b"PK\x03\x04" + PROGRAM):
        assert PROGRAM not in clean_picture(polyglot, PictureKind.LOGO).content


def test_what_is_hidden_in_a_picture_is_not_kept() -> None:
    hidden = file_of(halves(), "JPEG", comment=PROGRAM)
    assert PROGRAM in hidden
    assert PROGRAM not in clean_picture(hidden, PictureKind.PHOTO).content


def moving(written: str) -> bytes:
    frames = [halves(), Image.new("RGB", (120, 60))]
    return file_of(frames[0], written, save_all=True, append_images=frames[1:], duration=100)


REFUSED = {
    "nothing": (b"", pictures.MISSING),
    "letters": (b"I am a picture.", pictures.UNREADABLE),
    "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', pictures.IS_DRAWING),
    "svg behind a mark": (b"\xef\xbb\xbf\n <svg/>", pictures.IS_DRAWING),
    "a page": (b"<!doctype html>" + PROGRAM, pictures.IS_DRAWING),
    "gif": (file_of(halves(), "GIF"), pictures.IS_GIF),
    "moving gif": (moving("GIF"), pictures.IS_GIF),
    "moving png": (moving("PNG"), pictures.MOVES),
    "moving webp": (moving("WEBP"), pictures.MOVES),
    "tiff": (file_of(halves(), "TIFF"), pictures.UNREADABLE),
    "bmp": (file_of(halves(), "BMP"), pictures.UNREADABLE),
    "pdf": (b"%PDF-1.7\n" + b"x" * 200, pictures.UNREADABLE),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", pictures.UNREADABLE),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", pictures.IS_HEIC),
    "cut off jpeg": (file_of(halves(size=(600, 600)), "JPEG")[:-800], pictures.UNREADABLE),
    "cut off png": (file_of(Image.effect_noise((99, 99), 50))[:-400], pictures.UNREADABLE),
    "cut off webp": (file_of(Image.effect_noise((99, 99), 50), "WEBP")[:-400], pictures.UNREADABLE),
    "only a head": (png(100, 100), pictures.UNREADABLE),
    "wrong sum": (file_of(halves()).replace(b"IDAT", b"IDAX"), pictures.UNREADABLE),
    "too many pixels": (png(5001, 5000, (b"IDAT", b"")), pictures.TOO_MANY_PIXELS),
    "a bomb": (png(40_000, 40_000, (b"IDAT", zlib.compress(b"\0" * 10**6))), pictures.TOO_MANY_PIXELS),
    "a wide bomb": (png(2**31 - 1, 2**31 - 1, (b"IDAT", b"")), pictures.TOO_MANY_PIXELS),
    "a bomb of words": (
        png(40, 40, (b"zTXt", b"a\0\0" + zlib.compress(b"x" * 90_000_000)), (b"IDAT", b"")),
        pictures.UNREADABLE,
    ),
    "too small": (file_of(halves(size=(400, 31))), pictures.TOO_SMALL),
    "too long": (file_of(halves()) + b"\0" * LARGEST_PICTURE, pictures.TOO_LARGE),
}


@pytest.mark.parametrize("name", list(REFUSED))
@pytest.mark.parametrize("kind", list(PictureKind))
def test_what_cannot_be_taken_is_refused_in_a_sentence(name: str, kind: PictureKind) -> None:
    file, sentence = REFUSED[name]
    with pytest.raises(ValueError, match=re.escape(sentence)):
        clean_picture(file, kind)


def test_a_picture_of_the_largest_size_is_taken() -> None:
    assert kept(file_of(Image.new("L", (5000, 5000), 90))).size == (512, 512)
