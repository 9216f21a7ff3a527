"""Everything that can be refused, as one small tree.

Each error has a stable ``code`` for programs and a sentence for people. Doors translate the tree once: ``status`` is
the HTTP status a door answers with, and nothing in the rules depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping


class TelehealthError(Exception):
    """The root of every refusal. ``args[0]`` is a sentence a person may read."""

    code = "error"
    status = 400
    sentence = "That did not work. Nothing was changed."

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)


class NotFound(TelehealthError):
    """The thing does not exist, or not for this practice: the two look alike on purpose."""

    code = "not_found"
    status = 404
    sentence = "We could not find that."


class NotAllowed(TelehealthError):
    """The person is known, and this is not theirs to do."""

    code = "not_allowed"
    status = 403
    sentence = "Your account may not do that. Nothing was changed."


class InvalidInput(TelehealthError):
    """Some fields cannot be used. ``fields`` maps a field's name to what is wrong with it."""

    code = "invalid_input"
    status = 422
    sentence = "Please check the marked fields. Nothing you typed was lost."

    def __init__(self, fields: Mapping[str, str], sentence: str | None = None) -> None:
        super().__init__(sentence)
        self.fields = dict(fields)


class GuardianBooks(InvalidInput):
    """Somebody books for themselves who is a minor for whom somebody has to act, where the practice wants that."""

    code = "guardian_books"
    sentence = (
        "We book somebody of this age together with a parent or guardian. If that is you, please choose "
        "“Somebody else” above and say whom it is for. Otherwise please ask them, or call us: we are glad to help."
    )

    def __init__(self) -> None:
        """It is said where the date of birth is typed."""
        super().__init__({"born_on": self.sentence}, self.sentence)


class CannotMerge(TelehealthError):
    """Two records of clients cannot be made into one, or that cannot be undone. The sentence says why."""

    code = "cannot_merge"
    status = 409
    sentence = "These two cannot be made into one. Nothing was changed."


class CannotErase(TelehealthError):
    """The record of a client cannot be erased, or not yet. The sentence says why."""

    code = "cannot_erase"
    status = 409
    sentence = "This record cannot be erased. Nothing was changed."


class SlotTaken(TelehealthError):
    """The database refused an overlap.

    The sentence is the same whether the therapist, the room or the client is taken: a stranger who guesses a client's
    name must not learn that the client has an appointment.
    """

    code = "slot_taken"
    status = 409
    sentence = (
        "That time has just been taken, or overlaps another of your appointments. Nothing was booked. "
        "Please choose another time."
    )


class SlotNotOffered(TelehealthError):
    """The start was never among the free ones: outside hours, too soon, too far ahead, or malformed on purpose."""

    code = "slot_not_offered"
    status = 409
    sentence = "That time is not open for booking. Nothing was booked. Please choose one of the times shown."


class PleaseCall(TelehealthError):
    """The practice arranges appointments with this client itself, and does not want them booked online."""

    code = "please_call"
    status = 403
    sentence = "We would like to arrange this with you ourselves, so nothing was booked. Please call us."

    def __init__(self, phone: str = "") -> None:
        """With the number of the practice, as people write it."""
        super().__init__(f"{self.sentence.removesuffix('.')} at {phone}." if phone else None)


class TooManyForOthers(TelehealthError):
    """Somebody whom the practice does not know has booked as much for others as can be booked online."""

    code = "too_many_for_others"
    status = 403
    sentence = "You have booked as many appointments for others as can be booked online. Please call us for more."


class ServiceEnded(TelehealthError):
    """The service can no longer be booked."""

    code = "service_ended"
    status = 410
    sentence = "This service can no longer be booked online. Please choose another or call the practice."


class AlreadyCancelled(TelehealthError):
    """Cancelling twice is harmless, and is said."""

    code = "already_cancelled"
    status = 409
    sentence = "This appointment is already cancelled. There is nothing more to do."


class TooLate(TelehealthError):
    """The appointment has begun or ended; online changes are over."""

    code = "too_late"
    status = 409
    sentence = "This appointment has already begun, so it cannot be changed online. Please call the practice."


class RoomClosed(TelehealthError):
    """The virtual room of an appointment is not open: not yet, or no more, or there is none."""

    code = "room_closed"
    status = 409
    sentence = "The room is not open now. Please look at the appointment again, or call the practice."


class CallFull(TelehealthError):
    """As many are in a call in our own room as it carries."""

    code = "call_full"
    status = 409
    sentence = (
        "Six people are in this room, and it carries no more, because each picture goes to everybody. Nobody else was "
        "let in. Please choose another video service for the appointment, or come once somebody has left."
    )


class RoomNotReady(TelehealthError):
    """The room of an appointment at a video service elsewhere is being made at this moment."""

    code = "room_not_ready"
    status = 503
    sentence = "The room is being made ready. Please try again in a few seconds."


class VideoOff(TelehealthError):
    """Nothing is there to seal the secrets of video services elsewhere with."""

    code = "video_off"
    status = 409
    sentence = (
        "A video service with a secret cannot be connected yet: whoever runs this service has to set ENCRYPTION_KEYS "
        "first, which protects it. Nothing was kept."
    )


class SignedOut(TelehealthError):
    """The sign-in that somebody came with does not count any more."""

    code = "signed_out"
    status = 401
    sentence = "You are not signed in any more. Please sign in again to go on."


class OpenElsewhere(TelehealthError):
    """Somebody is in the virtual room with another device of theirs already."""

    code = "open_elsewhere"
    status = 409
    sentence = "You are in this room with another device or in another window. You can go on here instead."


