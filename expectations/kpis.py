"""What the values of a KPI must satisfy, by its kind, its unit and its range."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from expectations.rules import Rule, observed
from kpi_pipeline.contracts.kpi import Kpi
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.warehouse.connection import literal

LARGEST = 1e300
"""A bound that only inf and NaN break: DuckDB sorts NaN above every number."""

TOLERANCE = 1e-9
"""Relative difference up to which two sums of the same rows are equal."""

KEY = ("period_grain", "period_start", "dimension", "member")


def rules_for_kpis(kpis: Sequence[Kpi], settings: Settings) -> list[Rule]:
    """The rules of ``candidate.kpi_values``, the rows that would be published.

    Args:
        kpis: the KPIs that were built.
        settings: for the grains that are published.
    """
    grains = ", ".join(literal(grain) for grain in settings.grains)
    ranges = "select * from (values " + ", ".join(
        f"({literal(kpi.name)}, {low}::double, {high}::double)" for kpi in kpis for low, high in [_bounds(kpi)]
    ) + ") as ranges (kpi, low, high)"  # fmt: skip
    dimensions = "select * from (values " + ", ".join(
        f"({literal(kpi.name)}, {literal(name)})" for kpi in kpis for name in ("all", *kpi.dimensions)
    ) + ") as named (kpi, dimension)"  # fmt: skip
    return [
        _unique(kpis),
        _rows(kpis, "grains are configured", "every grain is a configured one",
              f"period_grain not in ({grains})", "period_grain"),
        _rows(kpis, "dimensions are named", "every dimension is one that the KPI names",
              f"dimension is not null and (kpi, dimension) not in ({dimensions})", "dimension"),
        *(
            _rows(kpis, f"{column} is never empty", f"{column} is never empty", f"{column} is null")
            for column in ("period_grain", "period_start", "period_end", "dimension", "member")
        ),
        _rows(kpis, "kpi_value is in range", lambda kpi: f"kpi_value is a number{_range(kpi)}",
              "not kpi_value between low and high", "kpi_value", joined=f"inner join ({ranges}) as ranges using (kpi)"),
        _rows(kpis, "kpi_value is empty over nothing",
              "kpi_value is empty where the denominator is 0, and only there",
              "denominator is not null and (denominator = 0) <> (kpi_value is null)"),
        _without_gaps(kpis),
        _rows([kpi for kpi in kpis if not kpi.of_kind.is_empty_without_rows],
              "numerator is never empty", "numerator is never empty", "numerator is null"),
        _rows([kpi for kpi in kpis if kpi.of_kind.has_counted_denominator],
              "denominator is not negative", "denominator is not negative", "denominator < 0", "denominator"),
        _rows([kpi for kpi in kpis if kpi.kind == "sum" and kpi.unit == "count"],
              "count is whole", "a count is a whole number", "numerator <> floor(numerator)", "numerator"),
        *(_members_sum_to_total(kpis, part) for part in ("numerator", "denominator")),
    ]  # fmt: skip


def _claims(kpis: Sequence[Kpi], claim: str | Callable[[Kpi], str]) -> dict[tuple[str, str], str]:
    return {(f"kpi:{kpi.name}", ""): claim if isinstance(claim, str) else claim(kpi) for kpi in kpis}


def _names(kpis: Sequence[Kpi]) -> str:
    return ", ".join(literal(kpi.name) for kpi in kpis) or "null"


def _rows(
    kpis: Sequence[Kpi],
    name: str,
    claim: str | Callable[[Kpi], str],
    is_wrong: str,
    shown: str = "",
    joined: str = "",
) -> Rule:
    """A rule that a row breaks or not by itself."""
    broken = f"count(*) filter (where {is_wrong})"
    examples = f"list(cast({shown} as text)) filter (where {is_wrong})" if shown else ""
    return Rule(
        name,
        "critical",
        _claims(kpis, claim),
        f"select 'kpi:' || kpi as subject, '' as about, {observed(broken, 'count(*)', examples)} as observed "
        f"from {{batch}} {joined} where kpi in ({_names(kpis)}) group by kpi having {broken} > 0",
    )


def _unique(kpis: Sequence[Kpi]) -> Rule:
    keys = ", ".join(KEY)
    return Rule(
        "rows are unique",
        "critical",
        _claims(kpis, "there is one row per grain, period, dimension and member"),
        f"select 'kpi:' || kpi as subject, '' as about, {observed('sum(rows_of_key)', 'max(all_rows)')} as observed "
        f"from (select kpi, count(*) as rows_of_key, sum(count(*)) over (partition by kpi) as all_rows from {{batch}} "
        f"group by kpi, {keys}) as keys where rows_of_key > 1 group by kpi",
    )


def _without_gaps(kpis: Sequence[Kpi]) -> Rule:
    return Rule(
        "periods follow each other",
        "critical",
        _claims(kpis, "the periods of the total follow each other without a gap"),
        "select 'kpi:' || kpi as subject, '' as about, cast(count(*) as text) as observed from ("
        "select *, lag(period_end) over (partition by kpi, period_grain order by period_start) as previous_end "
        "from {batch} where dimension = 'all') as periods where previous_end + 1 <> period_start group by kpi",
    )


def _members_sum_to_total(kpis: Sequence[Kpi], part: str) -> Rule:
    adding = [
        kpi
        for kpi in kpis
        if kpi.of_kind.members_add_up and kpi.dimensions and kpi.members_sum_to_total and not kpi.is_suppressible
    ]
    # at day and week, members are published for the last days only
    return Rule(
        f"members sum to the total {part}",
        "critical",
        _claims(adding, f"the members of a dimension sum to the total {part}"),
        f"""
        select 'kpi:' || total.kpi as subject, '' as about, cast(count(*) as text) as observed
        from {{batch}} as total
        inner join (
            select kpi, period_grain, period_start, dimension, sum({part}) as {part}
            from {{batch}}
            where dimension <> 'all' and period_grain not in ('day', 'week') and kpi in ({_names(adding)})
            group by all
        ) as members
            on total.kpi = members.kpi and total.period_grain = members.period_grain
            and total.period_start = members.period_start
        where
            total.dimension = 'all'
            and abs(total.{part} - members.{part}) > {TOLERANCE} * greatest(abs(total.{part}), 1)
        group by total.kpi
        """,
    )


def _bounds(kpi: Kpi) -> tuple[float, float]:
    low, high = kpi.range
    return -LARGEST if low is None else low, LARGEST if high is None else high


def _range(kpi: Kpi) -> str:
    low, high = kpi.range
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    return f" of at least {low:g}" if low is not None else f" of at most {high:g}" if high is not None else ""
