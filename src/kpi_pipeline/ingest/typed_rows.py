"""From what a file gives to the typed rows of an entity, as one SQL statement.

The text of every value goes through `conversions`; the statement knows which column of which row is no such value.
"""

from __future__ import annotations

import re

from duckdb.sqltypes import DuckDBPyType

from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.layout import FirstOf, Layout
from kpi_pipeline.ingest import conversions
from kpi_pipeline.ingest.readers import Reading, json_name
from kpi_pipeline.warehouse.connection import literal, quoted

UPDATED_AT = "_updated_at"
"""The moment at which a row was last changed, where the tool writes one."""

_PART = re.compile(r"\.([^.\[\]]+)|\[([^\]]+)\]")
_KINDS = ("string_value", "int_value", "float_value", "double_value")
"""The fields of which one holds the value of an element, by its type."""

_NESTED = re.compile(r"(?P<base>[^.\[\]]+)(?P<path>(?:\.[^.\[\]]+|\[[^\]]+\])+)")


def columns_to_read(entity: Entity, layout: Layout) -> list[Column]:
    """The entity's columns, and the moment of the last change where the tool writes one."""
    moment = Column(name=UPDATED_AT, data_type="timestamp", required=False, meaning="")
    return [*entity.columns, *([moment] if layout.updated_at else [])]


def headers_of(column: Column, layout: Layout) -> list[str]:
    """The headers that `column` is made from."""
    if column.name == UPDATED_AT:
        return [layout.updated_at] if layout.updated_at else []
    return layout.headers.get(column.name, [])


def written_as(column: Column, layout: Layout) -> str | None:
    """The format of `column`'s dates or times, where the layout gives one."""
    return layout.formats.get("updated_at" if column.name == UPDATED_AT else column.name)


def base_header(header: str, present: list[str]) -> str:
    """The column of the file that holds `header`: itself, or the nested value that its path begins in."""
    nested = _NESTED.fullmatch(header)
    return header if header in present or not nested else nested["base"]


def can_be_read_directly(layout: Layout, headers: list[str]) -> bool:
    """Whether the rows of a CSV can be typed while it is read: nothing looks at a row twice, and each column is used.

    On some broken files DuckDB 1.5 fails beyond repair where it reads only some of the columns.
    """
    looks_twice = layout.leave_out or layout.only or layout.row_key
    is_all_used = layout.new_columns == "evolve" or not unnamed_headers(layout, headers)
    return layout.format == "csv" and not looks_twice and is_all_used


def typed_rows(
    entity: Entity, layout: Layout, reading: Reading, file_day: str, *, row_number: str = "cast(null as bigint)"
) -> str:
    """SQL of the typed columns, ``_row``, ``_new_columns``, ``_problem`` and ``_given``, for each row of the file.

    ``_problem`` is the first column whose value is not what its type says, or is missing though required, and
    ``_given`` what the file gives there. Rows that the layout says are no rows of the entity are left out.
    """
    columns = columns_to_read(entity, layout)
    problems, givens = [], []
    for column in columns:
        as_given, as_read = _given(column), quoted(column.name)
        if column.data_type != "text":
            problems.append(f"when {as_given} is not null and {as_read} is null then {literal(column.name)}")
        if column.required:
            problems.append(f"when {as_read} is null then {literal(column.name)}")
        givens.append(f"when {literal(column.name)} then cast({as_given} as text)")
    problem = f"case {' '.join(problems)} end" if problems else "cast(null as text)"
    typed = ", ".join(
        f"{_cast(_given(column), column, layout, reading)} as {quoted(column.name)}" for column in columns
    )
    return f"""
        select
            _row, _new_columns, {", ".join(quoted(column.name) for column in columns)}, _problem,
            case when _problem is not null then case _problem {" ".join(givens)} end end as _given
        from (
            select *, {problem} as _problem
            from (
                select *, {typed}
                from (
                    select {row_number} as _row, {_given_columns(entity, layout, reading, file_day)}
                    from {_relation(layout, reading)} where {_is_row(layout, reading)}
                )
            )
        )
    """


def _given(column: Column) -> str:
    return quoted("given_" + column.name)


def _given_columns(entity: Entity, layout: Layout, reading: Reading, file_day: str) -> str:
    columns = [
        f"{_source(column, layout, reading, file_day)} as {_given(column)}"
        for column in columns_to_read(entity, layout)
    ]
    return f"{_new_columns(layout, reading)} as _new_columns, {_factors(layout, reading)} {', '.join(columns)}"


def unnamed_headers(layout: Layout, present: list[str]) -> list[str]:
    """Headers of the file that the layout does not name."""
    used = {base_header(header, present) for header in _asked_for(layout)}
    return [header for header in present if header not in used]


def _text(header: str, reading: Reading) -> str:
    """The value under `header` as tidy text, the elements of a nested value included."""
    if base_header(header, reading.headers) not in reading.headers:
        return "cast(null as text)"
    return conversions.tidy(f"cast({quoted(header)} as text)", is_plain=reading.is_plain)


def _relation(layout: Layout, reading: Reading) -> str:
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
        for header in sorted(_asked_for(layout))
        if (base := base_header(header, reading.headers)) != header and base in reading.headers
    }
    if not nested:
        return f"(select *{row_hash} from {reading.relation})"
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
    return f"(select *{row_hash}{texts} from (select *{values} from (select *{elements} from {reading.relation})))"


def _asked_for(layout: Layout) -> set[str]:
    """Every header that the layout names."""
    named = {header for headers in layout.headers.values() for header in headers}
    named |= {layout.updated_at or "", *layout.leave_out, *layout.only}
    return named | {scaled.header for scaled in layout.scale_by.values()}


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


