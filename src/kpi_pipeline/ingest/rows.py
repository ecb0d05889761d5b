"""From what a file gives to the typed rows of an entity, as one SQL statement.

The text of every value goes through `values`; the statement knows which column of which row is no such value.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from kpi_pipeline.contracts.currencies import CurrencyColumn
from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.layout import FirstOf, Layout
from kpi_pipeline.ingest import money, values
from kpi_pipeline.ingest.business import BusinessCalendar
from kpi_pipeline.ingest.casts import cast, given_name, is_typed
from kpi_pipeline.ingest.columns import (
    base_header,
    columns_to_read,
    headers_of,
    unnamed_headers,
)
from kpi_pipeline.ingest.currencies import NO_CURRENCY, currency_header
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
    entity: Entity,
    layout: Layout,
    reading: Reading,
    file_day: str,
    business: BusinessCalendar,
    *,
    is_converted: bool,
    totals: bool = False,
) -> str:
    """SQL of the typed columns, what else a row tells, ``_problem`` and ``_given``, for each row of the file.

    ``_problem`` is the first column whose value is not what its type says, is missing though required, is a day that
    no business means or a code that has lost digits, and ``_given`` what the file gives there. Rows that the layout
    says are no rows of the entity are left out; where `totals`, only its totals are there. Of a row that says that
    something is gone, nobody asks more than what.

    Where it `is_converted` afterwards, money of another currency stands beside the columns, as `money` says. Elsewhere
    such a row has a problem.
    """
    columns = columns_to_read(entity, layout)
    told = currency_header(layout, reading.headers) if entity.money else None
    problems, givens = [], []
    if layout.gone_when or layout.gone_unless:
        keys = [column for column in columns if column.name in entity.key]
        missing = " ".join(f"when {quoted(key.name)} is null then {literal(key.name)}" for key in keys)
        problems.append(f"when _gone then case {missing} end")
    for column in columns:
        as_given, as_read = given_name(column), quoted(column.name)
        if column.is_money and is_converted:
            as_read = f"coalesce({as_read}, {quoted('own_' + column.name)})"  # the other one may be too large
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
    given, names = _given_columns(entity, layout, reading, file_day), [quoted(column.name) for column in columns]
    word = "cast(null as text)"
    if told:
        word = "given_currency_of_row"
        given += f", {_row_currency_given(layout, reading)} as {word}"
        if not is_converted:
            ours = literal(business.currency)
            problems.insert(0, f"when upper({word}) is distinct from {ours} then {literal(NO_CURRENCY)}")
    problem = f"case {' '.join(problems)} end" if problems else "cast(null as text)"
    typed = [
        f"{cast(given_name(column), column, layout, reading, business)} as {quoted(column.name)}"
        for column in columns
        if not (column.is_money and is_converted)
    ]
    rows = (
        f"select {reading.row_number} as _row, {given} from {with_nested_values(layout, reading)} "
        f"where {_is_row(layout, reading, totals)}"
    )
    if entity.money and is_converted:
        rows = money.with_marks(entity, layout, reading, f"({rows})", word)
        typed += money.amounts(entity, layout, reading, business)
        names += money.columns_of_conversion(entity, file_day, business)
    return f"""
        select
            _row, _new_columns, _gone, _absorbs, {", ".join(names)}, _problem,
            case when _problem is not null then case _problem {" ".join(givens)} end end as _given
        from (
            select *, {problem} as _problem
            from (select *, {", ".join(typed)} from ({rows}))
        )
    """


def _row_currency_given(layout: Layout, reading: Reading) -> str:
    """What the file says that the row is in, as text."""
    assert isinstance(layout.currency, CurrencyColumn)
    return _text(layout.currency.header, reading)


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


def texts_of(columns: Iterable[Column], layout: Layout, reading: Reading) -> str:
    """SQL of the texts that the file gives for `columns`, by their names, in rows that are rows of the entity."""
    sources = ", ".join(f"{_source(column, layout, reading, '')} as {quoted(column.name)}" for column in columns)
    return f"select {sources} from {with_nested_values(layout, reading)} where {_is_row(layout, reading)}"


def _given_columns(entity: Entity, layout: Layout, reading: Reading, file_day: str) -> str:
    columns = [
        f"{_source(column, layout, reading, file_day)} as {given_name(column)}"
        for column in columns_to_read(entity, layout)
    ]
    if entity.money and layout.rated_on:
        columns.append(f"{_source(money.NAMED_DAY, layout, reading, file_day)} as {given_name(money.NAMED_DAY)}")
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
    """What another header says of a column, as columns: ``factor_<column>``, and ``times_<column>``, how often."""
    columns = []
    for name, header in layout.times.items():
        text = _text(header, reading)
        number = values.decimal(text, decimal_mark=layout.decimal_mark)
        columns.append(f"case when {text} is null then 1 else {number} end as {quoted('times_' + name)},")
    for name, scaled in layout.scale_by.items():
        cases = " ".join(f"when {literal(word)} then {_factor(factor)}" for word, factor in scaled.factors.items())
        rest = f"else {_factor(scaled.otherwise)}" if scaled.otherwise else ""
        columns.append(f"case {_text(scaled.header, reading)} {cases} {rest} end as {quoted('factor_' + name)},")
    return " ".join(columns)


def _factor(factor: Fraction) -> str:
    return f"cast({factor.numerator} as decimal(38,10)) / {factor.denominator}"


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
    for word in layout.empty:
        texts = [f"nullif({text}, {literal(word)})" for text in texts]
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
        theirs = ", ".join(literal(values.tidied(word).lower()) for word in words_of)
        ours = ", ".join(literal(word) for word in words_of.values())
        found = f"[{ours}][list_position([{theirs}], lower({text}))]" if words_of else "cast(null as text)"
        if otherwise is None:
            return f"coalesce({found}, {text})"
        return f"case when {text} is not null then coalesce({found}, {literal(otherwise)}) end"
    if column.is_code:
        return text if reading.is_plain else values.latin_digits(text)
    return text
