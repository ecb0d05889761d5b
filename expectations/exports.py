"""What the typed rows of an export must satisfy. Implausible and late rows are warned about, not held.

Of a row that says that its thing is gone nothing is asked: it need not have more than its key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from expectations.rules import Rule, observed
from kpi_pipeline.contracts.export import Entity
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.warehouse.connection import literal, quoted

_OF_THE_JUDGED = "inner join {batch} as exports on broken.subject = 'export:' || exports.entity"
"""Joined with the exports that are judged, because a rule is asked of a batch."""


def rules_for_exports(entities: Sequence[Entity], settings: Settings, as_of: dt.date) -> list[Rule]:
    """The rules of the tables ``raw.<entity>``, and of the files that came last.

    Args:
        entities: the declarations of the exports.
        settings: for the first day of the calendar.
        as_of: last business day that the run takes into account.
    """
    return [
        _required(entities),
        _plausible(entities, settings.calendar_start, as_of),
        _in_order(entities),
        _on_time(entities, as_of),
        _like_before(entities),
    ]


def _required(entities: Sequence[Entity]) -> Rule:
    required = {entity.name: [column.name for column in entity.columns if column.required] for entity in entities}
    claims = {
        (f"export:{name}", column): f"{column} is never empty"
        for name, columns in required.items()
        for column in columns
    }
    tables = " union all ".join(
        f"select {literal(f'export:{name}')} as subject, unnest([{', '.join(literal(each) for each in columns)}]) as "
        f"about, unnest([{', '.join(f'count(*) - count({quoted(each)})' for each in columns)}]) as empty_rows, "
        f"count(*) as all_rows from raw.{name} where _gone is not true"
        for name, columns in required.items()
        if columns
    )
    tables = tables or "select '' as subject, '' as about, 0 as empty_rows, 0 as all_rows"
    return Rule(
        "required column is never empty",
        "critical",
        claims,
        f"select subject, about, {observed('empty_rows', 'all_rows')} as observed from ({tables}) as broken "
        f"{_OF_THE_JUDGED} where empty_rows > 0",
    )


def _plausible(entities: Sequence[Entity], first_day: dt.date, as_of: dt.date) -> Rule:
    dated = [entity for entity in entities if entity.dated_by]
    last_moment = dt.datetime.combine(as_of + dt.timedelta(days=2), dt.time())

    def implausible(entity: Entity) -> str:
        day = quoted(str(entity.dated_by))
        is_wrong = f"{day} < timestamp '{first_day}' or {day} > timestamp '{last_moment}'"
        broken, examples = f"count(*) filter (where {is_wrong})", f"list(cast({day} as text)) filter (where {is_wrong})"
        return (
            f"select {literal(f'export:{entity.name}')} as subject, {observed(broken, 'count(*)', examples)} as "
            f"observed from raw.{entity.name} where _gone is not true having {broken} > 0"
        )

    claims = {
        (f"export:{entity.name}", ""): f"{entity.dated_by} is not before {first_day}, and not in the future"
        for entity in dated
    }
    return _warning("days are plausible", claims, [implausible(entity) for entity in dated])


def _in_order(entities: Sequence[Entity]) -> Rule:
    """An end before its beginning: the tool has overwritten the beginning, of a rehire for example."""
    ended = [entity for entity in entities if entity.dated_by and entity.ended_by]

    def reversed_rows(entity: Entity) -> str:
        key = ", ".join(quoted(column) for column in entity.key)
        began, ended_on = quoted(str(entity.dated_by)), quoted(str(entity.ended_by))
        is_wrong = f"{ended_on} < {began}"
        broken = f"count(distinct ({key})) filter (where {is_wrong})"
        examples = f"list(distinct cast({quoted(entity.key[0])} as text)) filter (where {is_wrong})"
        return (
            f"select {literal(f'export:{entity.name}')} as subject, "
            f"{observed(broken, f'count(distinct ({key}))', examples)} as observed "
            f"from raw.{entity.name} where _gone is not true having {broken} > 0"
        )

    claims = {
        (f"export:{entity.name}", ""): f"{entity.ended_by} is not before {entity.dated_by}; it ended an earlier time"
        for entity in ended
    }
    return _warning("ends come after beginnings", claims, [reversed_rows(entity) for entity in ended])


def _on_time(entities: Sequence[Entity], as_of: dt.date) -> Rule:
    regular = [entity for entity in entities if entity.dated_by and entity.late_after_days]
    claims = {
        (f"export:{entity.name}", ""): f"the newest row is not older than {entity.late_after_days} days"
        for entity in regular
    }

    def late(entity: Entity) -> str:
        newest = f"max({quoted(str(entity.dated_by))})"
        oldest = as_of - dt.timedelta(days=entity.late_after_days or 0)
        return (
            f"select {literal(f'export:{entity.name}')} as subject, coalesce(cast({newest} as text), 'no row') as "
            f"observed from raw.{entity.name} having coalesce({newest} < timestamp '{oldest}', true)"
        )

    return _warning("export is on time", claims, [late(entity) for entity in regular])


def _like_before(entities: Sequence[Entity]) -> Rule:
    """The files that came last look like those before them.

    A night's files are those that were loaded within half a day of the newest; a night that is run again judges the
    same ones.
    """
    claims = {
        (f"export:{entity.name}", ""): "its newest files have the columns and about the size of those before them"
        for entity in entities
    }
    query = """
        select
            'export:' || entity as subject,
            array_to_string(list_slice(list(file || ': ' || warnings order by load), 1, 3), '; ') as observed
        from (
            select *, max(loaded_at) over (partition by entity) as newest from raw.loads
        ) as loads
        where status = 'loaded' and warnings <> '' and loaded_at >= newest - interval 12 hours
        group by entity
    """
    return _warning("files look like those before them", claims, [query])


def _warning(name: str, claims: dict[tuple[str, str], str], queries: Sequence[str]) -> Rule:
    broken = " union all ".join(queries) or "select '' as subject, '' as observed"
    return Rule(
        name, "warning", claims, f"select subject, '' as about, observed from ({broken}) as broken {_OF_THE_JUDGED}"
    )
