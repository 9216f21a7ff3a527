"""The nouns: one file a noun or a family of them. Importing this package registers every table."""

from telehealth.models.alerts import Alert, AlertRule, DutyTurn
from telehealth.models.appointments import Appointment, AppointmentEvent, Attendee, Occupancy
from telehealth.models.clients import Client, ClientErasure, ClientMerge, Companion
from telehealth.models.connections import (
    CalendarChannel,
    CalendarConnection,
    ConnectedCalendar,
    RemoteEntry,
    WrittenAppointment,
)
from telehealth.models.consent import Consent, NumberCode, Suppression, TelehealthConsent, TelehealthText
from telehealth.models.feeds import CalendarFeed
from telehealth.models.heartbeats import Heartbeat, MailboxBookmark
from telehealth.models.holds import Hold
from telehealth.models.hours import BusyInterval, Closure, FreedTime
from telehealth.models.idempotency import IdempotencyKey
from telehealth.models.imports import ClientImport, ImportLine
from telehealth.models.inbox import InboundText, InviteAnswer, Task
from telehealth.models.messages import Message, MessageEvent, MessageRule, MessageTemplate, SenderBudget
from telehealth.models.practices import Location, Picture, Practice, PracticeEvent, Resource, Room
from telehealth.models.series import Occurrence, Series, SeriesEvent, SeriesMember
from telehealth.models.services import Policy, Service, TherapistService
from telehealth.models.therapists import HoursOverride, Licence, Therapist, TimeOff, WeeklyHours
from telehealth.models.users import ApiToken, Login, LoginLetter, Passkey, RecoveryCode, RoleRecord, SignIn, User
from telehealth.models.video import (
    Caller,
    CallGuest,
    CallSignal,
    CallVisit,
    RoomElsewhere,
    VideoCall,
    VideoConnection,
    Whereabouts,
)
from telehealth.models.waitlist import Offer, WaitlistEntry

__all__ = [
    "Alert",
    "AlertRule",
    "ApiToken",
    "Appointment",
    "AppointmentEvent",
    "Attendee",
    "BusyInterval",
    "CalendarChannel",
    "CalendarConnection",
    "CalendarFeed",
    "CallGuest",
    "CallSignal",
    "CallVisit",
    "Caller",
    "Client",
    "ClientErasure",
    "ClientImport",
    "ClientMerge",
    "Closure",
    "Companion",
    "ConnectedCalendar",
    "Consent",
    "DutyTurn",
    "FreedTime",
    "Heartbeat",
    "Hold",
    "HoursOverride",
    "IdempotencyKey",
    "ImportLine",
    "InboundText",
    "InviteAnswer",
    "Licence",
    "Location",
    "Login",
    "LoginLetter",
    "MailboxBookmark",
    "Message",
    "MessageEvent",
    "MessageRule",
    "MessageTemplate",
    "NumberCode",
    "Occupancy",
    "Occurrence",
    "Offer",
    "Passkey",
    "Picture",
    "Policy",
    "Practice",
    "PracticeEvent",
    "RecoveryCode",
    "RemoteEntry",
    "Resource",
    "RoleRecord",
    "Room",
    "RoomElsewhere",
    "SenderBudget",
    "Series",
    "SeriesEvent",
    "SeriesMember",
    "Service",
    "SignIn",
    "Suppression",
    "Task",
    "TelehealthConsent",
    "TelehealthText",
    "Therapist",
    "TherapistService",
    "TimeOff",
    "User",
    "VideoCall",
    "VideoConnection",
    "WaitlistEntry",
    "WeeklyHours",
    "Whereabouts",
    "WrittenAppointment",
]
