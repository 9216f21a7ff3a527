"""What a password must be: long enough, and not one that everybody tries first. Nothing else is asked of it.

Source: OWASP ASVS 5.0, 6.2, and NIST SP 800-63B-4, 3.1.1.2: at least eight characters, no rules about kinds of
characters, a look at the most common passwords, pasting allowed.
"""

from __future__ import annotations

import unicodedata

from telehealth.domain.errors import InvalidInput

SHORTEST = 8
LONGEST = 1_000

MOST_COMMON = frozenset(
    """
    00000000 0123456789 0987654321 11111111 111111111 1111111111 11223344 112233445566 12121212 123123123 1231231234
    12341234 12344321 12345678 123456789 1234567890 12345678900 1234567891 12345678910 123456789a 123456789q 12345679
    1234abcd 1234qwer 123456aa 12qwaszx 147258369 159357456 1a2b3c4d 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qazxsw2
    22222222 55555555 66666666 741852963 77777777 789456123 87654321 88888888 987654321 99999999 9876543210 a1b2c3d4
    a123456789 aa123456 aa12345678 aaaaaaaa abc12345 abc123456 abcd1234 abcdefgh administrator admin123 admin1234
    alexander asdfasdf asdf1234 asdfghjk asdfghjkl baseball basketball benjamin butterfly changeme charlie1 chocolate
    computer danielle dearbook dragon123 elizabeth football iloveyou iloveyou1 internet jennifer jonathan jordan23
    letmein1 letmein123 liverpool michelle midnight monkey123 p@ssw0rd p@ssword pass1234 passw0rd password password!
    password1 password12 password123 password1234 pokemon1 princess princess1 q1w2e3r4 q1w2e3r4t5 qazwsxedc qwer1234
    qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 samantha shadow123 snowball spiderman starwars
    sunshine sunshine1 superman therapist trustno1 victoria welcome1 welcome123 whatever zaq12wsx zxcvbnm1 zxcvbnm123
    """.split()  # noqa: SIM905 -- a list of strings would fill three screens
)
"""What guessers try first, of those that are long enough; in small letters."""


def normalise_password(password: str) -> str:
    """One form for each letter (NFKD): keyboards differ, and Flask-Security reads passwords so when people sign in.

    What is too long to be anybody's password stays as it is: a request full of marks would take a quarter of a minute.
    """
    return unicodedata.normalize("NFKD", password) if len(password) <= LONGEST else password


def check_password(password: str, *, email: str, field: str = "password") -> None:
    """Refuse a password that would be guessed. Raises InvalidInput for ``field``."""
    if len(password) > LONGEST:
        raise InvalidInput({field: f"Please use at most {LONGEST:,} characters."})
    plain = normalise_password(password).casefold()
    if len(password) < SHORTEST:
        raise InvalidInput(
            {field: f"Please use at least {SHORTEST} characters. A few words in a row are easy to keep."}
        )
    if plain in MOST_COMMON:
        raise InvalidInput({field: "This is one of the passwords that are guessed first. Please choose another."})
    if plain.strip() == normalise_password(email).casefold():
        raise InvalidInput({field: "Please do not use your e-mail address. It is the first thing to be tried."})
