from __future__ import annotations

from typing import Any

from flask_security import hash_password
from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain.words import Role
from telehealth.models import Login, Practice, RoleRecord, User
from tests.factories.rows import number

PASSWORD = "correct horse battery staple"
NOBODY_KNOWS = "$argon2id$v=19$m=8,t=1,p=1$JiTEOGeMkRICQGgNoRSi1A$l70YGFlFGzRbUTfiN185IqlVxsdulyvC0lot1MLtw/I"


def make_user(
    practice: Practice, *roles: Role, password: str | None = None, login: Login | None = None, **given: Any
) -> User:
    """Somebody who may sign in, as the owner unless told otherwise. Hashing a password takes time: ask for it. With
    the ``login`` of somebody it belongs to one practice more; ``invited_email``: they have none yet.
    """
    with transaction() as session:
        known = {role.name: role for role in session.scalars(select(RoleRecord))}
        email = given.pop("email", f"user-{number()}@riverside.example")
        if login is None and "invited_email" not in given:
            login = Login(email=email, password=hash_password(password) if password else NOBODY_KNOWS)
        user = User(
            practice_id=practice.id,
            login=login,
            roles=[known.get(role) or RoleRecord(name=role) for role in roles or (Role.OWNER,)],
            **{"name": "Robin Reed", **given},
        )
        session.add(user)
    return user