class TooEarly(TelehealthError):
    """What happened at an appointment can be recorded only once it has begun."""

    code = "too_early"
    status = 409
    sentence = "This appointment has not begun yet, so that cannot be recorded. Nothing was changed."


class InsideWindow(TelehealthError):
    """The client's terms leave a change this late to a call."""

    code = "inside_window"
    status = 409
    sentence = "It is too close to the appointment to change it online. Nothing was changed. Please call the practice."


class MovedTooOften(TelehealthError):
    """The practice lets clients move an appointment only so often by themselves."""

    code = "moved_too_often"
    status = 409
    sentence = (
        "This appointment was moved as often as it can be moved online. Nothing was changed. "
        "Please call the practice for another time."
    )


class HoldExpired(TelehealthError):
    """The slot was kept as long as it could be; it may still be free."""

    code = "hold_expired"
    status = 410
    sentence = "We could keep that time only for a while, and the while is over. Please choose a time again."


class TooManyHolds(TelehealthError):
    """Somebody keeps so many slots that others would find none. One of them frees itself in ``retry_after`` seconds."""

    code = "too_many_holds"
    status = 429
    sentence = (
        "Many times are being kept at the moment, so we could not keep this one while you type. Nothing is lost: it is "
        "yours if you book it before somebody else does."
    )

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class LinkTooOld(TelehealthError):
    """The appointment of a link is so long ago that it says no more who holds it."""

    code = "link_too_old"
    status = 409
    sentence = "This link is from an appointment long ago, so it no longer tells us who you are. Nothing was changed."


class NumberNotProved(TelehealthError):
    """Whoever books by phone only has not shown that the number is theirs."""

    code = "number_not_proved"
    status = 409
    sentence = "Please prove first that the number is yours: ask for a code, and type it. Nothing was booked."


class TooManyCodes(TelehealthError):
    """So many codes were asked for, for a number or by somebody, that no other goes for ``retry_after`` seconds."""

    code = "too_many_codes"
    status = 429
    sentence = (
        "Several codes were sent already, so we cannot send another one now. Please use the newest one, or call us."
    )

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class GroupFull(TelehealthError):
    """The last seat is gone."""

    code = "group_full"
    status = 409
    sentence = "The last seat has just been taken. Nothing was booked. Please choose another time."


class NeedsReason(TelehealthError):
    """Setting a rule aside is allowed, and its reason is kept."""

    code = "needs_reason"
    status = 422
    sentence = "Please say why. Nothing was changed yet, and the reason is kept with the appointment."


class OfferGone(TelehealthError):
    """The offer was answered before, or its time is over."""

    code = "offer_gone"
    status = 410
    sentence = "This offer is no longer open. Nothing was changed. You keep your place on the waitlist."


class AlreadyAnswered(TelehealthError):
    """Two people answered one request, or the client took it back; the first answer stands."""

    code = "already_answered"
    status = 409
    sentence = "This request has already been answered. Nothing was changed."


class GoesByItself(TelehealthError):
    """A task that asks something: it is done when that is answered, and not before."""

    code = "goes_by_itself"
    status = 409
    sentence = "This goes from here by itself, as soon as somebody has said what is meant. Nothing was changed."


class ImpossibleStatus(TelehealthError):
    """The state table has no such step."""

    code = "impossible_status"
    status = 409
    sentence = "That step does not fit the appointment's status. Nothing was changed."


class IdempotencyMismatch(TelehealthError):
    """One Idempotency-Key was used for two different requests."""

    code = "idempotency_mismatch"
    status = 422
    sentence = "This Idempotency-Key was used before with a different request. Use a new key for a new request."


class OptedOut(TelehealthError):
    """Texts were ended by whoever holds the phone: staff begin them again only with a sentence that says why."""

    code = "opted_out"
    status = 409
    sentence = (
        "Texts to this number were ended from the phone itself. Nothing was changed. START, texted to us from that "
        "phone, begins them again; if it was a mistake, say why in a sentence. Until then we send e-mail."
    )


class CannotResend(TelehealthError):
    """A message still waits, is out of date, or may not be sent where somebody wants it sent."""

    code = "cannot_resend"
    status = 409
    sentence = "This message cannot be sent again. Nothing was sent."


class LinkEnded(TelehealthError):
    """The practice ended the links of a seat, a wait or a client, or corrected the address that they went to."""

    code = "link_ended"
    status = 410
    sentence = (
        "This link was ended by the practice, for example because an address was corrected. Please open the link in "
        "your latest message, or call the practice."
    )

    def __init__(self, sender_name: str = "", phone: str = "") -> None:
        super().__init__()
        self.sender_name, self.phone = sender_name, phone


class LinkInvalid(TelehealthError):
    """A link's signature does not hold, or it was replaced by a newer one."""

    code = "link_invalid"
    status = 404
    sentence = "This link does not work. Please open it again from your latest message, or call the practice."


class Unavailable(TelehealthError):
    """The records cannot be reached or written for the moment: they are locked, full, read-only, or away.

    Whoever asks again after ``retry_after`` seconds may find that it is over.
    """

    code = "unavailable"
    status = 503
    sentence = "We cannot do this at the moment. Nothing was booked or changed. Please try again in a few minutes."
    retry_after = 60


class OutcomeUnknown(Unavailable):
    """They were lost at a moment at which nobody can say what was kept."""

    code = "outcome_unknown"
    sentence = (
        "The connection to our records was lost at the last moment, so we do not know whether this was saved. "
        "Before you send it again, please look for our message about it, or call us."
    )
