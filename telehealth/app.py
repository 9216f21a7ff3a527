"""The composition root: the only file that knows every room."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, MutableMapping
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, request
from flask.globals import request_ctx
from flask.sessions import SecureCookieSessionInterface
from flask.templating import Environment
from flask.typing import ResponseReturnValue
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import make_url
from werkzeug.exceptions import HTTPException, RequestURITooLarge
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from telehealth import api, cli, clock, jobs, web, webhooks
from telehealth.adapters import sqlite_files
from telehealth.adapters.imap import ImapMailbox, MailboxServer
from telehealth.adapters.local import LocalOutbox
from telehealth.adapters.no_texts import NoTexts
from telehealth.adapters.smtp import MailServer, SmtpEmails
from telehealth.adapters.twilio import TwilioAccount, TwilioTexts
from telehealth.adapters.video import ChosenRooms, JitsiServer
from telehealth.database import db, engine_options, explain_failure, normalise_url
from telehealth.domain import walltime
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.errors import TelehealthError, Unavailable
from telehealth.domain.ports import Gateways, TextGateway
from telehealth.domain.words import VideoKind
from telehealth.late import Library, MadeLate
from telehealth.observability import configure_logging
from telehealth.queries.schema import MIGRATIONS, why_not_ready

if TYPE_CHECKING:
    from telehealth.adapters import (
        caldav,
        calendar_parsing,
        daily,
        google_calendar,
        guarded_http,
        ics,
        microsoft_calendar,
        zoom,
    )
    from telehealth.domain import sealing
    from telehealth.domain.calendar_ports import CalendarGateway, SignedInCalendars
    from telehealth.domain.ports import RoomService
else:
    caldav = Library("telehealth.adapters.caldav")
    calendar_parsing = Library("telehealth.adapters.calendar_parsing")
    daily = Library("telehealth.adapters.daily")
    guarded_http = Library("telehealth.adapters.guarded_http")
    ics = Library("telehealth.adapters.ics")
    google_calendar = Library("telehealth.adapters.google_calendar")
    microsoft_calendar = Library("telehealth.adapters.microsoft_calendar")
    sealing = Library("telehealth.domain.sealing")
    zoom = Library("telehealth.adapters.zoom")

log = logging.getLogger(__name__)

LONGEST_ADDRESS = 4000
SHARED_VIDEO = "https://meet.jit.si"
"""For trying out: anybody may open a room there, and nobody promises anything."""
NO_HOST = "This request does not say for which host it is."
LAST_WORDS = "Something went wrong on our side. Please try again in a few minutes. If it is urgent, please call us."


class PlainTemplates(Environment):
    """Templates that all have the same globals, in one dictionary. A page compares its own with those of each template
    that it takes macros from, which takes longer than some of the macros when they are layers of dictionaries.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Those of the environment, unless somebody gives a template more."""
        return super().make_globals(d) if d else self.globals


class OneSigner(SecureCookieSessionInterface):
    """Sessions in signed cookies, by a signer that is made once: the keys stay as they are while the service runs."""

    @cache  # noqa: B019 -- as many as there are apps
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs cookies, and reads them."""
        return super().get_signing_serializer(app)


class SyncFlask(Flask):
    """Flask without the question whether a function is a coroutine, asked a dozen times a request: ours never are."""

    jinja_environment = PlainTemplates
    session_interface = OneSigner()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return func


def create_app(settings: Mapping[str, Any] | None = None, *, gateways: Gateways | None = None) -> Flask:
    """The whole service as one WSGI application. Raises config.ConfigurationError when it must not start.

    ``settings`` replaces what the environment says, and ``gateways`` the ways out into the world: tests give both.
    """
    app = SyncFlask(__name__, static_folder="web/static", template_folder="web/templates")
    app.config.update(config.load() if settings is None else settings)
    app.cli = cli.Commands({**cli.COMMANDS, **jobs.COMMANDS, "db": "flask_migrate.cli:db"})
    configure_logging(app.config["LOG_LEVEL"])
    _configure_flask(app)
    db.init_app(app)
    app.extensions["migrate"] = LocalProxy(partial(_migrations, app))
    app.extensions["addresses"] = Addresses(app.config["PUBLIC_URL"], _link_keys(app), organizer=_organizer(app.config))
    app.extensions["local_outbox"] = LocalOutbox(Path(app.config["DATA_DIR"]) / "outbox", now=clock.now)
    app.extensions["key_ring"] = LocalProxy(partial(_key_ring, app))
    _keep_private(app)
    app.extensions["gateways"] = gateways or _gateways(app)
    app.extensions["house_video"] = VideoKind.JITSI if app.config["JITSI_URL"] else VideoKind.BUILT_IN
    app.extensions["has_own_video"] = app.config["JITSI_URL"].rstrip("/") != SHARED_VIDEO
    app.extensions["text_senders"] = {app.config["TWILIO_FROM"], app.config["TWILIO_MESSAGING_SERVICE_SID"]}
    app.jinja_env.globals["sends_texts"] = not isinstance(app.extensions["gateways"].texts, NoTexts)
    app.before_request(refuse_long_addresses)
    app.before_request(admit_pictures)
    for door in (web, api, webhooks):
        door.init_app(app)
    app.register_error_handler(Exception, answer)
    app.extensions["why_not_ready"] = why_not_ready  # For the web server, which knows the service by this app only.
    if walltime.is_zone_data_old(now=clock.now()):
        release = {"release": walltime.zone_data_version()}
        log.warning("zone data is old: make lock UPGRADE=tzdata, install, start anew", extra=release)
    return app


