"""Scheduling for a telehealth practice."""

from inspect import iscoroutine

from telehealth.late import postponed

with postponed("asyncio", iscoroutine=iscoroutine):  # SQLAlchemy would load it for databases that are not waited for.
    import sqlalchemy  # noqa: F401
