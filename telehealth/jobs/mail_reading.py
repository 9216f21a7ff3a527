"""Reading the mailbox that answers come to: what is done with is put away, everything else is left alone."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from telehealth.adapters.inbound_mail import read_mail
from telehealth.domain.inbox.inbound_mail import MailFate
from telehealth.domain.ports import Mailbox, MailboxFailed, OpenMailbox
from telehealth.services.delivery.inbound_mail import take_mail
from telehealth.services.delivery.mailboxes import Bookmark, claim_mailbox, note_read, release_mailbox

log = logging.getLogger(__name__)

LOOKS_BACK = timedelta(days=14)
"""Older mail is about what is over. A mailbox that was in use before may have any number of it."""
MOST_AT_ONCE = 100


@dataclass
class MailReader:
    """Reads one mailbox. ``trusted`` is the name of the server whose findings about senders count."""

    mailbox: Mailbox
    trusted: str
    now: Callable[[], datetime]

    def run(self) -> int:
        """Read on from where it was read to, as far as one beat gets; how many mails. A mailbox that cannot be read is
        tried again at the next beat.
        """
        bookmark = claim_mailbox(name=self.mailbox.name, worker=secrets.token_hex(8), now=self.now())
        if bookmark is None:
            return 0
        try:
            with self.mailbox.open() as opened:
                return self._read_on(opened, bookmark)
        except MailboxFailed as failed:
            log.warning("the mailbox cannot be read", extra={"code": failed.code})
            return 0
        finally:
            release_mailbox(bookmark=bookmark)

    def _read_on(self, opened: OpenMailbox, bookmark: Bookmark) -> int:
        after = bookmark.number if bookmark.validity == opened.validity else 0
        waiting = opened.list_numbers(after=after, since=(self.now() - LOOKS_BACK).date())[:MOST_AT_ONCE]
        for count, number in enumerate(waiting):
            raw = opened.read(number)
            if raw is not None and self._take(raw):
                opened.put_away(number)
            if not note_read(bookmark=bookmark, validity=opened.validity, number=number, now=self.now()):
                return count
        return len(waiting)

    def _take(self, raw: bytes) -> bool:
        """Whether nobody needs to look at it. One that we trip over stays where it is, and holds up no other; when the
        database is away, it is read again.
        """
        try:
            return take_mail(mail=read_mail(raw, trusted=self.trusted), now=self.now()) == MailFate.DONE
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("a mail could not be taken")
            return False
