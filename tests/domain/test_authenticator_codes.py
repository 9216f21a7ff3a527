from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from telehealth.domain.authenticator_codes import find_step, make_app_code, make_setup_uri, say_secret, step_at

SECRET = b"12345678901234567890"
NOW = datetime(2026, 11, 30, 12, 0, 15, tzinfo=UTC)
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B, of which the last six digits."""
    assert make_app_code(SECRET, seconds // 30) == code


@pytest.mark.parametrize(("off", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(off: int, fits: bool) -> None:
    code = make_app_code(SECRET, step_at(NOW) + off)
    assert (find_step(SECRET, code, now=NOW, last=None) is not None) is fits


def test_a_code_works_once() -> None:
    code = make_app_code(SECRET, step_at(NOW))
    used = find_step(SECRET, f" {code[:3]} {code[3:]} ", now=NOW, last=None)
    assert used == step_at(NOW)
    assert find_step(SECRET, code, now=NOW, last=used) is None
    assert find_step(SECRET, make_app_code(SECRET, used - 1), now=NOW, last=used) is None, "nor one from before"
    later = NOW + HALF_A_MINUTE
    assert find_step(SECRET, make_app_code(SECRET, step_at(later)), now=later, last=used) == used + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345"])
def test_what_is_no_code_fits_nothing(typed: str) -> None:
    assert find_step(SECRET, typed, now=NOW, last=None) is None


def test_an_app_is_told_whose_it_is() -> None:
    uri = make_setup_uri(SECRET, issuer="Ana & Co", login="ana@elm.example")
    assert uri.startswith("otpauth://totp/Ana%20%26%20Co%3Aana%40elm.example?secret=GEZDGNBV")
    assert "issuer=Ana%20%26%20Co" in uri
    assert say_secret(SECRET).startswith("GEZD GNBV")
