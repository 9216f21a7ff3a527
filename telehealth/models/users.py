"""Who may sign in, what they may do, and which of their sign-ins still count."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    String,
    Table,
    UniqueConstraint,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.inbox.alert_steps import AlertWay
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.domain.words import Role
from telehealth.late import postponed, without
from telehealth.models.columns import Address, Id, Instant, Line, PracticeId, Prose, PublicId, Short, Words, one_of
from telehealth.models.practices import Practice
from telehealth.models.therapists import Therapist

# It would load them for signing in by text or elsewhere, with codes and passkeys of its own, and for other languages.
# And a debugger, for a client for tests that Flask-Login has; and what checks addresses, of which most pages have none.
with without("twilio.rest", "cryptography", "webauthn", "flask_babel", "authlib"), postponed("pdb", "email_validator"):
    from flask_security import RoleMixin, UserMixin

user_role = Table(
    "user_role",
    Base.metadata,
    Column("user_id", BigId, ForeignKey("user.id"), primary_key=True),
    Column("role_id", BigId, ForeignKey("role.id"), primary_key=True),
)


class RoleRecord(Base, RoleMixin):
    """One of the roles of ``domain.words.Role``; Flask-Security wants them as rows."""

    __tablename__ = "role"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(20), unique=True)


class User(Base):
    """What a login is in one practice: its roles, the therapist who they are, how they are told. What it signs in with
    stands in ``Login``, which may belong to several practices.

    ``login_id`` is None until an invitation is accepted, and ``invited_email`` is where that went. ``opened_at`` is
    when a sign-in last turned to this practice. Sign-ins from before ``signed_out_at`` do not open it.
    ``alert_phone`` (E.164) is where whoever is no therapist is texted when something waits, once they have proved that
    it is theirs (``alert_phone_proved_at``), and ``alert_way`` how they want to be told of it (None: as the practice's
    rules say).
    """

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("login_id", "practice_id"),
        CheckConstraint("(login_id IS NULL) <> (invited_email IS NULL)", name="login_or_invited"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"), index=True)
    login_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("login.id"))
    invited_email: Mapped[Address | None]
    name: Mapped[Line]
    active: Mapped[bool] = mapped_column(default=True)
    alert_phone: Mapped[Short | None]
    alert_phone_proved_at: Mapped[Instant | None]
    alert_way: Mapped[AlertWay | None] = mapped_column(one_of(AlertWay))
    opened_at: Mapped[Instant | None]
    signed_out_at: Mapped[Instant | None]

    login: Mapped[Login | None] = relationship(back_populates="users")
    roles: Mapped[list[RoleRecord]] = relationship(secondary=user_role)
    practice: Mapped[Practice] = relationship()
    therapist: Mapped[Therapist | None] = relationship()

    @property
    def email(self) -> str:
        """The address that they sign in with, or are invited to sign in with."""
        return self.login.email if self.login is not None else self.invited_email or ""

    @property
    def signs_in_to(self) -> str:
        """Whose login it is, for e-mails about it and for apps: the practice; empty where it is one of several."""
        return "" if self.login is not None and self.login.is_of_several else self.practice.sender_name

    @property
    def alerted_at(self) -> str | None:
        """The number at which they are texted when something waits: of a therapist the one kept with them."""
        return self.therapist.phone if self.therapist is not None else self.alert_phone

    @property
    def has_proved_number(self) -> bool:
        """Whether they have shown that they read what arrives there: until then it gets no alerts."""
        proved_at = self.therapist.phone_proved_at if self.therapist is not None else self.alert_phone_proved_at
        return proved_at is not None

    @property
    def role_names(self) -> list[Role]:
        """The roles that the user holds, in the order of ``Role``."""
        return [role for role in Role if self.has(role)]

    def has(self, *roles: Role) -> bool:
        """Whether the user holds one of these roles."""
        return any(role.name in roles for role in self.roles)


_NEVER = datetime.min.replace(tzinfo=UTC)
_user, _practice = User.__table__.alias("user_of_login"), Practice.__table__.alias("practice_of_login")


class Login(Base, UserMixin):
    """What somebody signs in with, in however many practices they are a ``User``.

    ``fs_uniquifier`` changes with the password, which ends every sign-in. ``authenticator_secret`` is what an app makes
    codes of, encrypted; ``authenticator_step`` is the half minute of the last code that was used
    (``domain.authenticator_codes``). ``first_sign_in_at`` is None for who never signed in.
    """

    __tablename__ = "login"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[PublicId]
    email: Mapped[Address] = mapped_column(unique=True)
    password: Mapped[str] = mapped_column(String(255))
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: secrets.token_urlsafe(32))
    authenticator_secret: Mapped[str | None] = mapped_column(String(255))
    authenticator_step: Mapped[int | None] = mapped_column(BigInteger)
    first_sign_in_at: Mapped[Instant | None]

    users: Mapped[list[User]] = relationship(back_populates="login", order_by="User.id")
    passkeys: Mapped[list[Passkey]] = relationship(back_populates="login", order_by="Passkey.id")

    active: Mapped[bool] = column_property(
        exists().where(_user.c.login_id == id, _user.c.active).correlate_except(_user)  # noqa: A003 -- our column
    )
    """Whether any practice lets it in."""
    is_of_several: Mapped[bool] = column_property(
        select(func.count() > 1)
        .select_from(_user)
        .where(_user.c.login_id == id, _user.c.active)  # noqa: A003 -- the same
        .correlate_except(_user)
        .scalar_subquery()
    )
    """Whether more than one does."""
    second_step_since: Mapped[datetime | None] = column_property(
        select(func.min(_practice.c.second_step_since))
        .join_from(_user, _practice, _user.c.practice_id == _practice.c.id)
        .where(_user.c.login_id == id, _user.c.active)  # noqa: A003 -- the same
        .correlate_except(_user, _practice)
        .scalar_subquery()
    )
    """Since when, or from when on, one of its practices asks for a second step; None: none does."""

    @property
    def belongs_to_several(self) -> bool:
        """Whether it is of more than one practice, although some may keep it out for now: they can let it in again, so
        none of them decides alone what it signs in with.
        """
        return len(self.users) > 1

    @property
    def open_users(self) -> list[User]:
        """What it is in the practices that let it in, the one last turned to first."""
        still = [each for each in self.users if each.active]
        return sorted(still, key=lambda each: each.opened_at or _NEVER, reverse=True)

    @property
    def first_user(self) -> User:
        """In which practice a sign-in begins, and which one e-mails about the login come from; of a login that is let
        in nowhere, any of those where it was.
        """
        return next(iter(self.open_users), self.users[0])

    @property
    def tf_totp_secret(self) -> str | None:  # type: ignore[override]  # Only our services write it.
        """The same secret by the name that Flask-Security looks for."""
        return self.authenticator_secret

    @property
    def tf_primary_method(self) -> str | None:  # type: ignore[override]  # The same.
        """What the second step is; None without one."""
        return "authenticator" if self.authenticator_secret else None

    def check_tf_required_setup(self) -> bool:
        """Whether the app may be changed, but not ended: it is the only second step where one is asked for."""
        return self.second_step_since is not None and not self.passkeys

    @property
    def has_second_step(self) -> bool:
        """Whether more than the password is asked for: an app or a passkey."""
        return self.authenticator_secret is not None or bool(self.passkeys)


GIVES_CARE = Therapist.ended_at.is_(None) & (
    Therapist.user_id.is_(None) | exists().where(User.id == Therapist.user_id, User.active).correlate(Therapist)
)
"""Therapists who are offered and booked: they have not left, and their login, if they have one, is not switched off."""


class RecoveryCode(Base):
    """Lets somebody in once who has lost the app that makes their codes. Only the digest is kept; used, it is gone."""

    __tablename__ = "recovery_code"

    id: Mapped[Id]
    login_id: Mapped[int] = mapped_column(BigId, ForeignKey("login.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Instant]


class Passkey(Base):
    """What a device, a security key or a password manager holds the other half of (WebAuthn), to sign in with.

    ``credential_id`` and ``public_key`` are kept as browsers send them (base64url). ``sign_count`` is what the device
    counted at its last use, 0 for those that do not count.
    """

    __tablename__ = "passkey"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    login_id: Mapped[int] = mapped_column(BigId, ForeignKey("login.id"), index=True)
    name: Mapped[Line]
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[Prose]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Instant]
    used_at: Mapped[Instant | None]

    login: Mapped[Login] = relationship(back_populates="passkeys")


class SignIn(Base):
    """One sign-in on one device, kept on the server so that it can be ended from here.

    The browser's cookie carries the secret, the row its digest. Ended, idle too long or too old: the cookie is
    worthless. ``user_id`` says in which of the login's practices it is at work.
    """

    __tablename__ = "sign_in"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    login_id: Mapped[int] = mapped_column(BigId, ForeignKey("login.id"), index=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    started_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    browser: Mapped[Short] = mapped_column(default="")

    user: Mapped[User] = relationship()


class LoginLetter(Base):
    """One e-mail about a login, and what its link is worth. ``address`` is where it goes; ``user_id`` is who is
    invited, or in which of the login's practices they are who it comes from.

    ``browser`` is the one that the letter speaks of, if it speaks of one.

    Nothing secret is kept: the link is signed when the e-mail is written (``domain.links``). It opens something until
    ``ends_at``, and not after ``ended_at``: it was used, or replaced by another.
    """

    __tablename__ = "login_letter"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    kind: Mapped[LoginLetterKind] = mapped_column(one_of(LoginLetterKind))
    address: Mapped[Address]
    browser: Mapped[Short | None]
    created_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]

    user: Mapped[User] = relationship()
    practice: Mapped[Practice] = relationship()


class ApiToken(Base):
    """A bearer token of a staff member's program. Only the digest is kept.

    ``scopes`` are those of ``domain.access``; ``used_at`` is up to an hour old; ``ends_at`` is when it ends by itself,
    ``ended_at`` when somebody ended it.
    """

    __tablename__ = "api_token"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"), index=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    name: Mapped[Line]
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[Words]
    created_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
    ends_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]

    user: Mapped[User] = relationship()
