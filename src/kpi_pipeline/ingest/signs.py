"""Signs that a column of numbers is not written as its layout says, though each of its values is a number.

A number alone does not tell: ``2.500`` is two and a half, or two thousand five hundred. Only a column as a whole does.
The first rows are looked at, and the whole column only where they show a sign: a clean file is not read twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from kpi_pipeline.contracts.export import Column
from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.casts import is_typed
from kpi_pipeline.ingest.columns import as_reported
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.ingest.rows import texts_of
from kpi_pipeline.ingest.values import latin_digits
from kpi_pipeline.warehouse.connection import literal, quoted

FIRST_ROWS = 10_000
"""Rows that are looked at first."""

FEWEST_GROUPED = 2
"""Amounts of money whose points could group, and no other points, for which a file is refused: one may be by chance."""

_GROUPED = "[-+(]?[1-9][0-9]{0,2}[.][0-9]{3}[-)]?"
"""A number that a point may group as well as divide."""

_DECIMAL_COMMA = "[-+(]?[0-9]{1,3}([.][0-9]{3})+,[0-9]+[-)]?"
"""A number that has both marks, the comma last."""

_BESIDE = "^[^0-9.,()+%٪-]+|[^0-9.,()+%٪-]+$"
"""What stands before or after a number and is no part of it."""


@dataclass(frozen=True)
class _Counts:
    """How often a column has what may be a sign."""

    pointed: int
    """values with a point, if not for a comma that divides"""
    grouped: int
    """those of them that a point may group"""
    percents: int
    """values with a percent mark"""
    bare: int
    """values without one that are over 1: no part of a whole, if the column is one"""

    @property
    def is_grouped(self) -> bool:
        return 0 < self.pointed == self.grouped

    @property
    def is_mixed(self) -> bool:
        return self.percents > 0 and self.bare > 0


def signs_in(file: Incoming, reading: Reading) -> list[str]:
    """Warnings about columns of which the numbers may mean something else, once the file is loaded.

    Raises:
        UnreadableFileError: a column has points that group and commas that divide, and others that could be either; or
            amounts of money of which all points could group, and the layout does not say what they do.
    """
    warnings = []
    for column in _with_a_sign(file, reading, _numbers_in_text(file, reading)):
        name = as_reported(column, file.layout)
        found = _counts(file, reading, column)
        if found.is_grouped and column.data_type == "decimal(18,4)" and file.layout.decimal_mark == ".":
            _check_no_decimal_comma(file, column)
            said = (
                f"in column {name} each of the {found.grouped:,} numbers with a point has three digits after it, as if "
                "the point grouped thousands"
            )
            if (
                column.is_money
                and found.grouped >= FEWEST_GROUPED
                and "decimal_mark" not in file.layout.model_fields_set
            ):
                raise UnreadableFileError(
                    f'{said}; a layout says what is meant: with decimal_mark: "," 2.500 is 2500, with '
                    'decimal_mark: "." it is two and a half'
                )
            warnings.append(
                f"{said}; they are read as decimals. If 2.500 means 2500 there, a layout reads it with "
                'decimal_mark: ","'
            )
        if found.is_mixed:
            warnings.append(
                f"column {name} has {found.percents:,} values with a percent mark, which are divided by 100, and "
                f"{found.bare:,} over 1 without one, which are not; write them all in one way"
            )
    return warnings


def _numbers_in_text(file: Incoming, reading: Reading) -> list[Column]:
    """A type that the file itself brings leaves no doubt."""
    return [
        column
        for column in file.entity.columns
        if column.data_type in ("decimal(18,4)", "double")
        and any(header in reading.headers for header in file.layout.headers.get(column.name, []))
        and not is_typed(column, file.layout, reading)
    ]


def _with_a_sign(file: Incoming, reading: Reading, columns: list[Column]) -> list[Column]:
    """Those of `columns` that may have a sign in their first rows: asked at once, for each question has a price."""
    if not columns:
        return []
    given = texts_of(columns, file.layout, reading)
    signs = ", ".join(
        f"bool_or(contains({name}, '%') or contains({name}, '٪')) or (bool_or({grouped}) "
        f"and bool_and({grouped} or not contains({name}, '.')))"
        for name in (quoted(column.name) for column in columns)
        for grouped in [f"regexp_matches({name}, '[.][0-9۰-۹٠-٩]{{3}}([^0-9۰-۹٠-٩]|$)')"]
    )
    found = file.connection.execute(f"select {signs} from ({given} limit {FIRST_ROWS})").fetchone()
    return [column for column, has_one in zip(columns, found or (), strict=True) if has_one]


def _counts(file: Incoming, reading: Reading, column: Column) -> _Counts:
    is_percent = "contains(given, '%') or contains(given, '٪')"
    texts = f"select {quoted(column.name)} as given from ({texts_of([column], file.layout, reading)})"
    found = file.connection.execute(
        f"""
        select
            count(*) filter (contains(given, '.') and not regexp_full_match(given, {literal(_DECIMAL_COMMA)})),
            count(*) filter (regexp_full_match(given, {literal(_GROUPED)})),
            count(*) filter ({is_percent}),
            count(*) filter (not ({is_percent}) and abs(try_cast(given as double)) > 1)
        from (select {_bare("given")} as given from ({texts}))
        """
    ).fetchone()
    assert found is not None
    return _Counts(*found)


def _bare(text: str) -> str:
    """`text` without the mark of a currency, which may stand before or after the number."""
    return f"regexp_replace({latin_digits(text)}, {literal(_BESIDE)}, '', 'g')"


def _check_no_decimal_comma(file: Incoming, column: Column) -> None:
    found = file.connection.execute(
        f"select _given from bad_rows where _problem = {literal(column.name)} "
        f"and regexp_full_match({_bare('_given')}, {literal(_DECIMAL_COMMA)}) order by _row limit 1"
    ).fetchone()
    if found:
        raise UnreadableFileError(
            f"its column {as_reported(column, file.layout)} has {found[0]!r}, where the comma is the decimal mark, and "
            "numbers such as 2.500, which would be read as two and a half. A layout reads them with "
            'decimal_mark: ","'
        )
