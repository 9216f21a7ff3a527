"""Reading requests: strict JSON, ids, instants, wall times and zones. What is odd is refused with a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, ClassVar, NoReturn, Self

import flask
import marshmallow as ma
from marshmallow import ValidationError, fields, validate
from webargs import missing
from webargs.flaskparser import FlaskParser, is_json_request

from telehealth.api.errors import MalformedJson, UnsupportedMediaType
from telehealth.api.paths import ID, TOKEN
from telehealth.domain import walltime
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS

BODY = "body"
NO_BODY = "Please send a JSON object as the body."
EARLIEST_YEAR, LATEST_YEAR = 1971, 2200
MOST_FIELDS = 100

Period = tuple[datetime, datetime]

# RFC 3339 section 5.6, and seconds may be left out.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_WALL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK = re.compile(r"\d\d:\d\d", re.ASCII)


class Parser(FlaskParser):
    """Takes JSON in UTF-8 and known names only."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE}  # noqa: RUF012 -- the library declares it so

    def load_json(self, req: flask.Request, schema: ma.Schema) -> Any:
        """The body; nothing at all is an empty object where that may be.

        Raises UnsupportedMediaType, MalformedJson, and InvalidInput where there has to be one.
        """
        body = req.get_data(cache=True)
        if not body:
            if isinstance(schema, Body) and schema.is_missed:
                raise InvalidInput({BODY: NO_BODY}, f"{NO_BODY} Nothing was changed.")
            return missing
        if not is_json_request(req):
            raise UnsupportedMediaType
        try:
            return json.loads(body.decode("utf-8"), parse_constant=_no_such_number)
        except (ValueError, RecursionError) as problem:  # Numbers of thousands of digits raise ValueError, too.
            raise MalformedJson from problem

    def handle_error(
        self,
        error: ValidationError,
        req: flask.Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Say what is wrong with each field. Raises InvalidInput."""
        del req, schema, error_status_code, error_headers
        (messages,) = _messages(error).values()
        raise InvalidInput(dict(_flat(messages)), "Some values cannot be used; see errors. Nothing was changed.")


def _messages(error: ValidationError) -> dict[str, Any]:
    """By location: the parser has put the name of the location around them."""
    found: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
    return found


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")


def _flat(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Marshmallow's tree of messages as dotted names, each with one sentence."""
    if not isinstance(messages, dict):
        yield path or BODY, " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)
        return
    for key, value in messages.items():
        name = path if key == "_schema" else f"{path}.{key}".lstrip(".")
        yield from _flat(value, _printable(name))


def _printable(name: str) -> str:
    """Unknown names come from the request: keep them short and encodable."""
    return name[:100].encode("utf-8", "replace").decode()


class Shape(ma.Schema):
    """The parent of all. None changes once it is made, so whoever copies the description of an operation, which the
    library does for every one of its parts, gets the same one.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Itself."""
        return self


class Query(Shape):
    """The parent of what comes in: with the address or the headers as it is, and of a ``Body``."""

    error_messages = {  # noqa: RUF012 -- the library declares it so
        "unknown": "There is no field with this name here. Please check its spelling.",
        "type": "Please send a JSON object.",
    }


class Schema(Shape):
    """The parent of every shape that goes out. It is written from a row, or from a row and what is told beside it.

    Whatever goes out is always there, and null when there is nothing to say, except what is named in ``sometimes``.
    """

    sometimes: ClassVar[Collection[str]] = ()

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Say it in the document."""
        field_obj.required = field_name not in self.sometimes

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """What belongs to nothing is nothing: ``inbound.public_id`` of a task without a text is null.

        Raises KeyError or AttributeError for what is not known: the library would leave it out without a word.
        """
        del default
        for name in attr.split("."):
            if obj is None:
                return None
            obj = obj[name] if isinstance(obj, dict) else getattr(obj, name)
        return obj


class Beside(SimpleNamespace):
    """What a row does not know itself, beside what it does, for a schema to write. What is named here wins."""

    def __init__(self, row: Any, **more: Any) -> None:
        super().__init__(row=row, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)


class Body(Query):
    """The parent of every shape that comes in. Unknown fields are refused, so that a misspelt one is noticed."""

    is_needed = True
    """Whether the document asks for it (``Blueprint.arguments``)."""

    @property
    def is_missed(self) -> bool:
        """Whether its absence has to be told; where fields are needed, they are asked for by name instead."""
        return self.is_needed and not any(each.required for each in self.fields.values())

    class Meta:
        """Said here once more for the document."""

        unknown = ma.RAISE

    @ma.pre_load
    def _refuse_many(self, data: Any, **_: Any) -> Any:
        """A sentence about each of thirty thousand misspelt fields would take a second, and tell nobody anything."""
        if isinstance(data, Mapping) and len(data) > MOST_FIELDS:
            raise ValidationError(f"There are {len(data):,} fields here; please send those of the document only.")
        return data


class Several(fields.List[Any]):
    """A list with a ``validate.Length``, which is asked before what is in it is read: a request has room for eighty
    thousand wrong entries, and a sentence about each would take eight seconds.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            for each in self.validators:
                each(value)
        return super()._deserialize(value, attr, data, **kwargs)


class OneLine(fields.String):
    """One line of text, cleaned."""

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=longest), **kwargs)
        self.longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            return clean_line(text, longest=self.longest)
        except ValueError as problem:
            raise ValidationError(str(problem)) from problem


