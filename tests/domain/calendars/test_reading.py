"""What somebody's own calendar says of when they are busy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from telehealth.domain.calendar_ports import KEY_PROPERTY, CalendarFailed, OwnEvent, OwnTimes
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.calendars.content_lines import MOST_BYTES
from telehealth.domain.calendars.reading import read_times
from telehealth.domain.calendars.recurring import Effort
from telehealth.domain.hours.busy_spans import BusySpan
from tests.domain.calendars.files import a_file, a_window, an_instant, read, spans_of

NINE = "UID:1\nDTSTART;TZID=America/New_York:20261005T090000\nDTEND;TZID=America/New_York:20261005T100000\n"
WEEKLY = NINE + "RRULE:FREQ=WEEKLY;COUNT=3\n"
FIRST, SECOND, THIRD = (f"Mon 2026-10-{day} 09:00-10:00" for day in ("05", "12", "19"))
MONDAYS = [FIRST, SECOND, THIRD]
HOUR = BusySpan(an_instant("2026-10-05T09:00-04:00"), an_instant("2026-10-05T10:00-04:00"))
OURS = OwnTimes("k1", (HOUR,))


def on(day: int, lines: str = "", *, hour: int = 15) -> str:
    """What stands for one date of the weekly event: an hour in the afternoon of the same day."""
    return (
        f"UID:1\nRECURRENCE-ID;TZID=America/New_York:202610{day:02}T090000\n"
        f"DTSTART;TZID=America/New_York:202610{day:02}T{hour:02}0000\nDURATION:PT1H\n{lines}"
    )


def failure_of(content: bytes) -> CalendarFailure:
    with pytest.raises(CalendarFailed) as caught:
        read_times(content, a_window())
    return caught.value.failure


class TestDates:
    def test_an_event_takes_its_time(self) -> None:
        assert spans_of(NINE) == [FIRST]

    def test_a_series_takes_each_of_its_times(self) -> None:
        assert spans_of(WEEKLY) == MONDAYS

    def test_times_that_touch_or_overlap_are_one(self) -> None:
        later = "UID:2\nDTSTART:20261005T133000Z\nDTEND:20261005T153000Z"
        assert spans_of(NINE, later) == ["Mon 2026-10-05 09:00-11:30"]

    def test_only_what_lies_in_the_window_is_told(self) -> None:
        window = a_window("2026-10-05T13:30Z", "2026-10-12T13:15Z")
        assert spans_of(WEEKLY, window=window) == ["Mon 2026-10-05 09:30-10:00", "Mon 2026-10-12 09:00-09:15"]

    def test_a_series_without_an_end_is_followed_to_the_end_of_the_window(self) -> None:
        old = NINE.replace("20261005", "19910107") + "RRULE:FREQ=WEEKLY"
        assert spans_of(old, window=a_window(until="2026-10-20T00:00Z")) == MONDAYS

    def test_dates_are_left_out_and_added(self) -> None:
        lines = "EXDATE:20261012T130000Z\nRDATE;TZID=America/New_York:20261013T080000,20261014T080000\n"
        tuesday, wednesday = "Tue 2026-10-13 08:00-09:00", "Wed 2026-10-14 08:00-09:00"
        assert spans_of(WEEKLY + lines) == [FIRST, tuesday, wednesday, THIRD]

    def test_an_hour_that_is_left_out_leaves_another_of_the_same_day(self) -> None:
        """One o'clock in New York is what nine o'clock is called in UTC and the other way round."""
        twice = NINE + "RRULE:FREQ=DAILY;BYHOUR=9,13;COUNT=4\nEXDATE;TZID=America/New_York:20261006T090000\n"
        assert spans_of(twice) == [FIRST, "Mon 2026-10-05 13:00-14:00", "Tue 2026-10-06 13:00-14:00"]

    def test_a_day_that_is_left_out_is_left_out_whole(self) -> None:
        assert spans_of(WEEKLY + "EXDATE;VALUE=DATE:20261012") == [FIRST, THIRD]

    def test_an_added_period_says_itself_how_long_it_is(self) -> None:
        lines = "RDATE;VALUE=PERIOD:20261013T120000Z/PT30M,20261014T120000Z/20261014T150000Z,20261019T130000Z/PT3H\n"
        told = ["Tue 2026-10-13 08:00-08:30", "Wed 2026-10-14 08:00-11:00", "Mon 2026-10-19 09:00-12:00"]
        assert spans_of(WEEKLY + lines) == [FIRST, SECOND, *told]

    def test_one_date_is_moved(self) -> None:
        assert spans_of(WEEKLY, on(12)) == [FIRST, "Mon 2026-10-12 15:00-16:00", THIRD]

    def test_one_date_is_told_in_another_zone(self) -> None:
        moved = on(12).replace("RECURRENCE-ID;TZID=America/New_York:20261012T090000", "RECURRENCE-ID:20261012T130000Z")
        assert spans_of(WEEKLY, moved) == [FIRST, "Mon 2026-10-12 15:00-16:00", THIRD]

    def test_one_date_is_judged_for_itself(self) -> None:
        assert spans_of(WEEKLY, on(12, "STATUS:CANCELLED")) == [FIRST, THIRD]
        assert spans_of(WEEKLY + "TRANSP:TRANSPARENT\n", on(12)) == ["Mon 2026-10-12 15:00-16:00"]

    def test_a_change_and_all_after_it_are_moved(self) -> None:
        changed = on(12).replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;").replace("PT1H", "PT2H")
        assert spans_of(WEEKLY, changed) == [FIRST, "Mon 2026-10-12 15:00-17:00", "Mon 2026-10-19 15:00-17:00"]

    def test_a_change_from_a_date_on_may_be_told_in_utc(self) -> None:
        changed = on(12).replace(
            "RECURRENCE-ID;TZID=America/New_York:20261012T090000", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261012T130000Z"
        )
        assert spans_of(WEEKLY, changed) == [FIRST, "Mon 2026-10-12 15:00-16:00", "Mon 2026-10-19 15:00-16:00"]

    def test_a_series_that_is_free_from_a_date_on(self) -> None:
        changed = on(12, "TRANSP:TRANSPARENT").replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;")
        assert spans_of(WEEKLY, changed) == [FIRST]

    def test_a_change_without_its_series_counts(self) -> None:
        assert spans_of(on(12)) == ["Mon 2026-10-12 15:00-16:00"]

    def test_a_change_of_a_date_that_was_left_out_is_left_out(self) -> None:
        assert spans_of(WEEKLY + "EXDATE;TZID=America/New_York:20261012T090000", on(12)) == [FIRST, THIRD]

    def test_of_two_under_one_uid_the_newer_holds(self) -> None:
        newer = NINE.replace("T09", "T11").replace("T10", "T12")
        assert spans_of(NINE + "SEQUENCE:2", newer + "SEQUENCE:10") == ["Mon 2026-10-05 11:00-12:00"]
        stamps = "DTSTAMP:20261001T100000Z", "DTSTAMP:20261001T090000Z\nLAST-MODIFIED:20261001T110000Z"
        assert spans_of(NINE + stamps[0], newer + stamps[1]) == ["Mon 2026-10-05 11:00-12:00"]

    def test_of_two_that_do_not_tell_which_is_newer_both_hold(self) -> None:
        other = NINE.replace("T09", "T11").replace("T10", "T12")
        assert spans_of(NINE, other) == [FIRST, "Mon 2026-10-05 11:00-12:00"]

    def test_events_without_a_uid_stand_each_for_itself(self) -> None:
        assert len(spans_of(*(NINE.replace("UID:1", "").replace("1005", f"100{day}") for day in (5, 6, 7)))) == 3

    @pytest.mark.parametrize("until", ["20261012", "20261012T130000Z", "20261012T090000", "20261012T235959"])
    def test_until_a_date_includes_it(self, until: str) -> None:
        assert spans_of(NINE + f"RRULE:FREQ=WEEKLY;UNTIL={until}") == [FIRST, SECOND]

    @pytest.mark.parametrize("count", ["0", "-1"])
    def test_a_count_of_nothing_is_no_end(self, count: str) -> None:
        assert len(spans_of(NINE + f"RRULE:FREQ=WEEKLY;COUNT={count}")) == 17

    def test_a_rule_that_never_comes_true_leaves_the_first_date(self) -> None:
        assert spans_of(NINE + "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30") == [FIRST]


class TestLengths:
    @pytest.mark.parametrize("end", ["DTEND;TZID=America/New_York:20261005T090000", "DURATION:PT0S", "SUMMARY:Call"])
    def test_what_has_no_length_takes_no_time(self, end: str) -> None:
        assert spans_of(f"UID:1\nDTSTART;TZID=America/New_York:20261005T090000\n{end}") == []

    def test_a_day_is_whole_where_its_owner_lives(self) -> None:
        day = "UID:1\nDTSTART;VALUE=DATE:20261005\n"
        assert spans_of(day) == ["Mon 2026-10-05 00:00-2026-10-06 00:00"]
        assert spans_of(day + "DTEND;VALUE=DATE:20261005") == ["Mon 2026-10-05 00:00-2026-10-06 00:00"]
        assert spans_of(day + "DTEND;VALUE=DATE:20261008") == ["Mon 2026-10-05 00:00-2026-10-08 00:00"]
        assert spans_of(day + "DURATION:P1W") == ["Mon 2026-10-05 00:00-2026-10-12 00:00"]

    def test_days_have_23_and_25_hours(self) -> None:
        (span,) = read("UID:1\nDTSTART;VALUE=DATE:20261101").spans
        assert (span.ends_at - span.starts_at).total_seconds() == 25 * 3600

    def test_a_day_of_a_series_that_was_left_out_by_its_midnight(self) -> None:
        days = "UID:1\nDTSTART;VALUE=DATE:20261005\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261006T000000Z"
        assert [each[:14] for each in spans_of(days)] == ["Mon 2026-10-05", "Wed 2026-10-07"]

    def test_an_event_over_a_change_of_clocks_lasts_to_the_later_of_two_ends(self) -> None:
        night = "UID:1\nDTSTART;TZID=America/New_York:20261030T220000\nDTEND;TZID=America/New_York:20261031T060000\n"
        window = a_window("2026-11-01T00:00Z", "2026-11-02T00:00Z")
        assert spans_of(night + "RRULE:FREQ=DAILY", window=window)[0] == "Sat 2026-10-31 22:00-2026-11-01 06:00"

    def test_an_event_may_begin_and_end_in_different_zones(self) -> None:
        flight = "UID:1\nDTSTART;TZID=America/New_York:20261005T180000\nDTEND;TZID=Europe/Berlin:20261006T080000\n"
        assert spans_of(flight) == ["Mon 2026-10-05 18:00-2026-10-06 02:00"]

    def test_an_event_that_ends_before_it_begins_is_not_read(self) -> None:
        wrong = NINE.replace("T100000", "T080000").replace("UID:1", "UID:2")
        assert (len(read(NINE, wrong).spans), read(NINE, wrong).unread) == (1, 1)


class TestClaims:
    @pytest.mark.parametrize(
        "line",
        [
            "TRANSP:TRANSPARENT",
            "STATUS:CANCELLED",
            "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
            "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
            "X-APPLE-EWS-BUSYSTATUS:FREE",
            "ATTENDEE;PARTSTAT=DECLINED:MAILTO:Mara@Practice.example",
            "ATTENDEE;PARTSTAT=DECLINED;CN=Mara:mailto:mara@practice.example",
            "ATTENDEE;PARTSTAT=DELEGATED:mailto:mara@practice.example",
            'ATTENDEE;CN="Doe: Mara; MD";PARTSTAT=DECLINED;EMAIL=mara@practice.example:/aMTIz/principal/',
        ],
    )
    def test_what_takes_no_time(self, line: str) -> None:
        assert spans_of(NINE + line) == []

    @pytest.mark.parametrize(
        "line",
        [
            "TRANSP:OPAQUE",
            "STATUS:CONFIRMED",
            "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
            "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
            "ATTENDEE;PARTSTAT=DECLINED:mailto:somebody@else.example",
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:mara@practice.example",
            "ATTENDEE:mailto:mara@practice.example",
            "ATTENDEE;PARTSTAT=DECLINED:mailto:mara@practice.example\nATTENDEE;PARTSTAT=ACCEPTED:mailto:mara@practice.example",
        ],
    )
    def test_what_takes_time_whatever_is_set(self, line: str) -> None:
        assert spans_of(NINE + line, window=a_window(is_tentative_busy=False)) == [FIRST]

    @pytest.mark.parametrize(
        "line",
        [
            "STATUS:TENTATIVE",
            "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
            "ATTENDEE;PARTSTAT=TENTATIVE:mailto:mara@practice.example",
            "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:mara@practice.example",
        ],
    )
    def test_what_takes_time_by_rule(self, line: str) -> None:
        assert spans_of(NINE + line, window=a_window(is_tentative_busy=True)) == [FIRST]
        assert spans_of(NINE + line, window=a_window(is_tentative_busy=False)) == []

    @pytest.mark.parametrize(
        "head", ["X-WR-CALNAME:M.Doe@gmail.example", 'X-OWNER;CN="Doe":mailto:m.doe@gmail.example']
    )
    def test_a_file_says_by_which_other_address_its_owner_is_invited(self, head: str) -> None:
        declined = NINE + "ATTENDEE;PARTSTAT=DECLINED:mailto:m.doe@gmail.example"
        assert spans_of(declined, head=head) == []
        assert spans_of(declined, head="X-WR-CALNAME:Doe") == [FIRST]

    def test_only_events_take_time(self) -> None:
        others = [NINE.join((f"BEGIN:{name}\n", f"END:{name}")) for name in ("VTODO", "VJOURNAL", "VAVAILABILITY")]
        assert spans_of(*others) == []

    def test_what_a_reminder_says_of_itself_is_not_its_event(self) -> None:
        alarm = "BEGIN:VALARM\nTRIGGER:-PT15M\nDURATION:PT5M\nUID:7\nSTATUS:CANCELLED\nEND:VALARM\n"
        assert spans_of(NINE.replace("UID:1", "UID:1\n" + alarm.strip())) == [FIRST]

    def test_what_a_server_has_summed_up(self) -> None:
        summed = (
            "BEGIN:VFREEBUSY\nDTSTART:20261001T000000Z\nDTEND:20261031T000000Z\n"
            "FREEBUSY;FBTYPE=BUSY:20261005T130000Z/20261005T140000Z,20261006T130000Z/PT1H\n"
            "FREEBUSY;FBTYPE=FREE:20261007T130000Z/PT1H\nFREEBUSY;FBTYPE=BUSY-TENTATIVE:20261008T130000Z/PT1H\n"
            "FREEBUSY:20261009T130000Z/PT1H\nEND:VFREEBUSY"
        )
        days = [each[:14] for each in spans_of(summed)]
        assert days == ["Mon 2026-10-05", "Tue 2026-10-06", "Thu 2026-10-08", "Fri 2026-10-09"]
        assert len(spans_of(summed, window=a_window(is_tentative_busy=False))) == 3

    def test_what_a_server_has_summed_up_one_by_one(self) -> None:
        kinds = ("BUSY", "FREE", "BUSY-UNAVAILABLE")
        told = [
            f"BEGIN:VFREEBUSY\nDTSTART:2026100{day}T130000Z\nDTEND:2026100{day}T140000Z\nFBTYPE:{kind}\nEND:VFREEBUSY"
            for day, kind in enumerate(kinds, start=5)
        ]
        assert spans_of(*told) == [FIRST, "Wed 2026-10-07 09:00-10:00"]


class TestOwnEvents:
    OWN = OwnEvent("k1", "1", *HOUR)

    def test_our_own_are_not_busy(self) -> None:
        times = read(NINE, window=a_window(known={"1": OURS}))
        assert (times.spans, times.own) == ((), (self.OWN,))

    def test_a_copy_is_known_by_its_key(self) -> None:
        copy = NINE.replace("UID:1", f"UID:copy\n{KEY_PROPERTY}:k1")
        (own,) = read(copy, window=a_window(known={"1": OURS, "k1": OURS})).own
        assert (own.key, own.uid) == ("k1", "copy")

    def test_one_that_was_moved_far_away_is_still_told(self) -> None:
        far = NINE.replace("20261005", "20350105")
        assert len(read(far, window=a_window(known={"1": OURS})).own) == 1

    @pytest.mark.parametrize("when", ["00010101T000000Z", "19691231T235900Z", "99991231T235900Z"])
    def test_one_that_was_moved_to_no_time_at_all_stands_nowhere(self, when: str) -> None:
        moved = f"UID:1\nDTSTART:{when}\nDURATION:PT0S"
        times = read(moved, window=a_window(known={"1": OURS}))
        assert (times.own, times.spans) == ((), ())

    def test_each_date_of_one_that_was_made_a_series_is_told_and_those_that_are_not_ours_are_busy(self) -> None:
        told, window = (WEEKLY, on(12)), a_window(known={"1": OURS})
        assert len(read(*told, window=window).own) == 3
        assert spans_of(*told, window=window) == ["Mon 2026-10-12 15:00-16:00", THIRD]

    @pytest.mark.parametrize(
        ("lines", "left"),
        [
            ("DTSTART:20261006T130000Z\nDTEND:20261006T140000Z", ["Tue 2026-10-06 09:00-10:00"]),
            (
                "DTSTART:20261005T123000Z\nDTEND:20261005T150000Z",
                ["Mon 2026-10-05 08:30-09:00", "Mon 2026-10-05 10:00-11:00"],
            ),
            ("DTSTART:20261005T131500Z\nDTEND:20261005T133000Z", []),
            ("DTSTART:20261006T130000Z\nDTEND:20261006T140000Z\nTRANSP:TRANSPARENT", []),
        ],
    )
    def test_what_stands_under_our_uid_at_another_time_is_busy(self, lines: str, left: list[str]) -> None:
        """Moved, made longer, made shorter, and what its owner said is free."""
        for name in ("UID:1", f"UID:copy\n{KEY_PROPERTY}:1"):
            event, window = f"{name}\n{lines}", a_window(known={"1": OURS})
            assert spans_of(event, window=window) == left
            assert len(read(event, window=window).own) == 1

    def test_one_that_was_called_off_there_is_gone(self) -> None:
        assert read(NINE + "STATUS:CANCELLED", window=a_window(known={"1": OURS})).own == ()

    def test_one_that_was_set_to_free_is_still_there(self) -> None:
        assert read(NINE + "TRANSP:TRANSPARENT", window=a_window(known={"1": OURS})).own == (self.OWN,)


class TestWhatCannotBeRead:
    BROKEN = NINE.replace("UID:1", "UID:2").replace("20261005T09", "20261305T09")

    def test_an_event_that_cannot_be_read_spoils_no_other(self) -> None:
        times = read(self.BROKEN, WEEKLY, "UID:3\nSUMMARY:No time at all")
        assert (len(times.spans), times.unread) == (3, 2)

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=SECONDLY",
            "FREQ=MINUTELY;COUNT=3",
            "FREQ=DAILY;INTERVAL=0",
            "D1 #0",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=MONTHLY;BYMONTHDAY=32",
            "FREQ=DAILY;UNTIL=soon",
            "FREQ=YEARLY;RSCALE=HEBREW",
        ],
    )
    def test_of_a_series_whose_rule_is_not_followed_the_first_date_holds(self, rule: str) -> None:
        times = read(
            WEEKLY, NINE.replace("UID:1", "UID:2").replace("T09", "T11").replace("T10", "T12") + f"RRULE:{rule}"
        )
        assert (len(times.spans), times.unread) == (4, 1)

    def test_a_file_of_which_nothing_can_be_read_is_unreadable(self) -> None:
        assert failure_of(a_file(self.BROKEN)) is CalendarFailure.UNREADABLE
        assert failure_of(a_file(NINE + "RRULE:FREQ=SECONDLY")) is CalendarFailure.UNREADABLE

    def test_a_calendar_without_events_is_free(self) -> None:
        assert read().spans == ()

    @pytest.mark.parametrize(
        "content", [b"", b"   ", b"<!DOCTYPE html><html>", b"{}", b"END:VCALENDAR", b"BEGIN:VCARD\r\nEND:VCARD"]
    )
    def test_what_is_no_calendar(self, content: bytes) -> None:
        assert failure_of(content) is CalendarFailure.NOT_A_CALENDAR

    def test_a_file_that_breaks_off_is_not_taken_for_all(self) -> None:
        whole = a_file(NINE)
        assert failure_of(whole[:-20]) is CalendarFailure.UNREADABLE
        assert failure_of(whole[: whole.index(b"END:VEVENT")]) is CalendarFailure.UNREADABLE

    def test_too_much_is_said_at_once(self) -> None:
        assert failure_of(b"BEGIN:VCALENDAR\r\n" + b"X" * MOST_BYTES) is CalendarFailure.TOO_LARGE
        assert failure_of(b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 50) is CalendarFailure.UNREADABLE
        assert failure_of(a_file("UID:1\nDTSTART:" + "2" * 1_000_001)) is CalendarFailure.UNREADABLE

    def test_rules_that_would_run_away_are_ended(self) -> None:
        minutes = ",".join(map(str, range(60)))
        every = NINE + f"RRULE:FREQ=HOURLY;BYMINUTE={minutes};BYSECOND={minutes}"
        ancient = NINE.replace("20261005", "00010101") + "RRULE:FREQ=HOURLY;COUNT=999999999"
        for content in (a_file(every), a_file(ancient)):
            with pytest.raises(CalendarFailed) as caught:
                read_times(content, a_window(), Effort(100_000))
            assert caught.value.failure is CalendarFailure.TOO_LARGE

    def test_a_rule_that_never_comes_true_costs_the_days_of_the_window(self) -> None:
        never = NINE + "RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"
        assert len(read_times(a_file(never), a_window(), Effort(24 * 140)).spans) == 1

    def test_thousands_of_changes_are_not_looked_through_for_each_date(self) -> None:
        """Ten thousand dates beside two thousand changes "from here on", in the steps that so many dates take."""
        series = NINE + "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24)))
        first = an_instant("2030-01-01T00:00Z")
        changes = (first + timedelta(hours=number) for number in range(2_000))
        told = [
            f"UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:{at:%Y%m%dT%H%M%SZ}\nDTSTART:{at:%Y%m%dT%H%M%SZ}\nDURATION:PT1H"
            for at in changes
        ]
        (span,) = read(series, *told, window=a_window(until="2027-11-01T00:00Z")).spans
        assert span.starts_at == an_instant("2026-10-05T09:00-04:00")

    def test_times_at_the_ends_of_time(self) -> None:
        last = "UID:9\nDTSTART;VALUE=DATE:99991231\nRRULE:FREQ=DAILY"
        first = "UID:8\nDTSTART:00010101T000000Z\nDTEND:99991231T235959Z\nRRULE:FREQ=YEARLY"
        assert read(NINE, last, first).unread >= 1


class TestText:
    def test_lines_may_be_folded_within_a_letter(self) -> None:
        text = "BEGIN:VEVENT\r\nUID:é".encode()[:-1] + b"\r\n " + "é".encode()[-1:]
        whole = a_file(NINE).replace(b"BEGIN:VEVENT\r\nUID:1", text)
        (own,) = read_times(whole, a_window(known={"é": OURS})).own
        assert own.uid == "é"

    @pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n", b"\r\r\n"])
    def test_lines_may_end_in_any_way(self, end: bytes) -> None:
        assert len(read_times(a_file(WEEKLY).replace(b"\r\n", end), a_window()).spans) == 3

    def test_files_may_begin_with_a_mark(self) -> None:
        assert len(read_times(b"\xef\xbb\xbf\r\n" + a_file(WEEKLY), a_window()).spans) == 3
        assert len(read_times(a_file(WEEKLY).decode().encode("utf-16"), a_window()).spans) == 3

    def test_names_may_be_small_and_parameters_quoted(self) -> None:
        text = NINE.replace("DTSTART;TZID=America/New_York", 'dtstart;value=date-time;tzid="America/New_York"')
        assert spans_of(text.replace("UID:1", "uid:1")) == [FIRST]

    def test_several_calendars_may_stand_in_one_file(self) -> None:
        assert len(read_times(a_file(NINE) + a_file(on(12)), a_window()).spans) == 2

    def test_no_title_is_kept(self) -> None:
        content = a_file(NINE + "SUMMARY:Dr Secret\nDESCRIPTION:Secret\nLOCATION:Secret", on(12, "SUMMARY:Secret"))
        assert "Secret" not in repr(read_times(content, a_window(known={"x": OURS})))
