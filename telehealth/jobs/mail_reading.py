"""Reading the mailbox that answers come to: what is done with is put away, everything else is left alone."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
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
MOST_TRIES, MOST_IN_VAIN = 3, 9
"""How often one mail is asked for at one beat, and how often all of them in vain, each time over a connection anew."""


@dataclass
class _Beat:
    """How far one beat got: up to where, how many mails, and how often each was asked for in vain."""

    bookmark: Bookmark
    count: int = 0
    tries: Counter[int] = field(default_factory=Counter)


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
        beat = _Beat(bookmark)
        try:
            while not self._read_on(beat):
                pass
        except MailboxFailed as failed:
            log.warning("the mailbox cannot be read", extra={"code": failed.code})
        finally:
            release_mailbox(bookmark=bookmark)
        return beat.count

    def _read_on(self, beat: _Beat) -> bool:
        """Read over one connection; whether that is all for now.

        A mail that cannot be fetched holds up the ones behind it for a few tries. It is passed over as soon as one of
        those can be read, for then it is the mail, and not the mailbox.
        """
        with self.mailbox.open() as opened:
            waiting = self._waiting(opened, beat)
            for number in waiting:
                try:
                    raw = opened.read(number)
                except MailboxFailed:
                    beat.tries[number] += 1
                    if number == waiting[-1] or beat.tries.total() >= MOST_IN_VAIN:
                        raise
                    return False
                if not self._handle(opened, beat, number, raw):
                    return True
        return True

    def _waiting(self, opened: OpenMailbox, beat: _Beat) -> Sequence[int]:
        after = beat.bookmark.number if beat.bookmark.validity == opened.validity else 0
        found = opened.list_numbers(after=after, since=(self.now() - LOOKS_BACK).date())[:MOST_AT_ONCE]
        return [number for number in found if beat.tries[number] < MOST_TRIES]

    def _handle(self, opened: OpenMailbox, beat: _Beat, number: int, raw: bytes | None) -> bool:
        """Take a mail, and note it before anything is done in the mailbox, which may refuse; whether it still is ours
        to read.
        """
        is_done_with = raw is not None and self._take(raw)
        if not note_read(bookmark=beat.bookmark, validity=opened.validity, number=number, now=self.now()):
            return False
        del beat.tries[number]  # A Counter lets go of what it does not have.
        if beat.tries:
            log.error("mails of the mailbox cannot be fetched and were passed over", extra={"count": len(beat.tries)})
            beat.tries.clear()
        beat.bookmark = replace(beat.bookmark, validity=opened.validity, number=number)
        beat.count += 1
        if is_done_with:
            _put_away(opened, number)
        return True

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


def _put_away(opened: OpenMailbox, number: int) -> None:
    """A mail that stays where it was is one more for people to see, and no more than that."""
    try:
        opened.put_away(number)
    except MailboxFailed as failed:
        log.warning("a mail that is done with could not be put away", extra={"code": failed.code})