class Instant(fields.Field[datetime]):
    """An instant with its offset (RFC 3339); written in UTC with a Z."""

    default_error_messages = {  # noqa: RUF012 -- the library declares it so
        "invalid": 'Please give an instant with its offset, such as "2026-11-24T16:00:00Z" or '
        '"2026-11-24T09:00:00-07:00" (in an address, write + as %2B).',
        "year": f"Please give an instant between the years {EARLIEST_YEAR} and {LATEST_YEAR}.",
    }

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        del attr, obj, kwargs
        return None if value is None else utc(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        del attr, data, kwargs
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise self.make_error("invalid")
        try:
            instant = datetime.fromisoformat(value.upper())
        except ValueError as problem:
            raise self.make_error("invalid") from problem
        if not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
            raise self.make_error("year")
        return instant.astimezone(UTC)


class _Written(fields.Field[Any]):
    """Something that Python writes in ISO 8601 and that is read back in one form only."""

    pattern: re.Pattern[str]
    kind: Any
    earliest_year = EARLIEST_YEAR

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"pattern": f"^{self.pattern.pattern}$", **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        del attr, obj, kwargs
        return None if value is None else self.write(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            raise self.make_error("invalid")
        try:
            found = self.kind.fromisoformat(value)
        except ValueError as problem:
            raise self.make_error("invalid") from problem
        if not self.earliest_year <= getattr(found, "year", self.earliest_year) <= LATEST_YEAR:
            raise self.make_error("invalid")
        return found

    def write(self, value: Any) -> str:
        """The value as text."""
        text: str = value.isoformat()
        return text


class DayField(_Written):
    """A calendar date."""

    pattern, kind = _DAY, date
    default_error_messages = {"invalid": 'Please give a date, such as "2026-11-24".'}  # noqa: RUF012 -- the library declares it so


class ClockTime(_Written):
    """A time on the wall, without a date."""

    pattern, kind = _CLOCK, time
    default_error_messages = {"invalid": 'Please give a time of day, such as "09:30".'}  # noqa: RUF012 -- the library declares it so

    def write(self, value: time) -> str:
        """Hours and minutes."""
        return value.isoformat("minutes")


class WallTime(_Written):
    """A date and a time on the wall, without an offset: the therapist's zone is meant."""

    pattern, kind = _WALL, datetime
    default_error_messages = {  # noqa: RUF012 -- the library declares it so
        "invalid": 'Please give a date and time on the therapist\'s clock, without an offset: "2026-12-24T12:00".'
    }

    def write(self, value: datetime) -> str:
        """Up to the minute."""
        return value.isoformat(timespec="minutes")


class Zone(fields.String):
    """The name of an IANA time zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            return walltime.zone(super()._deserialize(value, attr, data, **kwargs)).key
        except InvalidInput as problem:
            raise ValidationError(problem.fields["timezone"]) from problem


class YesOrNo(fields.Boolean):
    """true or false and nothing that resembles them: what it records may be somebody's consent."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return bool(super()._deserialize(value, attr, data, **kwargs))


class _Word(fields.String):
    def __init__(self, vocabulary: type[StrEnum], **kwargs: Any) -> None:
        words = [member.value for member in vocabulary]
        self.sentence = f"Please choose one of: {', '.join(words)}."
        super().__init__(validate=validate.OneOf(words, error=self.sentence), **kwargs)
        self.vocabulary = vocabulary

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> StrEnum:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return self.vocabulary(text)
        except ValueError as problem:
            raise ValidationError(self.sentence) from problem


class IsGiven(fields.Boolean):
    """Whether there is something: an instant at which it happened, a row."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> bool:
        del attr, obj, kwargs
        return value is not None


def read_period(query: Mapping[str, Any], *, now: datetime, usual: timedelta, longest: timedelta) -> Period:
    """The half-open period from ``since`` to ``until``; from now on and as long as ``usual`` where they are left out.

    Raises InvalidInput for one that is empty or longer than ``longest``, which is whole days.
    """
    since = query.get("since", now)
    until = query.get("until", since + usual)
    if not since < until <= since + longest:
        raise InvalidInput({"until": f"Please give an instant after since, at most {longest.days} days later."})
    return since, until


@contextmanager
def in_our_names(names: Mapping[str, str]) -> Iterator[None]:
    """Call fields of a refusal as the API calls them, where a service calls them otherwise."""
    try:
        yield
    except InvalidInput as problem:
        renamed = {names.get(name, name): sentence for name, sentence in problem.fields.items()}
        raise InvalidInput(renamed, str(problem)) from problem


def key(kind: type[fields.String] = fields.String, **kwargs: Any) -> fields.String:
    """A public id."""
    return kind(validate=validate.Regexp(f"^{ID}$", error="This is not an id."), **kwargs)


def bounded(limits: tuple[int, int, str], description: str, **options: Any) -> fields.Integer:
    """A whole number that is needed, between the smallest and the largest one, and what to say about any other."""
    least, most, sentence = limits
    return fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(least, most, error=sentence),
        metadata={"description": description},
        **options,
    )


def token(**kwargs: Any) -> fields.String:
    """A signed token in a body."""
    return fields.String(validate=validate.Regexp(f"^{TOKEN}$", error="This is not a token."), **kwargs)


def word(vocabulary: type[StrEnum], **kwargs: Any) -> fields.String:
    """One word of a vocabulary, read as its member."""
    return _Word(vocabulary, **kwargs)


def jurisdiction(**kwargs: Any) -> fields.String:
    """A state or territory, by its postal code."""
    return fields.String(validate=validate.OneOf(list(JURISDICTIONS), error="Please give a code such as CO."), **kwargs)


def utc(instant: datetime) -> str:
    """An aware instant as text: "2026-11-24T16:00:00Z"."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"
