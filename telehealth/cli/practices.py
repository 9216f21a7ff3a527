"""Setting up a real practice from the command line. Every command asks for what was not given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_security import hash_password, verify_password
from sqlalchemy.exc import DBAPIError

from telehealth import clock
from telehealth.database import db
from telehealth.domain import passwords
from telehealth.domain.addresses import Addresses
from telehealth.domain.errors import InvalidInput, NotFound, TelehealthError
from telehealth.domain.words import Approval, Mode, Role, ServiceKind
from telehealth.models import Practice
from telehealth.queries.practice import practices, staff
from telehealth.queries.schema import why_not_ready
from telehealth.services.audit import COMMAND
from telehealth.services.hours.hours_setting import WeeklyWish, add_hours_entry
from telehealth.services.logins import password_setting, second_factor
from telehealth.services.practice import accounts, catalogue, founding, places, therapists
from telehealth.services.practice.accounts import NewLogin, ProvenLogin
from telehealth.services.practice.practice_profile import PracticeProfile

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

WORKING_WEEK = range(5)
NOT_OPENED = "The database does not open."
ITS_PLACE = "It was looked for at {}, which DATABASE_URL or DATA_DIR say."
NO_LOGIN = "There is no login with this address."
LINK_OPENS_FOR = timedelta(days=1)
NINE, FIVE = time(9), time(17)
USUAL_CAPACITY = {ServiceKind.COUPLE: 2, ServiceKind.FAMILY: 6, ServiceKind.GROUP: 8}


def in_plain_words(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Turn refusals into one line each instead of a trace, also those of a database that is not ours, or not there."""

    @wraps(command)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except InvalidInput as problem:
            raise click.ClickException("; ".join(f"{name}: {why}" for name, why in problem.fields.items())) from problem
        except (TelehealthError, ValueError) as problem:
            raise click.ClickException(str(problem)) from problem
        except DBAPIError as problem:
            if why_not := _why_not():
                place = db.engine.url.render_as_string(hide_password=True)
                raise click.ClickException(f"{why_not} {ITS_PLACE.format(place)}") from problem
            raise

    return wrapped


def _why_not() -> str | None:
    """Why the database is none that a command can work with; None when something else failed."""
    try:
        return why_not_ready()
    except DBAPIError:
        return NOT_OPENED


def _login(name: str, email: str, password: str) -> NewLogin | ProvenLogin:
    """A new login; or the one that there is with this address, if this is its password."""
    known = staff.find_login(email)
    if known is not None and verify_password(passwords.normalise_password(password), known.password):
        return ProvenLogin(name, known.id)
    return NewLogin(name=name, email=email, password_hash=_hash(name, email, password))


def _hash(name: str, email: str, password: str) -> str:
    passwords.check_password(password, email=email, about=[name])
    hashed: str = hash_password(passwords.normalise_password(password))
    return hashed


def _practice(slug: str) -> Practice:
    return practices.find_practice(slug)


password_option = click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)


@click.command("setup-link")
@with_appcontext
@in_plain_words
def setup_link() -> None:
    """Print the link with which the first practice begins, on a page. It opens for a day, and once."""
    if practices.has_practice():
        raise click.ClickException(founding.THERE_IS_ONE)
    addresses: Addresses = current_app.extensions["addresses"]
    click.echo(addresses.start(until=clock.now() + LINK_OPENS_FOR))


