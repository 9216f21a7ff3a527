"""The text that carries a code to a number."""

from __future__ import annotations

from telehealth.domain.addresses import Addresses
from telehealth.domain.messages import segments
from telehealth.domain.messages.number_codes import hide_code, write_code_text
from telehealth.domain.ports import Text
from telehealth.models import Message, Practice


def write_code(message: Message, practice: Practice, addresses: Addresses) -> Text:
    """The code is made here and kept nowhere, so it is the same when it is sent once more. Raises ValueError when the
    message is about no code.
    """
    about = message.number_code
    if about is None:
        raise ValueError("this message is about no number")
    code = addresses.number_code(about.public_id)
    words = write_code_text(code, sender=practice.sender_name, locale=about.locale)
    message.sent_to, message.body = about.phone, hide_code(words, code)
    message.segments = segments.measure_text(words).segments
    return Text(message.public_id, message.sent_to, words, message.not_after, practice.text_sender or "")
