"""What an entity must satisfy: one row per thing, and every row on a day that has been."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from expectations.rules import Rule, observed
from kpi_pipeline.contracts.lineage import EntityModel
from kpi_pipeline.warehouse.connection import literal


def rules_for_entities(entities: Sequence[EntityModel], as_of: dt.date) -> list[Rule]:
    """The rules of the entity models, from what their YAML says under ``config.meta.entity``.

    Args:
        entities: those whose table is there.
        as_of: no row may be later.
    """
    named = [entity for entity in entities if entity.key]
    dated = [entity for entity in entities if entity.dated_by]
    return [
        _rule(
            "key is never empty",
            [entity for entity in named if len(entity.key) == 1],
            lambda entity: f"{entity.key[0]} is never empty",
            lambda entity: _rows_where(entity, f"{entity.key[0]} is null"),
        ),
        _rule("key is unique", named, _unique, _repeated),
        _rule(
            "day is never empty",
            dated,
            lambda entity: f"{entity.dated_by} is never empty",
            lambda entity: _rows_where(entity, f"{entity.dated_by} is null"),
        ),
        _rule(
            "day has been",
            dated,
            lambda entity: f"{entity.dated_by} is not after {as_of}",
            lambda entity: _rows_where(entity, f"{entity.dated_by} > date '{as_of}'", str(entity.dated_by)),
        ),
    ]


def _rule(
    name: str,
    entities: Sequence[EntityModel],
    claim: Callable[[EntityModel], str],
    query: Callable[[EntityModel], str],
) -> Rule:
    claims = {(f"entity:{entity.name}", ""): claim(entity) for entity in entities}
    broken = " union all ".join(query(entity) for entity in entities)
    # joined with the entities that are judged, because a rule is asked of a batch
    return Rule(
        name,
        "critical",
        claims,
        f"select subject, '' as about, observed from ({broken}) as broken inner join {{batch}} as entities "
        "on broken.subject = 'entity:' || entities.entity",
    )


def _unique(entity: EntityModel) -> str:
    return f"{entity.key[0]} is unique" if len(entity.key) == 1 else f"{', '.join(entity.key)} together name one row"


def _repeated(entity: EntityModel) -> str:
    names = ", ".join(entity.key)
    # an empty key of one column is another rule's; of several, an empty column is a value like others
    where = f"where {names} is not null" if len(entity.key) == 1 else ""
    keys = f"select count(*) as rows_of_key from entities.{entity.name} {where} group by {names}"
    broken = "sum(rows_of_key) filter (where rows_of_key > 1)"
    return (
        f"select {literal(f'entity:{entity.name}')} as subject, {observed(broken, 'sum(rows_of_key)')} as observed "
        f"from ({keys}) as keys having count(*) filter (where rows_of_key > 1) > 0"
    )


def _rows_where(entity: EntityModel, condition: str, shown: str = "") -> str:
    examples = f"list(cast({shown} as text)) filter (where {condition})" if shown else ""
    broken = f"count(*) filter (where {condition})"
    return (
        f"select {literal(f'entity:{entity.name}')} as subject, {observed(broken, 'count(*)', examples)} as observed "
        f"from entities.{entity.name} having {broken} > 0"
    )