@click.command("create-practice")
@click.option("--slug", prompt="Address of the public page (letters, digits, hyphens)")
@click.option("--name", prompt="Name of the practice")
@click.option("--sender-name", help="What texts, e-mails and calendars show; neutral is discreet. [the name]")
@click.option("--phone", prompt="Phone that clients may call")
@click.option("--email", prompt="E-mail address for replies")
@click.option("--timezone", prompt="Time zone (for example America/Denver)")
@click.option("--grace-minutes", type=int, default=3, show_default=True, help="How long nobody is told of a change.")
@click.option("--owner-name", prompt="Your name")
@click.option("--owner-email", prompt="Your e-mail address, to sign in with")
@password_option
@with_appcontext
@in_plain_words
def create_practice(**given: Any) -> None:
    """Make an empty practice with one owner.

    With the address and the password of a login that there is already, it belongs to this practice, too.
    """
    profile = PracticeProfile(
        name=given["name"],
        sender_name=given["sender_name"] or given["name"],
        email=given["email"],
        phone=given["phone"],
        timezone=given["timezone"],
    )
    practice = founding.create_practice(
        slug=given["slug"],
        profile=profile,
        grace_minutes=given["grace_minutes"],
        owner=_login(given["owner_name"], given["owner_email"], given["password"]),
        by=COMMAND,
        now=clock.now(),
    )
    address = current_app.config["PUBLIC_URL"]
    click.echo(f"Made {practice.name}. Clients will book at {address}/{practice.slug}")
    click.echo(f"Sign in at {address}/sign-in. Next: flask add-service, flask add-location, flask add-therapist.")


@click.command("add-service")
@click.option("--practice", "slug", prompt="Address of the practice")
@click.option("--kind", type=click.Choice([kind.value for kind in ServiceKind]), prompt=True)
@click.option("--name", prompt="What clients read, for example: First conversation")
@click.option("--description", default="")
@click.option("--minutes", type=click.IntRange(1, 24 * 60), prompt="Length in minutes")
@click.option("--buffer-before", type=click.IntRange(0, 24 * 60), default=0, show_default=True)
@click.option("--buffer-after", type=click.IntRange(0, 24 * 60), default=10, show_default=True)
@click.option("--notice-hours", type=click.IntRange(0, 24 * 60), default=12, show_default=True)
@click.option("--horizon-days", type=click.IntRange(1, 366), default=60, show_default=True)
@click.option("--capacity", type=click.IntRange(1, 100), default=None, help="Most clients; for couples 2 unless given.")
@click.option("--approval", type=click.Choice([each.value for each in Approval]), default=Approval.NEVER.value)
@click.option("--therapists", "therapists_needed", type=click.IntRange(1, 2), default=1, show_default=True)
@click.option("--mode", "modes", type=click.Choice([mode.value for mode in Mode]), multiple=True, default=["virtual"])
@with_appcontext
@in_plain_words
def add_service(**given: Any) -> None:
    """Offer a service. Therapists who are added later give it, too; its terms are set at the desk."""
    facts = catalogue.ServiceFacts(
        kind=ServiceKind(given["kind"]),
        name=given["name"],
        description=given["description"],
        duration_minutes=given["minutes"],
        buffer_before_minutes=given["buffer_before"],
        buffer_after_minutes=given["buffer_after"],
        notice_minutes=given["notice_hours"] * 60,
        horizon_days=given["horizon_days"],
        modes=[Mode(mode) for mode in given["modes"]],
        capacity=given["capacity"] or USUAL_CAPACITY.get(ServiceKind(given["kind"]), 1),
        approval=Approval(given["approval"]),
        therapists_needed=given["therapists_needed"],
    )
    service = catalogue.add_service(practice_id=_practice(given["slug"]).id, facts=facts, by=COMMAND, now=clock.now())
    click.echo(f"Offered: {service.name}, {service.duration_minutes} minutes ({service.public_id})")


@click.command("add-location")
@click.option("--practice", "slug", prompt="Address of the practice")
@click.option("--name", prompt="Name of the place")
@click.option("--address", prompt="Street address")
@click.option("--state", prompt="State (two letters)")
@click.option("--timezone", prompt="Time zone of the place")
@click.option("--room", "rooms", multiple=True, default=["Room 1"], show_default=True)
@with_appcontext
@in_plain_words
def add_location(slug: str, name: str, address: str, state: str, timezone: str, rooms: tuple[str, ...]) -> None:
    """Add a place where clients can be met in person, with its rooms."""
    facts = places.LocationFacts(name, address, jurisdiction=state.upper(), timezone=timezone, rooms=rooms)
    location = places.add_location(practice_id=_practice(slug).id, facts=facts, by=COMMAND, now=clock.now())
    click.echo(f"Added {location.name} with {len(rooms)} room(s)")


