"""Which rows would tell about single employees."""

from __future__ import annotations

from kpi_pipeline.contracts.kpi import ROLE_DIMENSIONS
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.warehouse.connection import literal


def is_suppressed(settings: Settings) -> str:
    """SQL, over rows of many KPIs with `is_suppressible`, that says whether a row stays unpublished.

    A group below the minimum size is left out; and where that leaves exactly one group out of a period, the smallest
    of the others too, because the total minus the rest would give the one away. An empty group hides nobody; one of
    unknown size is taken for a small one.
    """
    open_to_all = ", ".join(literal(name) for name in ("all", *sorted(ROLE_DIMENSIONS)))
    is_of_people = f"(is_suppressible and dimension not in ({open_to_all}))"
    is_small = f"({is_of_people} and coalesce(denominator < {settings.minimum_group_size}, true))"
    has_people = "coalesce(denominator > 0, true)"
    groups = "partition by kpi, period_grain, period_start, dimension"
    return f"""(
        {is_small}
        or (
            {is_of_people}
            and count(*) filter (where {is_small} and {has_people}) over ({groups}) = 1
            and row_number() over ({groups} order by {is_small}, denominator, member) = 1
        )
    )"""
