"""What lets a device stay in a call ends with the link that it came by."""

from __future__ import annotations

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from telehealth.models import Caller


def end_call_keys(session: Session, whose: ColumnElement[bool]) -> None:
    """Let nobody of these go on in a call with what an earlier link gave their device: they come again by the link that
    they have now. Inside the caller's transaction.
    """
    theirs = update(Caller).where(whose, Caller.key_digest != "")
    session.execute(theirs.values(key_digest="").execution_options(synchronize_session=False))
