"""From what a file gives to the typed rows of an entity, as one SQL statement.

The text of every value goes through `values`; the statement knows which column of which row is no such value.
"""

from __future__ import annotations

from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.layout import FirstOf, Layout
from kpi_pipeline.ingest import values
from kpi_pipeline.ingest.business import BusinessCalendar
from kpi_pipeline.ingest.columns import base_header, columns_to_read, headers_of, unnamed_headers, written_as
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.ingest.nested import with_nested_values
from kpi_pipeline.warehouse.connection import literal, quoted


def can_be_typed_while_read(layout: Layout, headers: list[str]) -> bool:
    """Whether rows can be typed while their file is read: nothing looks at a row twice, and each column is used.

    On some broken files DuckDB 1.5 fails beyond repair where it reads only some of the columns.
    """
    looks_twice = layout.leave_out or layout.only or layout.totals or layout.carried or layout.row_key
    is_all_used = layout.new_columns == "evolve" or not unnamed_headers(layout, headers)
    return not looks_twice and is_all_used


def typed_rows(
    entity: Entity, layout: Layout, reading: Reading, file_day: str, business: BusinessCalendar, totals: bool = False
) -> str:
    """SQL of the typed columns, what else a row tells, ``_problem`` and ``_given``, for each row of the file.

    ``_problem`` is the first column whose value is not what its type says, is missing though required, is a day that
    no business means or a code that has lost digits, and ``_given`` what the file gives there. Rows that the layout
    says are no rows of the entity are left out; where `totals`, only its totals are there. Of a row that says that
    something is gone, nobody asks more than what.
    """
    columns = columns_to_read(entity, layout)
    problems, givens = [], []
    if layout.gone_when or layout.gone_unless:
        keys = [column for column in columns if column.name in entity.key]
        missing = " ".join(f"when {quoted(key.name)} is null then {literal(key.name)}" for key in keys)
        problems.append(f"when _gone then case {missing} end")
    for column in columns:
        as_given, as_read = _given(column), quoted(column.name)
        if column.data_type != "text":
            problems.append(f"when {as_given} is not null and {as_read} is null then {literal(column.name)}")
        if column.data_type in ("date", "timestamp"):
            first, last = business.span(entity, column)
            bounds = f"{column.data_type} '{first}' and {column.data_type} '{last}'"
            problems.append(f"when {as_read} not between {bounds} then {literal(column.name)}")
        if column.is_code:
            problems.append(f"when {values.is_rounded_code(as_given, as_read)} then {literal(column.name)}")
        if column.required:
            problems.append(f"when {as_read} is null then {literal(column.name)}")
        givens.append(f"when {literal(column.name)} then cast({as_given} as text)")
    problem = f"case {' '.join(problems)} end" if problems else "cast(null as text)"
    typed = ", ".join(
        f"{_cast(_given(column), column, layout, reading, business.zone)} as {quoted(column.name)}"
        for column in columns
    )
    return f"""
        select
            _row, _new_columns, _gone, _absorbs, {", ".join(quoted(column.name) for column in columns)}, _problem,
            case when _problem is not null then case _problem {" ".join(givens)} end end as _given
        from (
            select *, {problem} as _problem
            from (
                select *, {typed}
                from (
                    select {reading.row_number} as _row, {_given_columns(entity, layout, reading, file_day)}
                    from {with_nested_values(layout, reading)} where {_is_row(layout, reading, totals)}
                )
            )
        )
    """


def footers(layout: Layout, headers: list[str], short_lines: str) -> str:
    """SQL of the numbers of those of the `short_lines` (``number``, ``cells``) that are no rows of the entity.

    A line that ends before the cell that tells is no such line: it may be a row that was cut off.
    """
    told = []
    for sign, patterns in (("", layout.leave_out | layout.totals), ("not ", layout.only | layout.gone_unless)):
        for header, pattern in patterns.items():
            position = headers.index(base_header(header, headers)) + 1
            text = f"coalesce({values.tidy(f'cells[{position}]')}, '')"
            told.append(f"(len(cells) >= {position} and {sign}regexp_matches({text}, {literal(pattern)}))")
    return f"select number from {short_lines} where {' or '.join(told)}"


def texts_of(column: Column, layout: Layout, reading: Reading) -> str:
    """SQL of the texts that the file gives for `column`, as ``given``, in rows that are rows of the entity."""
    source = _source(column, layout, reading, "")
    return f"select {source} as given from {with_nested_values(layout, reading)} where {_is_row(layout, reading)}"


def _given(column: Column) -> str:
    return quoted("given_" + column.name)


def _given_columns(entity: Entity, layout: Layout, reading: Reading, file_day: str) -> str:
    columns = [
        f"{_source(column, layout, reading, file_day)} as {_given(column)}"
        for column in columns_to_read(entity, layout)
    ]
    of_a_row = (
        f"{_new_columns(layout, reading)} as _new_columns, {_is_gone(layout, reading)} as _gone, "
        f"{_absorbed(layout, reading)} as _absorbs"
    )
    return f"{of_a_row}, {_factors(layout, reading)} {', '.join(columns)}"


def _text(header: str, reading: Reading) -> str:
    """The value under `header` as tidy text, the elements of a nested value included."""
    if base_header(header, reading.headers) not in reading.headers:
        return "cast(null as text)"
    return values.tidy(f"cast({quoted(header)} as text)", is_plain=reading.is_plain)


