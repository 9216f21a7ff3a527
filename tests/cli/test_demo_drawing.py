"""Pictures of the demo practice."""

from __future__ import annotations

from telehealth.cli.demo.drawing import draw_logo, draw_portrait
from telehealth.cli.demo.reading import read_practice
from telehealth.domain.pictures import PictureKind, clean_picture


def test_everybody_looks_alike_every_time_and_like_nobody_else() -> None:
    facts = read_practice()
    looks = [each["portrait"] for each in facts["therapists"]]
    drawn = [draw_portrait(each) for each in looks]
    assert drawn == [draw_portrait(each) for each in looks]
    kept = {clean_picture(each, PictureKind.PHOTO).digest for each in drawn}
    logo = draw_logo(facts["logo"])
    assert logo == draw_logo(facts["logo"])
    kept.add(clean_picture(logo, PictureKind.LOGO).digest)
    assert len(kept) == len(looks) + 1
