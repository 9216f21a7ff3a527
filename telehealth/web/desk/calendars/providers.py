"""Where people keep calendars, and how to connect each: in words, with pictures of our own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from telehealth.domain.calendar_words import CalendarKind


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and a picture of it: what stands on the screen there, and which line of it is meant."""

    text: str
    screen: str
    lines: Sequence[str]
    marked: int


@dataclass(frozen=True, slots=True)
class Provider:
    """``address`` is the server's where it is known; ``sees`` what the way in opens, ``besides`` what to know of it;
    ``is_any`` for whatever has no name of its own here.
    """

    key: str
    name: str
    kind: CalendarKind
    hint: str
    address: str = ""
    username_label: str = ""
    username_hint: str = ""
    sees: str = ""
    besides: str = ""
    steps: Sequence[Step] = field(default=())
    is_any: bool = False

    @property
    def asks_address(self) -> bool:
        """Whether the server's address has to be typed."""
        return self.kind == CalendarKind.CALDAV and not self.address


READ_ONLY = (
    "With a private address we can only read. To have appointments written into this calendar, connect it by sign-in "
    "or app password instead, or subscribe to your private address from here."
)
OPENS_ALL = (
    "The app password opens the calendars of your account. We ask for the times only, keep it sealed, and you can take "
    "it back there at any time."
)

