from __future__ import annotations

from typing import Any

from flask_security import hash_password
from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain.words import Role
from telehealth.models import Practice, RoleRecord, User
from tests.factories.rows import number

PASSWORD = "correct horse battery staple"


def make_user(practice: Practice, *roles: Role, password: str | None = None, **given: Any) -> User:
    """Somebody who may sign in, as the owner unless told otherwise. Hashing a password takes time: ask for it."""
    with transaction() as session:
        known = {role.name: role for role in session.scalars(select(RoleRecord))}
        user = User(
            practice_id=practice.id,
            roles=[known.get(role) or RoleRecord(name=role) for role in roles or (Role.OWNER,)],
            password=hash_password(password) if password else None,
            **{"email": f"user-{number()}@riverside.example", "name": "Robin Reed", **given},
        )
        session.add(user)
    return user