def refuse_long_addresses() -> None:
    """Refuse what nobody needs before anything reads it. Raises RequestURITooLarge."""
    if len(request.path) + len(request.query_string) > LONGEST_ADDRESS:
        raise RequestURITooLarge


def admit_pictures() -> None:
    """Let more come where a picture is given."""
    most = config.largest_body(request.path)
    if most != config.LARGEST_REQUEST:
        request.max_content_length = most


def answer(error: Exception) -> ResponseReturnValue:
    """Say what went wrong in the words of the door that was knocked at. The only place that turns errors into answers.

    What nobody expected is logged with its trace; in tests it is raised, so that it cannot hide behind an error page.
    A database that cannot be used for the moment is expected, and no news to whoever reads traces.
    """
    about = {"endpoint": request.endpoint, "method": request.method}
    unavailable = explain_failure(error)
    if unavailable is not None:
        log.error("unavailable", extra={**about, "code": unavailable.code, "why": type(error).__name__})
        error = unavailable
    elif not isinstance(error, TelehealthError | HTTPException):
        if current_app.testing:
            raise error
        log.error("unexpected error", exc_info=error, extra=about)
    if request_ctx.url_adapter is None and not request.path.startswith("/api/"):
        # The Host header names no host, so that not even a page about it could have addresses.
        return Response(NO_HOST, HTTPStatus.BAD_REQUEST, mimetype="text/plain")
    try:
        return _in_words(error)
    except Exception as another:
        if current_app.testing:
            raise
        # A page asks who is signed in, so without a database the page about it fails, too. Flask and gunicorn would
        # then log the address, which holds the secret of a client's link.
        log.error("no error page", exc_info=another)  # noqa: TRY400 -- the same, with its trace
        return Response(LAST_WORDS, HTTPStatus.INTERNAL_SERVER_ERROR, mimetype="text/plain")


def _in_words(error: Exception) -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        return api.errors.problem(error)
    if web.errors.is_asked_by_script():
        return web.errors.tell_error(error)
    if isinstance(error, Unavailable):  # Who reads it, and who is signed in, nobody can say now.
        return web.errors.show_unavailable(error)
    return web.errors.show_error(error)


def _configure_flask(app: Flask) -> None:
    url = normalise_url(app.config["DATABASE_URL"])
    is_https = app.config["PUBLIC_URL"].startswith("https://")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(url, app.config["DATABASE_POOL_SIZE"], app.config["DATABASE_TIMEOUT"]),
        MAX_CONTENT_LENGTH=config.LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=config.LARGEST_REQUEST,
        SESSION_COOKIE_SECURE=is_https,
        # The prefix keeps other hosts of the domain, and whoever stands in between, from planting one (ASVS 5.0 3.3.1).
        SESSION_COOKIE_NAME="__Host-session" if is_https else "session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _migrations(app: Flask) -> Any:
    """What flask-migrate finds of us. It brings half as much as all the service, and only ``flask db`` needs it."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(MIGRATIONS))
    return app.extensions["migrate"]


def _keep_private(app: Flask) -> None:
    """Let nobody else of this machine read what earlier starts left open to them."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    is_file = url.get_backend_name() == "sqlite" and url.database
    folder = Path(app.config["DATA_DIR"])
    sqlite_files.keep_private(folder, Path(url.database or "") if is_file else None)
    sqlite_files.keep_files_private(folder / "outbox")


