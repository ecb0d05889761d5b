"""Small companies: a few rows for every entity, drawn from its declaration and from the words that the models know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb
from compiled import CompiledProject
from hypothesis import strategies as st

from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.warehouse.connection import quoted
from kpi_pipeline.warehouse.run import Run, begin_run

Row = tuple[Any, ...]
Company = Mapping[str, Sequence[Row]]
"""The typed rows of each entity, in the order of its columns."""
Part = tuple[str, dt.date, str, str, float | None, float | None]
"""period_grain, period_start, dimension, member, numerator, denominator."""

FIRST_DAY = dt.date(2023, 10, 1)
AS_OF = dt.date(2024, 4, 10)
LAST_DAY = dt.date(2024, 5, 10)
"""The last day that a row begins on: some rows wait."""

_EVENTS = ("page_view", "page_view", "purchase", "sign_up", "add_to_cart", "contact_form_view", "contact_form_submit")
WORDS: Mapping[str, Sequence[str]] = {
    "event_name": (*_EVENTS, "generate_lead"),
    "event_type": ("delivered", "open", "click"),
    "orders.status": ("completed", "completed", "completed", "cancelled", "returned"),
    "activities.status": ("completed", "planned"),
    "projects.status": ("active", "completed", "cancelled"),
    "scope_changes.status": ("accepted", "rejected"),
    "outcome": ("open", "won", "won", "lost"),
    "stage": ("discovery", "proposal", "negotiation"),
    "opportunity_type": ("new_business", "expansion"),
    "sale_type": ("new", "repeat", "upsell", "cross_sell"),
    "activity_type": ("demo", "call"),
    "survey_type": ("nps", "csat"),
    "post_type": ("video", "image"),
    "employment_type": ("full_time", "contractor"),
    "marketing_spend.category": ("media", "agency", "salary"),
    "social_messages.kind": ("question", "other"),
    "channel": ("organic_search", "paid_social", "referral", "email"),
}
"""The values of a column, by its name alone or with the entity's."""
_OTHER_WORDS = ("one", "two", "none")
_AT_MOST = 6


@st.composite
def companies(draw: st.DrawFn, entities: Sequence[Entity]) -> Company:
    """A company with at most a handful of rows of each entity, their keys unique, their dates in order."""
    return {entity.name: draw(_rows(entity)) for entity in entities}


def _rows(entity: Entity) -> st.SearchStrategy[list[Row]]:
    names = [column.name for column in entity.columns]
    key = [names.index(name) for name in entity.key]
    return st.lists(_row(entity), max_size=_AT_MOST, unique_by=lambda row: tuple(row[place] for place in key))


@st.composite
def _row(draw: st.DrawFn, entity: Entity) -> Row:
    began_on = draw(st.dates(FIRST_DAY, LAST_DAY))
    is_first_day = True
    row: list[Any] = []
    for column in entity.columns:
        is_missing = not column.required and column.name not in entity.key and draw(st.integers(0, 3)) == 0
        if column.data_type in ("date", "timestamp"):
            day = began_on if is_first_day else began_on + dt.timedelta(days=draw(st.integers(0, 70)))
            is_first_day = False
            row.append(None if is_missing else _moment(draw, column, day))
        else:
            row.append(None if is_missing else draw(_value(entity, column)))
    return tuple(row)


def _moment(draw: st.DrawFn, column: Column, day: dt.date) -> dt.date | dt.datetime:
    if column.data_type == "date":
        return day
    return dt.datetime.combine(day, dt.time(draw(st.integers(0, 23)), draw(st.sampled_from((0, 30)))))


def _value(entity: Entity, column: Column) -> st.SearchStrategy[Any]:
    match column.data_type:
        case "text":
            words = WORDS.get(f"{entity.name}.{column.name}") or WORDS.get(column.name)
            if column.name.endswith("_id"):
                words = [str(number) for number in range(1, _AT_MOST + 1)]
            return st.sampled_from(words or _OTHER_WORDS)
        case "bigint":
            return st.integers(0, 20)
        case "boolean":
            return st.booleans()
        case "double":
            return st.integers(1, 10).map(float)
        case _:
            return st.integers(0, 400).map(lambda quarters: Decimal(quarters) / 4)


class Pipeline:
    """Compiled models, and the warehouse in memory that they run in."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        project: CompiledProject,
        entities: Sequence[Entity],
    ) -> None:
        """Take a warehouse from `compiled.new_warehouse`, which is this pipeline's alone from now on."""
        self._connection = connection
        self._settings = settings
        self._project = project
        self.entities = entities
        self._loads = {entity.name: load for load, entity in enumerate(entities, 1)}
        connection.execute("truncate raw.loads")
        connection.executemany(
            "insert into raw.loads by name select ? as load, ? as entity, 'company' as report, '' as series, "
            "'loaded' as status",
            [[load, entity] for entity, load in self._loads.items()],
        )

    def run(self, company: Company, as_of: dt.date = AS_OF) -> dict[str, list[Part]]:
        """The parts of every KPI, in order."""
        begin_run(self._connection, self._settings, Run("a company", as_of, is_partial=False))
        for entity in self.entities:
            self._connection.execute(f"truncate raw.{entity.name}")
            rows = company[entity.name]
            if rows:
                names = ", ".join([*(quoted(column.name) for column in entity.columns), "_load", "_row"])
                line = f"({', '.join('?' * (len(entity.columns) + 2))})"
                numbered = [
                    value for number, row in enumerate(rows) for value in (*row, self._loads[entity.name], number)
                ]
                self._connection.execute(
                    f"insert into raw.{entity.name} ({names}) values {', '.join([line] * len(rows))}", numbered
                )
        for model in self._project.models:
            self._connection.execute(model.statement)
        return {kpi.name: self.ask(f"{_PARTS} from {kpi.relation} order by all") for kpi in self._project.kpis}

    def ask(self, sql: str) -> list[Any]:
        """Ask the warehouse as it stands after the last run."""
        return self._connection.execute(sql).fetchall()


_PARTS = (
    "select period_grain, cast(period_start as date), dimension, member, "
    "cast(numerator as double), cast(denominator as double)"
)


def shifted(company: Company, days: int) -> Company:
    """The same company, everything in it that many days later."""
    later = dt.timedelta(days=days)
    return {
        entity: [tuple(value + later if isinstance(value, dt.date) else value for value in row) for row in rows]
        for entity, rows in company.items()
    }
