"""The sample company itself: 33 tables with the columns of the exports, made from a seed by the SQL in ``sql/``.

Nothing here knows how the company is written to files; see `writers`.
"""

from __future__ import annotations

import datetime as dt
from importlib import resources

import duckdb

from kpi_pipeline.contracts.export import Entity, read_entities
from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.warehouse.connection import literal, quoted

DEFAULT_ROWS = 200_000
"""Web events of the usual sample; everything else is in proportion, some 450,000 rows in all."""

MINIMUM_ROWS = 5_000
"""With fewer web events some KPIs would have nothing to count."""

MONTHS = 24
"""How long the company is observed, up to and including as_of."""

_EVENTS_PER_VISIT = 3.25
"""What the SQL makes of a visit that `visits` counts, on average (campaigns and customers bring more of them)."""


def sample_entities() -> list[Entity]:
    """The entities that the company has tables for: all that the pipeline reads."""
    settings = load_settings()
    return read_entities(settings.dbt_project, settings.layout_folders)


def build_company(
    connection: duckdb.DuckDBPyConnection, rows: int, seed: int, as_of: dt.date, entities: list[Entity] | None = None
) -> None:
    """Make the company's tables in an empty database, one per entity, in ``main``.

    The same arguments make the same rows, on any number of threads; the order of a table's rows is not promised.

    Args:
        connection: an empty DuckDB; a large company needs one that may write to disk.
        rows: web events, give or take a percent. Customers, orders, e-mails and whatever else depends on the size of
            the business follow; staff, projects, ads and search terms do not.
        seed: any whole number.
        as_of: last day of the company; 24 months end on it.
        entities: the tables to make; `sample_entities` where not given.

    Raises:
        ConfigurationError: `rows` or `as_of` is out of range.
    """
    if rows < MINIMUM_ROWS:
        raise ConfigurationError(
            f"A sample of {rows} web events is too small for every KPI; give {MINIMUM_ROWS} or more."
        )
    # Jira writes two digits of a year, and 69 is 1969 to whoever reads them
    if not dt.date(2005, 1, 1) <= as_of <= dt.date(2060, 12, 31):
        raise ConfigurationError(f"A sample can end between 2005 and 2060, not on {as_of}.")
    connection.execute("load icu; set TimeZone = 'UTC'; set preserve_insertion_order = false")
    for entity in entities if entities is not None else sample_entities():
        columns = ", ".join(
            f"{quoted(column.name)} {column.data_type}{' not null' if column.required else ''}"
            for column in entity.columns
        )
        connection.execute(f"create table {entity.name} ({columns})")
    connection.execute(
        f"""
        set variable seed = {int(seed)};
        set variable as_of = date {literal(as_of)};
        set variable start_on = date {literal(first_day(as_of))};
        set variable scale = {rows / DEFAULT_ROWS:.9f}::double;
        set variable visits = {rows / _EVENTS_PER_VISIT:.4f}::double;
        """
    )
    for file in sorted((resources.files(__package__) / "sql").iterdir(), key=lambda file: file.name):
        try:
            connection.execute(file.read_text(encoding="utf-8"))
        except duckdb.Error as error:
            error.add_note(f"in {file.name}")
            raise
    connection.execute("drop schema draft cascade; set preserve_insertion_order = true")


def first_day(as_of: dt.date) -> dt.date:
    """The first of the days that end on `as_of`, 24 months in all."""
    after = as_of + dt.timedelta(days=1)
    # the day after 28 February 2025 is 1 March, and two years before that is 1 March too: no day is ever missing
    return after.replace(year=after.year - MONTHS // 12, day=28 if after.month == 2 and after.day == 29 else after.day)
