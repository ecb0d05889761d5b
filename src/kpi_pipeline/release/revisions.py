"""Revisions: what changed in the complete past since the release before."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from kpi_pipeline.contracts.kpi import Kpi
from kpi_pipeline.contracts.tables import columns_of
from kpi_pipeline.release.tables import fill
from kpi_pipeline.warehouse.connection import literal

REVISION_TOLERANCE = 1e-9
"""Relative difference from which a past value counts as changed."""


def write_revisions(connection: duckdb.DuckDBPyConnection, fresh: Sequence[Kpi], release: str) -> None:
    """Write ``kpi_revisions``: what is known already, then what changed in ``kpi_values`` since the release before.

    A period that had no total before is late data, not a changed number. A member that was re-ranked into or out of
    `other`, and one that left the window of daily members, did not change either.

    Args:
        connection: on the release, its ``kpi_values`` written.
        fresh: the KPIs that tonight's values are of.
        release: name of the release.
    """
    kinds = ", ".join(f"({literal(kpi.name)}, {kpi.of_kind.matures})" for kpi in fresh) or "(null, false)"
    columns = columns_of("kpi_revisions")
    fill(
        connection,
        "kpi_revisions",
        f"""
        with kinds (kpi, matures) as (values {kinds}),
        old_rows as (
            select * from before.kpi_values where is_complete and kpi in (select kpi from kinds)
        ),
        new_rows as (
            select kpi_values.* from kpi_values
            inner join old_rows as total
                on kpi_values.kpi = total.kpi and kpi_values.period_grain = total.period_grain
                and kpi_values.period_start = total.period_start and total.dimension = 'all'
            where kpi_values.is_complete and kpi_values.kpi in (select kpi from kinds)
        ),
        covered as (select kpi, period_grain, period_start from new_rows where dimension = 'all'),
        members as (
            select kpi, dimension, list(distinct member order by member) as members
            from old_rows group by kpi, dimension
            union all
            select kpi, dimension, list(distinct member order by member) as members
            from new_rows group by kpi, dimension
        ),
        reranked as (
            select kpi, dimension from members group by kpi, dimension
            having count(distinct members) > 1 and bool_or(list_contains(members, 'other'))
        ),
        compared as (
            select
                coalesce(new_rows.kpi, old_rows.kpi) as kpi,
                coalesce(new_rows.period_grain, old_rows.period_grain) as period_grain,
                coalesce(new_rows.period_start, old_rows.period_start) as period_start,
                coalesce(new_rows.dimension, old_rows.dimension) as dimension,
                coalesce(new_rows.member, old_rows.member) as member,
                old_rows.kpi_value as old_value,
                new_rows.kpi_value as new_value,
                new_rows.kpi is null or old_rows.kpi is null as is_one_sided,
                new_rows.definition_version <> old_rows.definition_version as is_redefined
            from old_rows
            full join new_rows
                on old_rows.kpi = new_rows.kpi and old_rows.period_grain = new_rows.period_grain
                and old_rows.period_start = new_rows.period_start and old_rows.dimension = new_rows.dimension
                and old_rows.member = new_rows.member
        )
        select {columns} from before.kpi_revisions
        union all
        select
            compared.kpi, compared.period_grain, compared.period_start, compared.dimension, compared.member,
            old_value, new_value, {literal(release)} as changed_in_release,
            case when is_redefined then 'definition' when kinds.matures then 'maturing' else 'data' end as cause
        from compared
        inner join kinds on compared.kpi = kinds.kpi
        semi join covered
            on compared.kpi = covered.kpi and compared.period_grain = covered.period_grain
            and compared.period_start = covered.period_start
        left join reranked on compared.kpi = reranked.kpi and compared.dimension = reranked.dimension
        where
            (
                (old_value is null) <> (new_value is null)
                or abs(old_value - new_value) > {REVISION_TOLERANCE} * greatest(abs(old_value), abs(new_value))
            )
            and not (is_one_sided and compared.period_grain in ('day', 'week'))
            and not (reranked.kpi is not null and (is_one_sided or compared.member = 'other'))
        """,
        order="changed_in_release, kpi, period_grain, period_start, dimension, member",
    )