@click.command("add-therapist")
@click.option("--practice", "slug", prompt="Address of the practice")
@click.option("--name", prompt="Name")
@click.option("--credential", prompt="Credential (LPC, LCSW, LMFT, PsyD, …)")
@click.option("--email", prompt="E-mail address, to sign in with and to be told")
@click.option("--timezone", prompt="Time zone")
@click.option("--licence", "licences", multiple=True, help="State:first date[:last date], CO:2024-01-01:2027-12-31")
@click.option("--office-hours/--no-office-hours", default=True, help="Start with Monday to Friday, 9 to 5, by video.")
@password_option
@with_appcontext
@in_plain_words
def add_therapist(**given: Any) -> None:
    """Add a therapist who gives all services of the practice and can sign in.

    With the address of a login that the practice has already, an owner's for example, this login gives care as well:
    its password stays what it is.
    """
    practice = _practice(given["slug"])
    facts = therapists.TherapistFacts(
        name=given["name"],
        credential=given["credential"],
        email=given["email"],
        timezone=given["timezone"],
        licences=[_licence(licence) for licence in given["licences"]],
    )
    login = _login(given["name"], given["email"], given["password"])
    therapist = therapists.add_therapist(practice_id=practice.id, facts=facts, login=login, by=COMMAND, now=clock.now())
    for weekday in WORKING_WEEK if given["office_hours"] else ():
        wish = WeeklyWish(weekday, NINE, FIVE, [Mode.VIRTUAL, Mode.PHONE])
        add_hours_entry(practice_id=practice.id, therapist_id=therapist.id, wish=wish, by=COMMAND, now=clock.now())
    click.echo(f"Added {therapist.name}, {therapist.credential}. Hours can be changed at the desk after signing in.")


def _licence(given: str) -> tuple[str, date, date | None]:
    state, first, *last = given.split(":")
    return state.upper(), date.fromisoformat(first), date.fromisoformat(last[0]) if last else None


@click.command("add-staff")
@click.option("--practice", "slug", prompt="Address of the practice")
@click.option("--name", prompt="Name")
@click.option("--email", prompt="E-mail address, to sign in with")
@click.option("--role", type=click.Choice([Role.OWNER.value, Role.FRONT_DESK.value]), default=Role.FRONT_DESK.value)
@password_option
@with_appcontext
@in_plain_words
def add_staff(slug: str, name: str, email: str, role: str, password: str) -> None:
    """Let somebody of the front desk, or another owner, sign in.

    With the address and the password of a login of another practice, it belongs to this one, too.
    """
    login = _login(name, email, password)
    accounts.add_login(practice_id=_practice(slug).id, login=login, role=Role(role), by=COMMAND, now=clock.now())
    click.echo(f"{name} can sign in now.")


@click.command("end-second-step")
@click.option("--email", prompt="E-mail address of the login")
@with_appcontext
@in_plain_words
def end_second_step(email: str) -> None:
    """Let somebody in with the password alone who has lost phone, passkeys and recovery codes. They are told."""
    login = staff.find_login(email)
    if login is None:
        raise NotFound(NO_LOGIN)
    second_factor.end_second_step(login_id=login.id, by=COMMAND, now=clock.now())
    click.echo("Only the password is asked for now.")


@click.command("set-password")
@click.option("--email", prompt="E-mail address of the login")
@click.option("--end-tokens/--keep-tokens", "ends_tokens", default=True, help="Shut out programs that act for it, too.")
@password_option
@with_appcontext
@in_plain_words
def set_password(email: str, password: str, *, ends_tokens: bool) -> None:
    """Give a login a new password, and end all its sign-ins and the tokens of its programs."""
    ended = password_setting.set_password(
        email=email,
        password_hash=_hash("-", email, password),
        by=COMMAND,
        now=clock.now(),
        ends_tokens=ends_tokens,
    )
    click.echo("The password is set, and every sign-in of this login has ended.")
    if ended:
        click.echo(f"Ended tokens of programs that acted for it: {ended}. They need new ones (flask issue-token).")
