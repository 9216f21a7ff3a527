"""Reading what hangs on a row together with it: a sub-select whose rows come as one value."""

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


class json_rows(FunctionElement[str]):  # noqa: N801 -- it reads as the SQL function it is
    """All rows of a sub-select in one text, with what stands in the given columns of each, in any order: so what hangs
    on a row is read with it, in one statement. ``rows_in`` reads it. Instants come as microseconds since 1970, other
    times and dates as ISO 8601, words as their values.

    It is JSON with a list for each column: long ones are written and read faster than a list for each row. It comes as
    text because equal texts need to be read only once.
    """

    type = Text()
    name = "json_rows"
    inherit_cache = True


class json_row(FunctionElement[str]):  # noqa: N801 -- it reads as the SQL function it is
    """The given columns of one row as one text, a JSON list: whoever has kept what was made of equal texts need not
    even read them. The values come as ``json_rows`` gives them.
    """

    type = Text()
    name = "json_row"
    inherit_cache = True


@compiles(json_row, "sqlite")
def _json_row_sqlite(element: json_row, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_array({', '.join(_columns_sqlite(element, compiler, **kw))})"


@compiles(json_row, "postgresql")
def _json_row_postgresql(element: json_row, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(json_build_array({', '.join(_columns_postgresql(element, compiler, **kw))}) AS TEXT)"


@compiles(json_rows, "sqlite")
def _json_rows_sqlite(element: json_rows, compiler: SQLCompiler, **kw: Any) -> str:
    columns = _columns_sqlite(element, compiler, **kw)
    return f"json_array({', '.join(f'json_group_array({each})' for each in columns)})"


@compiles(json_rows, "postgresql")
def _json_rows_postgresql(element: json_rows, compiler: SQLCompiler, **kw: Any) -> str:
    columns = _columns_postgresql(element, compiler, **kw)
    lists = (f"coalesce(json_agg({each}), CAST('[]' AS JSON))" for each in columns)
    return f"CAST(json_build_array({', '.join(lists)}) AS TEXT)"


def _columns_sqlite(element: FunctionElement[str], compiler: SQLCompiler, **kw: Any) -> list[str]:
    said = [(each, compiler.process(each, **kw)) for each in element.clauses]
    return [f"json({sql})" if isinstance(each.type, JSON) else sql for each, sql in said]


def _columns_postgresql(element: FunctionElement[str], compiler: SQLCompiler, **kw: Any) -> list[str]:
    said = [(each, compiler.process(each, **kw)) for each in element.clauses]
    instant = "CAST(EXTRACT(EPOCH FROM {}) * 1000000 AS BIGINT)"
    return [instant.format(sql) if isinstance(each.type, UTCDateTime) else sql for each, sql in said]


def rows_in(text: str) -> Iterator[tuple[Any, ...]]:
    """The rows that ``json_rows`` gave."""
    return zip(*json.loads(text), strict=True)


def read_instant(microseconds: int) -> datetime:
    """The instant that ``json_rows`` gives as a number."""
    return EPOCH + microseconds * MICROSECOND
