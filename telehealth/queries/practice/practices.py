"""What a practice shows: its services, people and places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import selectinload

from telehealth.database import db
from telehealth.domain.appointments.openness import LISTED
from telehealth.domain.errors import NotFound, ServiceEnded
from telehealth.models import Location, Picture, Practice, Service, Therapist, TherapistService
from telehealth.models.users import GIVES_CARE

# Built once: building a statement takes longer than running it.
_ID_OF = select(Practice.id).where(Practice.slug == bindparam("slug"))
_BY_SLUG = select(Practice).where(Practice.slug == bindparam("slug"))
_NAMED: dict[Any, Any] = {
    model: select(model).filter_by(practice_id=bindparam("practice"), public_id=bindparam("public_id"))
    for model in (Service, Therapist, Location)
}
_SERVICES = (
    select(Service)
    .where(Service.practice_id == bindparam("practice"), Service.ended_at.is_(None))
    .order_by(Service.position, Service.id)
)
_OFFERED = _SERVICES.where(Service.open_to.in_(sorted(LISTED)) | (Service.link_word == bindparam("word")))
_BY_WORD = select(Service).where(
    Service.practice_id == bindparam("practice"),
    (Service.public_id == bindparam("word")) | (Service.link_word == bindparam("word")),
)
_THERAPISTS = (
    select(Therapist)
    .where(Therapist.practice_id == bindparam("practice"), GIVES_CARE)
    .order_by(Therapist.name)
    .options(selectinload(Therapist.licences), selectinload(Therapist.services))
)
_GIVERS = _THERAPISTS.join(TherapistService).where(TherapistService.service_id == bindparam("service"))
_EVERY_LOCATION = select(Location).where(Location.practice_id == bindparam("practice")).order_by(Location.name)
_LOCATIONS = _EVERY_LOCATION.where(Location.ended_at.is_(None))
_LOCATIONS_AND_ROOMS = _LOCATIONS.options(selectinload(Location.rooms))


def find_practice(slug: str) -> Practice:
    """The practice at an address. Raises NotFound."""
    found = db.session.scalar(_BY_SLUG, {"slug": slug})
    if found is None:
        raise NotFound("We could not find that practice. Please check the address.")
    return found


def find_practice_id(slug: str) -> int:
    """The practice's id and nothing else, for those who load the rest in their own way. Raises NotFound."""
    found: int | None = db.session.connection().scalar(_ID_OF, {"slug": slug})
    if found is None:
        raise NotFound
    return found


def find_only_practice() -> Practice | None:
    """The practice, when there is exactly one."""
    found = db.session.scalars(select(Practice).limit(2)).all()
    return found[0] if len(found) == 1 else None


def list_practices(*, most: int) -> Sequence[Practice]:
    """So many practices, by name."""
    return db.session.scalars(select(Practice).order_by(Practice.name, Practice.id).limit(most)).all()


def has_practice(*, besides: str | None = None) -> bool:
    """Whether there is a practice, not counting the one ``besides`` (its slug)."""
    whether = select(Practice.id).limit(1)
    if besides is not None:
        whether = whether.where(Practice.slug != besides)
    return db.session.scalar(whether) is not None


def find_picture(digest: str) -> bytes:
    """The bytes of a picture. Raises NotFound; also for one that nothing shows any more."""
    found = db.session.scalar(select(Picture.content).where(Picture.digest == digest).limit(1))
    if found is None:
        raise NotFound
    return found


def list_services(practice_id: int) -> Sequence[Service]:
    """What can be booked by staff at least, in the practice's order."""
    return db.session.scalars(_SERVICES, {"practice": practice_id}).all()


def list_offered_services(practice_id: int, *, word: str | None = None) -> Sequence[Service]:
    """What everybody may read, in the practice's order; and what is on no list, for whoever has the ``word`` of it."""
    return db.session.scalars(_OFFERED, {"practice": practice_id, "word": word}).all()


def list_ended_services(practice_id: int) -> Sequence[Service]:
    """What could be booked once, by name."""
    return db.session.scalars(
        select(Service)
        .where(Service.practice_id == practice_id, Service.ended_at.is_not(None))
        .order_by(Service.name, Service.id)
    ).all()


def list_therapists(practice_id: int, *, service_id: int | None = None) -> Sequence[Therapist]:
    """Who gives care now and can be booked, or who gives one service, by name."""
    statement = _THERAPISTS if service_id is None else _GIVERS
    return db.session.scalars(statement, {"practice": practice_id, "service": service_id}).all()


def list_former_therapists(practice_id: int) -> Sequence[Therapist]:
    """Who is not offered any more: they have left, or their login is switched off. By name."""
    former = select(Therapist).where(Therapist.practice_id == practice_id, ~GIVES_CARE)
    return db.session.scalars(former.order_by(Therapist.name, Therapist.id)).all()


def list_locations(practice_id: int, *, with_rooms: bool = False) -> Sequence[Location]:
    """Where people can meet in person now, by name; ``with_rooms`` for pages that name the rooms, too."""
    statement = _LOCATIONS_AND_ROOMS if with_rooms else _LOCATIONS
    return db.session.scalars(statement, {"practice": practice_id}).all()


def list_former_locations_too(practice_id: int, *, with_rooms: bool = False) -> Sequence[Location]:
    """The same with those that are closed: what took place there is still called by their names."""
    statement = _EVERY_LOCATION.options(selectinload(Location.rooms)) if with_rooms else _EVERY_LOCATION
    return db.session.scalars(statement, {"practice": practice_id}).all()


def find_service(practice_id: int, public_id: str) -> Service:
    """A service of this practice, also one that has ended. Raises NotFound."""
    found: Service = _one(Service, practice_id, public_id)
    return found


def find_named_service(practice_id: int, word: str) -> Service:
    """A service by its id or the word of its link, also one that nobody can book. Raises NotFound."""
    found = db.session.scalar(_BY_WORD, {"practice": practice_id, "word": word})
    if found is None:
        raise NotFound
    return found


def find_open_service(practice_id: int, word: str) -> Service:
    """The same, for somebody who is not of the staff and asks for it. Raises NotFound, ServiceEnded."""
    found = find_named_service(practice_id, word)
    require_open(found, word, is_invited=False)
    return found


def require_open(service: Service, word: str, *, is_invited: bool) -> None:
    """Raises ServiceEnded when it cannot be had any more, or not by the word that somebody used for it who is not
    invited: who knows the id of what is on no list has had it once, and its link may have been renewed since.
    """
    if service.ended_at is not None or (not is_invited and word != service.asking_word):
        raise ServiceEnded


def find_therapist(practice_id: int, public_id: str) -> Therapist:
    """A therapist of this practice. Raises NotFound."""
    found: Therapist = _one(Therapist, practice_id, public_id)
    return found


def find_location(practice_id: int, public_id: str) -> Location:
    """A location of this practice. Raises NotFound."""
    found: Location = _one(Location, practice_id, public_id)
    return found


def _one(model: Any, practice_id: int, public_id: str) -> Any:
    found = db.session.scalar(_NAMED[model], {"practice": practice_id, "public_id": public_id})
    if found is None:
        raise NotFound
    return found
