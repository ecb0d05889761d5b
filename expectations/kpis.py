"""What the values of a KPI must satisfy, by its kind, its unit and its range."""

from __future__ import annotations

import great_expectations.expectations as gxe

from kpi_pipeline.contracts.kpi import Kpi
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.tables import TABLES

LARGEST = 1e300
"""A bound that only inf and NaN break: DuckDB sorts NaN above every number."""

TOLERANCE = 1e-9
"""Relative difference up to which two sums of the same rows are equal."""


def expect_of_kpi(kpi: Kpi, settings: Settings) -> list[gxe.Expectation]:
    """The expectations of ``candidate.<kpi>``, the rows that would be published.

    Args:
        kpi: the KPI's registry entry.
        settings: for the grains that are published.
    """
    low, high = kpi.range
    expectations: list[gxe.Expectation] = [
        gxe.ExpectTableColumnsToMatchOrderedList(
            column_list=list(TABLES["kpi_values"]),
            severity="critical",
            description="the columns are those of kpi_values",
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["period_grain", "period_start", "dimension", "member"],
            ignore_row_if="never",
            severity="critical",
            description="there is one row per grain, period, dimension and member",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="period_grain",
            value_set=list(settings.grains),
            severity="critical",
            description="every grain is a configured one",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="dimension",
            value_set=["all", *kpi.dimensions],
            severity="critical",
            description="every dimension is one that the KPI names",
        ),
        *(
            gxe.ExpectColumnValuesToNotBeNull(
                column=column, severity="critical", description=f"{column} is never empty"
            )
            for column in ("period_grain", "period_start", "period_end", "dimension", "member")
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="kpi_value",
            min_value=-LARGEST if low is None else low,
            max_value=LARGEST if high is None else high,
            severity="critical",
            description=f"kpi_value is a number{_range(low, high)}",
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=(
                "select * from {batch} where denominator is not null and (denominator = 0) <> (kpi_value is null)"
            ),
            severity="critical",
            description="kpi_value is empty where the denominator is 0, and only there",
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=(
                "select * from (select *, lag(period_end) over (partition by period_grain order by period_start)"
                " as previous_end from {batch} where dimension = 'all') where previous_end + 1 <> period_start"
            ),
            severity="critical",
            description="the periods of the total follow each other without a gap",
        ),
    ]
    if not kpi.of_kind.is_empty_without_rows:
        expectations.append(
            gxe.ExpectColumnValuesToNotBeNull(
                column="numerator", severity="critical", description="numerator is never empty"
            )
        )
    if kpi.of_kind.has_counted_denominator:
        expectations.append(
            gxe.ExpectColumnValuesToBeBetween(
                column="denominator", min_value=0, severity="critical", description="denominator is not negative"
            )
        )
    if kpi.kind == "sum" and kpi.unit == "count":
        expectations.append(
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query="select * from {batch} where numerator <> floor(numerator)",
                severity="critical",
                description="a count is a whole number",
            )
        )
    if kpi.of_kind.members_add_up and kpi.dimensions and kpi.members_sum_to_total and not kpi.is_suppressible:
        expectations += [_members_sum_to_total(part) for part in ("numerator", "denominator")]
    return expectations


def _members_sum_to_total(part: str) -> gxe.Expectation:
    # at day and week, members are published for the last days only
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=f"""
            select total.period_grain, total.period_start, members.dimension, total.{part} as total, members.{part}
            from {{batch}} as total
            inner join (
                select period_grain, period_start, dimension, sum({part}) as {part}
                from {{batch}} where dimension <> 'all' group by all
            ) as members
                on total.period_grain = members.period_grain and total.period_start = members.period_start
            where total.dimension = 'all' and total.period_grain not in ('day', 'week')
                and abs(total.{part} - members.{part}) > {TOLERANCE} * greatest(abs(total.{part}), 1)
        """,
        severity="critical",
        description=f"the members of a dimension sum to the total {part}",
    )


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    return f" of at least {low:g}" if low is not None else f" of at most {high:g}" if high is not None else ""