PROVIDERS: Final[Sequence[Provider]] = (
    Provider(
        "icloud",
        "iCloud (Apple Calendar)",
        CalendarKind.CALDAV,
        "With an app password, for iPhone, iPad and Mac.",
        address="https://caldav.icloud.com",
        username_label="Apple Account",
        username_hint="The e-mail address that you sign in with at Apple.",
        sees=(
            "Apple cannot limit an app password to calendars: it opens your mail and contacts at iCloud, too. We use "
            "it for calendars alone, and keep it sealed."
        ),
        besides="It takes two-factor authentication, which most Apple Accounts have.",
        steps=(
            Step(
                "Open account.apple.com and sign in. Choose “Sign-In and Security”.",
                "account.apple.com",
                ("Personal Information", "Sign-In and Security", "Payment"),
                1,
            ),
            Step(
                "Choose “App-Specific Passwords”.",
                "Sign-In and Security",
                ("Account Security", "App-Specific Passwords", "Sign in with Apple"),
                1,
            ),
            Step(
                "Make one, call it “Appointments”, and copy it: four groups of four letters.",
                "App-Specific Passwords",
                ("Appointments", "abcd-efgh-ijkl-mnop"),
                1,
            ),
        ),
    ),
    Provider(
        "fastmail",
        "Fastmail",
        CalendarKind.CALDAV,
        "With an app password for calendars.",
        address="https://caldav.fastmail.com",
        username_label="Fastmail address",
        sees=OPENS_ALL,
        besides="Let the app password open “Calendars (CalDAV)” and nothing else.",
        steps=(
            Step(
                "Open Settings, then “Privacy & Security”.",
                "Settings",
                ("General", "Privacy & Security", "Calendars"),
                1,
            ),
            Step(
                "Choose “Manage app passwords and access”, then “New app password”.",
                "Privacy & Security",
                ("Password", "Manage app passwords and access", "New app password"),
                2,
            ),
            Step(
                "As access choose “Calendars (CalDAV)”, and copy the password.",
                "New app password",
                ("Name: Appointments", "Access: Calendars (CalDAV)", "Generate password"),
                1,
            ),
        ),
    ),
    Provider(
        "nextcloud",
        "Nextcloud",
        CalendarKind.CALDAV,
        "With your server’s address and an app password.",
        username_label="User name at Nextcloud",
        sees=OPENS_ALL,
        besides="The address is the one you open in the browser, such as https://cloud.example.com.",
        steps=(
            Step(
                "Open the menu at your picture, then “Personal settings”, then “Security”.",
                "Personal settings",
                ("Personal info", "Security", "Notifications"),
                1,
            ),
            Step(
                "At the end, under “Devices & sessions”, type “Appointments” and create an app password.",
                "Devices & sessions",
                ("App name: Appointments", "Create new app password"),
                1,
            ),
        ),
    ),
    Provider(
        "google-address",
        "Google Calendar, by secret address",
        CalendarKind.ICS,
        "Read only: the “secret address in iCal format”.",
        sees="The address opens everything in that one calendar. We read the times only, and keep it sealed.",
        besides=f"At work or school, an administrator may have switched secret addresses off. {READ_ONLY}",
        steps=(
            Step(
                "On a computer, open Google Calendar. Beside your calendar’s name choose the three dots, then "
                "“Settings and sharing”.",
                "My calendars",
                ("Display this only", "Settings and sharing", "Hide from list"),
                1,
            ),
            Step(
                "Go down to “Integrate calendar”.",
                "Settings for my calendars",
                ("Access permissions", "Event notifications", "Integrate calendar"),
                2,
            ),
            Step(
                "Copy the “Secret address in iCal format”. Not the public one above it.",
                "Integrate calendar",
                ("Public address in iCal format", "Secret address in iCal format"),
                1,
            ),
        ),
    ),
    Provider(
        "outlook-address",
        "Outlook or Microsoft 365, by published address",
        CalendarKind.ICS,
        "Read only: a published calendar’s ICS link.",
        sees="Publish with “Can view when I’m busy”: then the address opens times and no titles.",
        besides=(
            "Microsoft may be some hours behind with published calendars. At work, an administrator may have switched "
            f"publishing off. {READ_ONLY}"
        ),
        steps=(
            Step(
                "Open Outlook on the web, then Settings, “Calendar”, “Shared calendars”.",
                "Settings: Calendar",
                ("View", "Events and invitations", "Shared calendars"),
                2,
            ),
            Step(
                "Under “Publish a calendar” choose it, and “Can view when I’m busy”. Then “Publish”.",
                "Publish a calendar",
                ("Calendar", "Can view when I’m busy", "Publish"),
                1,
            ),
            Step(
                "Copy the ICS link, not the HTML link.", "Publish a calendar", ("HTML: https://…", "ICS: https://…"), 1
            ),
        ),
    ),
    Provider(
        "proton",
        "Proton Calendar, by share link",
        CalendarKind.ICS,
        "Read only: a link with limited view.",
        sees="With “limited view” the link opens times and no titles.",
        besides=f"Sharing outside Proton may need a paid plan. {READ_ONLY}",
        steps=(
            Step(
                "In Proton Calendar open Settings, then the calendar under “Calendars”.",
                "Settings",
                ("General", "Calendars", "My calendar"),
                2,
            ),
            Step(
                "Under “Share with anyone” create a link with limited view, and copy it.",
                "Share with anyone",
                ("Create link", "Limited view (only see if you’re busy)", "Copy link"),
                1,
            ),
        ),
    ),
    Provider(
        "caldav",
        "Another server (CalDAV)",
        CalendarKind.CALDAV,
        "mailbox.org, Posteo, Zoho, Synology, Radicale and others, with a password.",
        username_label="User name there",
        sees=OPENS_ALL,
        besides="Your provider’s help says the address under “CalDAV”. Use an app password wherever there is one.",
        is_any=True,
    ),
    Provider(
        "address",
        "Another private address (ICS)",
        CalendarKind.ICS,
        "Read only: an address that ends with .ics, or begins with webcal://, such as a hospital’s rota.",
        sees="The address opens that one calendar. We read the times only, and keep it sealed.",
        besides=READ_ONLY,
        is_any=True,
    ),
)
KINDS: Final = {
    CalendarKind.ICS: "Private address, read only",
    CalendarKind.CALDAV: "App password (CalDAV)",
    CalendarKind.GOOGLE: "Sign-in with Google",
    CalendarKind.MICROSOFT: "Sign-in with Microsoft",
}


def find_provider(key: str) -> Provider | None:
    """The one of this word."""
    return next((each for each in PROVIDERS if each.key == key), None)