def _is_row(layout: Layout, reading: Reading) -> str:
    conditions = ["true"]
    for header, pattern in layout.leave_out.items():
        conditions.append(f"not regexp_matches(coalesce({_text(header, reading)}, ''), {literal(pattern)})")
    for header, pattern in layout.only.items():
        conditions.append(f"regexp_matches(coalesce({_text(header, reading)}, ''), {literal(pattern)})")
    return " and ".join(conditions)


def _new_columns(layout: Layout, reading: Reading) -> str:
    """The values under headers that nobody named, as JSON text, where the layout evolves."""
    new = unnamed_headers(layout, reading.headers) if layout.new_columns == "evolve" else []
    if not new:
        return "cast(null as text)"
    pairs = ", ".join(f"{literal(header)}, {quoted(header)}" for header in new)
    return f"cast(json_object({pairs}) as text)"


def _factors(layout: Layout, reading: Reading) -> str:
    """The factor of each column that is scaled by another header, as columns ``factor_<column>``."""
    columns = []
    for name, scaled in layout.scale_by.items():
        cases = " ".join(
            f"when {literal(word)} then cast({factor.numerator} as decimal(38,10)) / {factor.denominator}"
            for word, factor in scaled.factors.items()
        )
        columns.append(f"case {_text(scaled.header, reading)} {cases} end as {quoted('factor_' + name)},")
    return " ".join(columns)


def _source(column: Column, layout: Layout, reading: Reading, file_day: str) -> str:
    """The value as the file gives it: tidy, empty text as NULL, the tool's words turned into ours."""
    if column.name == layout.row_key:
        return "_row_hash || '-' || row_number() over (partition by _row_hash order by _row)"
    if column.name in layout.constants:
        return f"cast({literal(layout.constants[column.name].replace('{date}', file_day))} as text)"
    headers = [
        header for header in headers_of(column, layout) if base_header(header, reading.headers) in reading.headers
    ]
    if not headers:
        return "cast(null as text)"
    if _is_typed(column, layout, reading):
        return quoted(headers[0])
    texts = [_text(header, reading) for header in headers]
    if layout.empty:
        words = ", ".join(literal(word) for word in layout.empty)
        texts = [f"case when {text} in ({words}) then null else {text} end" for text in texts]
    is_first_of = isinstance(layout.columns.get(column.name), FirstOf)
    text = f"coalesce({', '.join(texts)})" if is_first_of else " || '-' || ".join(texts)
    words_of = layout.values.get(column.name, {})
    if nothing := words_of.get(""):
        text = f"coalesce({text}, {literal(nothing)})"
    if words_of or column.name in layout.otherwise:
        # compared without blanks and capitals: tools change those from one release to the next. Looked up in a list,
        # because a case would work out a nested value again for every word
        theirs = ", ".join(f"lower({conversions.tidy(literal(word))})" for word in words_of)
        ours = ", ".join(literal(word) for word in words_of.values())
        found = f"[{ours}][list_position([{theirs}], lower({text}))]" if words_of else "cast(null as text)"
        rest = literal(layout.otherwise[column.name]) if column.name in layout.otherwise else text
        return f"case when {text} is not null then coalesce({found}, {rest}) end"
    if column.is_code:
        return text if reading.is_plain else conversions.latin_digits(text)
    return text


def _is_typed(column: Column, layout: Layout, reading: Reading) -> bool:
    """Whether the file itself brings a type for `column` that needs no conversion from text."""
    headers = headers_of(column, layout)
    asks_for_text = column.data_type == "text" or column.name in {
        *layout.values,
        *layout.otherwise,
    }
    if asks_for_text or len(headers) != 1:
        return False
    return str(reading.types.get(headers[0], "VARCHAR")) not in ("VARCHAR", "JSON")


def _cast(given: str, column: Column, layout: Layout, reading: Reading) -> str:
    """`given` as the column's type, NULL where it is no such value."""
    written, mark = written_as(column, layout), layout.decimal_mark
    is_typed = _is_typed(column, layout, reading)
    match column.data_type:
        case "text":
            return given
        case "timestamp":
            # the session's time zone is the layout's: it applies to values without an offset, and only to them
            is_counted = written in conversions.EPOCHS
            return (
                conversions.in_utc(f"try_cast({given} as timestamptz)")
                if is_typed and not is_counted
                else conversions.moment(f"cast({given} as text)" if is_typed else given, written)
            )
        case "date":
            return conversions.finite(f"try_cast({given} as date)") if is_typed else conversions.date(given, written)
        case "bigint":
            if is_typed:
                whole = f"try_cast({given} as bigint)"
                return f"case when try_cast({given} as double) = {whole} then {whole} end"
            return conversions.whole_number(given, mark)
        case "double":
            return f"case when isfinite({given}) then {given} end" if is_typed else conversions.real_number(given, mark)
        case "boolean":
            return f"try_cast({given} as boolean)" if is_typed else conversions.boolean(given)
        case "decimal(18,4)":
            digits, places = (28, 8) if column.name in {*layout.scale, *layout.scale_by} else (18, 4)
            typed = f"try_cast({given} as decimal({digits},{places}))"
            value = typed if is_typed else conversions.decimal(given, digits, places, mark)
            if column.name in layout.scale:
                value = f"try_cast({value} * cast({layout.scale[column.name]} as decimal(10,6)) as decimal(18,4))"
            if column.name in layout.scale_by:
                value = f"try_cast({value} * {quoted('factor_' + column.name)} as decimal(18,4))"
            return value
