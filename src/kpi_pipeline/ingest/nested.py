"""Values within values: fields of objects, and named elements of lists of keys and values."""

from __future__ import annotations

import re

from duckdb.sqltypes import DuckDBPyType

from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.ingest.columns import base_header, headers_asked_for
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.ingest.values import json_name
from kpi_pipeline.warehouse.connection import literal, quoted

_PART = re.compile(r"\.([^.\[\]]+)|\[([^\]]+)\]")
_KINDS = ("string_value", "int_value", "float_value", "double_value")
"""The fields of which one holds the value of an element, by its type."""


def with_nested_values(layout: Layout, reading: Reading) -> str:
    """The rows of the file, with each nested value that the layout asks for as a column of text, called as asked for.

    Apart from what reads them, so that a value is looked up once, and not wherever its text is used. The same goes for
    the hash of a row, where the layout makes a key of it.
    """
    row_hash = ""
    if layout.row_key:
        cells = ", ".join(f"coalesce(cast({quoted(header)} as text), chr(30))" for header in reading.headers)
        row_hash = f", md5(concat_ws(chr(31), {cells})) as _row_hash"
    nested = {
        header: base
        for header in sorted(headers_asked_for(layout))
        if (base := base_header(header, reading.headers)) != header and base in reading.headers
    }
    relation = _with_carried(layout, reading)
    if not nested:
        return f"(select *{row_hash} from {relation})"
    lists = {base for header, base in nested.items() if header[len(base)] == "[" and base not in reading.types}
    elements = "".join(
        f""", from_json(try_cast({quoted(base)} as json), '[{{"key": "VARCHAR", "value": "JSON"}}]') """
        f"as {quoted(base + '[]')}"
        for base in sorted(lists)
    )
    values, texts = "", ""
    for number, (header, base) in enumerate(nested.items()):
        value, text = _nested(header, base, reading, f"nested_{number}")
        values += f", {value} as nested_{number}"
        texts += f", {text} as {quoted(header)}"
    return f"(select *{row_hash}{texts} from (select *{values} from (select *{elements} from {relation})))"


def _with_carried(layout: Layout, reading: Reading) -> str:
    """The rows of the file, with what a document's first row tells in its other rows too."""
    carried = {
        header: document for header, document in layout.carried.items() if {header, document} <= set(reading.headers)
    }
    if not carried:
        return reading.relation
    filled = ", ".join(
        f"last_value(nullif(trim({quoted(header)}), '') ignore nulls) over "
        f"(partition by {quoted(document)} order by {reading.row_number}) as {quoted(header)}"
        for header, document in carried.items()
    )
    return f"(select * replace ({filled}) from {reading.relation})"


def _nested(header: str, base: str, reading: Reading, found: str) -> tuple[str, str]:
    """SQL that finds the value that `header` names within the column `base`, and SQL of its text, called `found`."""
    parts = _PART.findall(header[len(base) :])
    is_element = header.endswith("]")
    value, kind = _within(quoted(base), parts, reading.types.get(base))
    if kind is not None:
        if kind.id == "struct" and is_element:
            texts = [f"cast({found}.{name} as text)" for name in _KINDS if name in _fields(kind)]
            return value, f"coalesce({', '.join(texts)}, null)"
        is_scalar = kind.id not in ("struct", "list", "map")
        return value, f"cast({found} as text)" if is_scalar else f"cast(to_json({found}) as text)"
    value = f"to_json({quoted(base)})" if base in reading.types else f"try_cast({quoted(base)} as json)"
    for position, (name, key) in enumerate(parts):
        if name:
            value = f"json_extract({value}, {literal('$.' + json_name(name))})"
        elif position == 0 and base not in reading.types:
            value = f"list_filter({quoted(base + '[]')}, lambda item: item.key = {literal(key)})[1].value"
        else:
            named = f"lambda item: json_extract_string(item, '$.key') = {literal(key)}"
            value = f"json_extract(list_filter(json_extract({value}, '$[*]'), {named})[1], '$.value')"
    text = f"json_extract_string({found}, '$')"
    if is_element:
        texts = [f"json_extract_string({found}, '$.{name}')" for name in _KINDS]
        text = f"case json_type({found}) when 'OBJECT' then coalesce({', '.join(texts)}) else {text} end"
    return value, text


def _within(value: str, parts: list[tuple[str, str]], kind: DuckDBPyType | None) -> tuple[str, DuckDBPyType | None]:
    """SQL that goes into a typed `value`, and the type of what it finds; None where the type has no such part."""
    for name, key in parts:
        if key and "child" in _fields(kind):
            value = f"list_filter({value}, lambda item: item.key = {literal(key)})[1]"
            kind = _fields(kind)["child"]
        if key and "key" not in _fields(kind):
            return value, None
        kind = _fields(kind).get(name or "value")
        value = f"struct_extract({value}, {literal(name or 'value')})"
    return value, kind


def _fields(kind: DuckDBPyType | None) -> dict[str, DuckDBPyType]:
    """The fields of a struct and their types, ``child`` of a list; none of anything else."""
    if kind is None or kind.id not in ("struct", "list"):
        return {}
    return {name: child for name, child in kind.children if isinstance(child, DuckDBPyType)}