def _link_keys(app: Flask) -> list[str]:
    return [app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"]]


def _key_ring(app: Flask) -> sealing.KeyRing:
    """What opens the secrets of connected calendars; loaded when the first one is."""
    return sealing.KeyRing(app.config["ENCRYPTION_KEYS"])


def _organizer(settings: Mapping[str, Any]) -> str:
    """Who invites are from, where it is not the practice's own address."""
    return str(settings["MAIL_FROM"]) if settings["INVITE_ORGANIZER"] == "sender" else ""


def _gateways(app: Flask) -> Gateways:
    """Twilio and SMTP when they are configured; the local outbox when they are not, which production never uses."""
    local = app.extensions["local_outbox"]
    no_texts: TextGateway = NoTexts() if app.config["ENVIRONMENT"] == "production" else local
    signed_in, rooms = _signed_in_calendars(app.config), _rooms()
    return Gateways(
        texts=_twilio(app.config) if app.config["TWILIO_ACCOUNT_SID"] else no_texts,
        emails=_smtp(app.config) if app.config["SMTP_HOST"] else local,
        video=_video(app.config, rooms),
        calendars=_calendars(signed_in),
        sign_ins=signed_in,
        mailbox=_mailbox(app.config) if app.config["IMAP_HOST"] else None,
        rooms=rooms,
    )


def _mailbox(settings: Mapping[str, Any]) -> ImapMailbox:
    return ImapMailbox(
        MailboxServer(
            host=settings["IMAP_HOST"],
            port=settings["IMAP_PORT"],
            username=settings["IMAP_USERNAME"],
            password=settings["IMAP_PASSWORD"],
            security=settings["IMAP_SECURITY"],
            folder=settings["IMAP_FOLDER"],
            done_folder=settings["IMAP_DONE_FOLDER"],
        )
    )


def _calendars(signed_in: Mapping[CalendarKind, SignedInCalendars]) -> MadeLate[CalendarKind, CalendarGateway]:
    """Calendars elsewhere: those that anybody may connect, and those of providers that know this service."""
    makers: dict[CalendarKind, Callable[[], CalendarGateway]] = {
        kind: partial(signed_in.__getitem__, kind) for kind in signed_in
    }
    makers[CalendarKind.CALDAV] = _caldav
    makers[CalendarKind.ICS] = _ics
    return MadeLate(makers)


def _caldav() -> caldav.CalDavCalendars:
    return caldav.CalDavCalendars(guarded_http.GuardedHttp(), calendar_parsing.CalendarParser())


def _ics() -> ics.IcsCalendars:
    return ics.IcsCalendars(guarded_http.GuardedHttp(), calendar_parsing.CalendarParser())


def _signed_in_calendars(settings: Mapping[str, Any]) -> MadeLate[CalendarKind, SignedInCalendars]:
    """Google and Microsoft, where the operator registered the service with them."""
    makers: dict[CalendarKind, Callable[[], SignedInCalendars]] = {}
    if settings["GOOGLE_CLIENT_ID"]:
        makers[CalendarKind.GOOGLE] = partial(_google, settings)
    if settings["MICROSOFT_CLIENT_ID"]:
        makers[CalendarKind.MICROSOFT] = partial(_microsoft, settings)
    return MadeLate(makers)


def _google(settings: Mapping[str, Any]) -> SignedInCalendars:
    return google_calendar.GoogleCalendars(
        google_calendar.GoogleApp(
            client_id=settings["GOOGLE_CLIENT_ID"],
            client_secret=settings["GOOGLE_CLIENT_SECRET"],
            base_url=settings["GOOGLE_API_URL"],
        )
    )


def _microsoft(settings: Mapping[str, Any]) -> SignedInCalendars:
    return microsoft_calendar.MicrosoftCalendars(
        microsoft_calendar.MicrosoftApp(
            client_id=settings["MICROSOFT_CLIENT_ID"],
            client_secret=settings["MICROSOFT_CLIENT_SECRET"],
            directory=settings["MICROSOFT_TENANT"],
            base_url=settings["MICROSOFT_API_URL"],
        )
    )


def _twilio(settings: Mapping[str, Any]) -> TwilioTexts:
    account = TwilioAccount(
        account_sid=settings["TWILIO_ACCOUNT_SID"],
        auth_token=settings["TWILIO_AUTH_TOKEN"],
        api_key=settings["TWILIO_API_KEY"],
        api_secret=settings["TWILIO_API_SECRET"],
        sender=settings["TWILIO_FROM"],
        messaging_service_sid=settings["TWILIO_MESSAGING_SERVICE_SID"],
        status_callback_base=settings["PUBLIC_URL"] + "/webhooks/twilio/status",
        timeout=settings["TWILIO_TIMEOUT"],
        base_url=settings["TWILIO_API_URL"],
    )
    return TwilioTexts(account, now=clock.now)


def _smtp(settings: Mapping[str, Any]) -> SmtpEmails:
    server = MailServer(
        host=settings["SMTP_HOST"],
        port=settings["SMTP_PORT"],
        username=settings["SMTP_USERNAME"],
        password=settings["SMTP_PASSWORD"],
        security=settings["SMTP_SECURITY"],
        timeout=settings["SMTP_TIMEOUT"],
        sender_address=settings["MAIL_FROM"],
    )
    return SmtpEmails(server, now=clock.now)


def _rooms() -> MadeLate[VideoKind, RoomService]:
    """Video services elsewhere at which a room is made for each appointment."""
    return MadeLate({VideoKind.DAILY: _daily, VideoKind.ZOOM: _zoom})


def _daily() -> RoomService:
    return daily.DailyRooms()


def _zoom() -> RoomService:
    return zoom.ZoomMeetings()


def _video(settings: Mapping[str, Any], rooms: Mapping[VideoKind, RoomService]) -> ChosenRooms:
    """Wherever practices choose to meet; on a Jitsi server of the installation's where one is named."""
    if not settings["JITSI_URL"]:
        return ChosenRooms(services=rooms)
    server = JitsiServer(
        base_url=settings["JITSI_URL"],
        app_id=settings["JITSI_APP_ID"],
        app_secret=settings["JITSI_APP_SECRET"],
        audience=settings["JITSI_AUDIENCE"],
    )
    return ChosenRooms(server, services=rooms)
