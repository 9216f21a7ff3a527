"""Pictures of the demo practice: its logo, and a calm figure for each therapist. They are drawn, so nobody is shown,
and drawn alike every time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw, ImageOps

SIDE = 1024
"""Pixels across and down while it is drawn: twice as many as the file has, so that edges come out smooth."""
PAPER = "#ffffff"
BEHIND: Mapping[str, tuple[tuple[int, int, int, int], ...]] = {
    "short": (),
    "long": ((300, 190, 724, 620), (300, 400, 724, 860)),
    "bun": ((428, 80, 596, 248),),
    "curls": ((270, 230, 470, 430), (554, 230, 754, 430), (350, 140, 674, 420), (280, 330, 744, 560)),
}
"""What of their hair stands behind the head, by its cut: boxes around ellipses."""
SHOULDERS, NECK = (140, 720, 884, 1400), (436, 560, 588, 800)
HEAD, FACE, HAIRLINE = (334, 186, 690, 570), (352, 240, 672, 640), (342, 196, 682, 600)
BERRIES = ((392, 560), (512, 690), (632, 520))
LEAVES = 7


def draw_portrait(look: Mapping[str, str]) -> bytes:
    """Somebody by the colours of ``ground``, ``clothes``, ``skin`` and ``hair``, and the ``cut`` of it; a PNG file."""
    lit = ImageOps.colorize(Image.linear_gradient("L"), black=PAPER, white=look["ground"])
    found = Image.blend(lit.resize((SIDE, SIDE)), Image.new("RGB", (SIDE, SIDE), look["ground"]), 0.5)
    pen = ImageDraw.Draw(found)
    for box in (HEAD, *BEHIND[look["cut"]]):
        pen.ellipse(box, fill=look["hair"])
    pen.ellipse(SHOULDERS, fill=look["clothes"])
    pen.rounded_rectangle(NECK, radius=76, fill=_shade(look["skin"]))
    pen.ellipse(FACE, fill=look["skin"])
    pen.chord(HAIRLINE, 200, 340, fill=look["hair"])
    return _as_file(found)


def draw_logo(colours: Mapping[str, str]) -> bytes:
    """A sprig of juniper by the colours of its ``ground``, ``leaves`` and ``berries``; a PNG file, clear around it."""
    found = Image.new("RGBA", (SIDE, SIDE))
    pen = ImageDraw.Draw(found)
    pen.ellipse((16, 16, SIDE - 16, SIDE - 16), fill=colours["ground"])
    pen.line((512, 880, 512, 240), fill=colours["leaves"], width=28)
    for number in range(LEAVES):
        for side in (-1, 1):
            slope, length = math.radians(38 + 4 * number), 300 - 24 * number
            at = 820 - 88 * number
            tip = (512 + side * length * math.sin(slope), at - length * math.cos(slope))
            pen.line(((512, at), tip), fill=colours["leaves"], width=30)
    for x, y in BERRIES:
        pen.ellipse((x - 72, y - 72, x + 72, y + 72), fill=colours["berries"])
    return _as_file(found)


def _shade(colour: str) -> tuple[int, ...]:
    return tuple(int(part * 0.88) for part in ImageColor.getrgb(colour))


def _as_file(drawn: Image.Image) -> bytes:
    out = BytesIO()
    drawn.reduce(2).save(out, "PNG", compress_level=1)
    return out.getvalue()