def _is_row(layout: Layout, reading: Reading, totals: bool = False) -> str:
    is_total = [_matches(header, pattern, reading) for header, pattern in layout.totals.items()]
    if totals:
        return " or ".join(is_total)
    is_other = [_matches(header, pattern, reading) for header, pattern in layout.leave_out.items()]
    is_ours = [_matches(header, pattern, reading) for header, pattern in layout.only.items()]
    return " and ".join(["true", *(f"not {other}" for other in (*is_total, *is_other)), *is_ours])


def _matches(header: str, pattern: str, reading: Reading) -> str:
    return f"regexp_matches(coalesce({_text(header, reading)}, ''), {literal(pattern)})"


def _is_gone(layout: Layout, reading: Reading) -> str:
    """Whether the row says that its thing is gone; a header that the file does not have says nothing."""
    present = {
        header for header in (*layout.gone_when, *layout.gone_unless)
        if base_header(header, reading.headers) in reading.headers
    }  # fmt: skip
    gone = [_matches(header, pattern, reading) for header, pattern in layout.gone_when.items() if header in present]
    gone += [
        f"not {_matches(header, pattern, reading)}"
        for header, pattern in layout.gone_unless.items()
        if header in present
    ]
    return " or ".join(gone) if gone else "false"


def _absorbed(layout: Layout, reading: Reading) -> str:
    """The identities that were merged into the row's own, written as its own is."""
    if layout.absorbs is None:
        return "cast(null as text[])"
    given = f"string_split({_text(layout.absorbs.header, reading)}, {literal(layout.absorbs.separator)})"
    return f"list_filter(list_transform({given}, lambda one: {values.code('trim(one)')}), lambda one: one <> '')"


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
    if is_typed(column, layout, reading):
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
    # what a text is otherwise, `words` settles: it knows more words than this, and counts those that nobody knows
    otherwise = layout.otherwise.get(column.name) if column.data_type != "text" else None
    if words_of or otherwise is not None:
        # compared without blanks and capitals: tools change those from one release to the next. Looked up in a list,
        # because a case would work out a nested value again for every word
        theirs = ", ".join(f"lower({values.tidy(literal(word))})" for word in words_of)
        ours = ", ".join(literal(word) for word in words_of.values())
        found = f"[{ours}][list_position([{theirs}], lower({text}))]" if words_of else "cast(null as text)"
        rest = text if otherwise is None else literal(otherwise)
        return f"case when {text} is not null then coalesce({found}, {rest}) end"
    if column.is_code:
        return text if reading.is_plain else values.latin_digits(text)
    return text


def is_typed(column: Column, layout: Layout, reading: Reading) -> bool:
    """Whether the file itself brings a type for `column` that needs no conversion from text."""
    headers = headers_of(column, layout)
    asks_for_text = column.data_type == "text" or column.name in {
        *layout.values,
        *layout.otherwise,
    }
    if asks_for_text or len(headers) != 1:
        return False
    return str(reading.types.get(headers[0], "VARCHAR")) not in ("VARCHAR", "JSON")


def _cast(given: str, column: Column, layout: Layout, reading: Reading, zone: str) -> str:
    """`given` as the column's type, NULL where it is no such value."""
    written, mark = written_as(column, layout), layout.decimal_mark
    has_type = is_typed(column, layout, reading)
    match column.data_type:
        case "text":
            return values.code(given) if column.is_code else given
        case "timestamp":
            # the session's time zone is the layout's: it applies to values without an offset, and only to them
            is_counted = written in values.EPOCHS
            return (
                values.in_utc(f"try_cast({given} as timestamptz)")
                if has_type and not is_counted
                else values.moment(f"cast({given} as text)" if has_type else given, written)
            )
        case "date":
            return _date(given, column, layout, reading, zone)
        case "bigint":
            if has_type:
                whole = f"try_cast({given} as bigint)"
                return f"case when try_cast({given} as double) = {whole} then {whole} end"
            return values.whole_number(given, mark)
        case "double":
            return f"case when isfinite({given}) then {given} end" if has_type else values.real_number(given, mark)
        case "boolean":
            return f"try_cast({given} as boolean)" if has_type else values.boolean(given)
        case "decimal(18,4)":
            digits, places = (28, 8) if column.name in {*layout.scale, *layout.scale_by} else (18, 4)
            typed = f"try_cast({given} as decimal({digits},{places}))"
            value = typed if has_type else values.decimal(given, digits, places, mark)
            if column.name in layout.scale:
                value = f"try_cast({value} * cast({layout.scale[column.name]} as decimal(10,6)) as decimal(18,4))"
            if column.name in layout.scale_by:
                value = f"try_cast({value} * {quoted('factor_' + column.name)} as decimal(18,4))"
            return value


def _date(given: str, column: Column, layout: Layout, reading: Reading, zone: str) -> str:
    """`given` as a date: a moment, in text or typed, as the business day that it falls on in `zone`."""
    written = written_as(column, layout)
    if not is_typed(column, layout, reading):
        return values.date(given, zone, written)
    kind = str(reading.types[headers_of(column, layout)[0]])
    if kind == "TIMESTAMP WITH TIME ZONE":
        return values.finite(values.day_of_utc(values.in_utc(given), zone))
    if kind.startswith("TIMESTAMP"):
        return values.finite(values.day_of_local(given, zone))
    if written in values.EPOCHS:
        return values.date(f"cast({given} as text)", zone, written)
    return values.finite(f"try_cast({given} as date)")
