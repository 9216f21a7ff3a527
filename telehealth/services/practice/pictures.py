"""The logo of a practice and the photos of its therapists: taken, replaced, and taken away.

They lie in the database, so that one copy of it holds all that a practice is. A picture that nothing shows any more is
gone at once: somebody may have had a reason to take their face off a page.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, union_all
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import InvalidInput
from telehealth.domain.pictures import CleanPicture, PictureKind, clean_picture
from telehealth.models import Picture, Practice, Therapist
from telehealth.services.audit import ActedBy, change_row
from telehealth.services.locking import lock_own
from telehealth.services.practice.practice_settings import change_practice
from telehealth.services.practice.therapists import named_therapist


def set_logo(*, practice_id: int, file: bytes, by: ActedBy, now: datetime) -> Practice:
    """Show a logo on the pages of a practice. Raises InvalidInput (field ``logo``)."""
    picture = _clean(file, PictureKind.LOGO)
    with transaction() as session:
        return _show_logo(session, practice_id, picture, by, now=now)


def remove_logo(*, practice_id: int, by: ActedBy, now: datetime) -> Practice:
    """Show none any more."""
    with transaction() as session:
        return _show_logo(session, practice_id, None, by, now=now)


def set_photo(*, practice_id: int, therapist_public_id: str, file: bytes, by: ActedBy, now: datetime) -> Therapist:
    """Show a photo of a therapist to those who choose. Raises NotFound, InvalidInput (field ``photo``)."""
    picture = _clean(file, PictureKind.PHOTO)
    with transaction() as session:
        return _show_photo(session, practice_id, therapist_public_id, picture, by, now=now)


def remove_photo(*, practice_id: int, therapist_public_id: str, by: ActedBy, now: datetime) -> Therapist:
    """Show none any more. Raises NotFound."""
    with transaction() as session:
        return _show_photo(session, practice_id, therapist_public_id, None, by, now=now)


def _clean(file: bytes, kind: PictureKind) -> CleanPicture:
    try:
        return clean_picture(file, kind)
    except ValueError as problem:
        raise InvalidInput({kind: str(problem)}) from problem


def _show_logo(
    session: Session, practice_id: int, picture: CleanPicture | None, by: ActedBy, *, now: datetime
) -> Practice:
    _keep(session, practice_id, picture, now=now)
    practice = change_practice(session, practice_id, {"logo": _name(picture)}, by, now=now)
    _forget_unused(session, practice_id)
    return practice


def _show_photo(
    session: Session,
    practice_id: int,
    therapist_public_id: str,
    picture: CleanPicture | None,
    by: ActedBy,
    *,
    now: datetime,
) -> Therapist:
    _keep(session, practice_id, picture, now=now)
    found = lock_own(session, Therapist, practice_id, public_id=therapist_public_id)
    change_row(session, practice_id, found, {"photo": _name(picture)}, named_therapist, by, now=now)
    _forget_unused(session, practice_id)
    return found


def _name(picture: CleanPicture | None) -> str | None:
    return None if picture is None else picture.digest


def _keep(session: Session, practice_id: int, picture: CleanPicture | None, *, now: datetime) -> None:
    """Keep its bytes, once. Of two changes at once the second waits here, and forgets nothing that the first keeps."""
    session.get_one(Practice, practice_id, with_for_update={"key_share": True}, populate_existing=True)
    if picture is None:
        return
    same = select(Picture.id).filter_by(practice_id=practice_id, digest=picture.digest)
    if session.scalar(same) is None:
        session.add(Picture(practice_id=practice_id, digest=picture.digest, content=picture.content, created_at=now))


def _forget_unused(session: Session, practice_id: int) -> None:
    session.flush()
    shown = union_all(
        select(Practice.logo).where(Practice.id == practice_id, Practice.logo.is_not(None)),
        select(Therapist.photo).where(Therapist.practice_id == practice_id, Therapist.photo.is_not(None)),
    )
    session.execute(delete(Picture).where(Picture.practice_id == practice_id, Picture.digest.not_in(shown)))
