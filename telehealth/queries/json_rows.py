"""Reading what hangs on a row together with it: a sub-select whose rows come as one value.

``json_rows`` is for a few rows of many kinds. ``json_columns`` is for many rows of numbers, which are written and read
faster one column after the other, and for what is remembered by its text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from telehealth.database import EPOCH, MICROSECOND, UTCDateTime


class json_rows(FunctionElement[list[list[Any]]]):  # noqa: N801 -- it reads as the SQL function it is
    """All rows of a sub-select in one value, a list of what stands in the given columns each, in any order: so what
    hangs on a row is read with it, in one statement. Instants come as microseconds since 1970, other times and dates as
    ISO 8601, words as their values.
    """

    type = JSON()
    name = "json_rows"
    inherit_cache = True


@compiles(json_rows, "sqlite")
def _json_rows_sqlite(element: json_rows, compiler: SQLCompiler, **kw: Any) -> str:
    said = [(each, compiler.process(each, **kw)) for each in element.clauses]
    columns = (f"json({sql})" if isinstance(each.type, JSON) else sql for each, sql in said)
    return f"json_group_array(json_array({', '.join(columns)}))"


@compiles(json_rows, "postgresql")
def _json_rows_postgresql(element: json_rows, compiler: SQLCompiler, **kw: Any) -> str:
    said = [(each, compiler.process(each, **kw)) for each in element.clauses]
    instant = "CAST(EXTRACT(EPOCH FROM {}) * 1000000 AS BIGINT)"
    columns = (instant.format(sql) if isinstance(each.type, UTCDateTime) else sql for each, sql in said)
    return f"coalesce(json_agg(json_build_array({', '.join(columns)})), CAST('[]' AS JSON))"


def read_instant(microseconds: int) -> datetime:
    """The instant that ``json_rows`` gives as a number."""
    return EPOCH + microseconds * MICROSECOND


class json_columns(FunctionElement[str]):  # noqa: N801 -- it reads as the SQL function it is
    """All rows of a sub-select in one text: JSON with a list for each of the given columns, for ``rows_in``. Dates and
    times come as ISO 8601; whoever wants instants asks for ``epoch_seconds``.
    """

    type = Text()
    name = "json_columns"
    inherit_cache = True


@compiles(json_columns, "sqlite")
def _json_columns_sqlite(element: json_columns, compiler: SQLCompiler, **kw: Any) -> str:
    columns = (f"json_group_array({compiler.process(each, **kw)})" for each in element.clauses)
    return f"json_array({', '.join(columns)})"


@compiles(json_columns, "postgresql")
def _json_columns_postgresql(element: json_columns, compiler: SQLCompiler, **kw: Any) -> str:
    columns = (f"coalesce(json_agg({compiler.process(each, **kw)}), '[]')" for each in element.clauses)
    return f"CAST(json_build_array({', '.join(columns)}) AS TEXT)"


def rows_in(text: str) -> Iterator[tuple[Any, ...]]:
    """The rows that ``json_columns`` gave."""
    return zip(*json.loads(text), strict=True)
