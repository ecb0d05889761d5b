"""The unit tests of the KPIs notice the small mistakes that can be made in their SQL."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import duckdb
import pytest
from company import ROOT, Company
from compiled import CompiledProject, UnitTest, compile_and_test

from mutation.killing import Examiner, Fate
from mutation.mutants import mutants_of

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

LEAST_SHARE = 0.95
LEAST_MUTANTS = 3

SOURCES = {file.stem: file for file in sorted(ROOT.glob("kpi_models/[!_]*/*.sql"))}

_LEFT = "inner join -> left join"
EQUIVALENT = {
    "a condition or a join below it asks for what only a joined row has": {
        ("cac_payback_months", f"inner join ⟦1⟧ as period_days: {_LEFT}"),
        ("cac_payback_months", f"inner join ⟦3⟧ as periods: {_LEFT}"),
        ("cac_payback_months", f"inner join gross_margin: {_LEFT}"),
        ("cac_payback_months", f"inner join monthly_profit: {_LEFT}"),
        ("customer_lifetime_value_net_of_cac", f"inner join acquisition_cost: {_LEFT}"),
        ("daily_active_users", f"inner join ⟦2⟧ as period_days: {_LEFT}"),
        ("email_list_growth_rate", f"inner join list_days: {_LEFT}"),
        ("employee_turnover_rate", f"inner join staff_by_member: {_LEFT}"),
        ("employee_turnover_rate", f"inner join ⟦8⟧ as period_days: {_LEFT}"),
        ("follower_growth_rate", f"inner join ⟦1⟧ as opening: {_LEFT}"),
        ("inbound_links", f"inner join living_links: {_LEFT}"),
        ("monthly_active_users", f"inner join running: {_LEFT}"),
        ("monthly_active_users", f"inner join ⟦6⟧ as period_days: {_LEFT}"),
        ("popular_product_sales_rate", f"inner join ⟦3⟧ as period_days: {_LEFT}"),
        ("returning_customers", f"inner join ⟦1⟧ as customers: {_LEFT}"),
        ("returning_customers", f"inner join ⟦3⟧ as period_days: {_LEFT}"),
        ("scope_change_rate", f"inner join ⟦1⟧ as period_days: {_LEFT}"),
        ("scope_change_rate", f"inner join ⟦3⟧ as projects: {_LEFT}"),
        ("task_completion_rate", f"inner join ⟦2⟧ as period_days: {_LEFT}"),
    },
    "every row finds one: periods and period_days have the same periods, and a long one has a month end": {
        ("employee_turnover_rate", f"inner join ⟦7⟧ as months: {_LEFT}"),
        ("employee_turnover_rate", f"inner join turnover as everybody: {_LEFT}"),
        ("task_completion_rate", f"inner join ⟦3⟧ as periods: {_LEFT}"),
    },
    "a group has one row of it that is above zero, or the same value in all rows": {
        (
            "email_list_growth_rate",
            "sum(opening_subscribers) as denominator: sum(opening_subscribers -> max(opening_subscribers",
        ),
        (
            "employee_productivity",
            "or count(distinct work_logs_by_member.employee_id) >= max(work_logs_by_member.minimum_group_size): "
            "max(work_logs_by_member.minimum_group_size -> min(work_logs_by_member.minimum_group_size",
        ),
        (
            "employee_turnover_rate",
            "sum(headcount) / cast(max(measurements) as double) as headcount: max(measurements -> min(measurements",
        ),
        (
            "sales_count_growth",
            "sum(orders) - sum(previous_orders) as numerator,: sum(orders -> max(orders",
        ),
        (
            "sales_count_growth",
            "sum(orders) - sum(previous_orders) as numerator,: sum(previous_orders -> max(previous_orders",
        ),
        ("sales_count_growth", "sum(previous_orders) as denominator: sum(previous_orders -> max(previous_orders"),
    },
    "rows of the two sides are never equal, or are nothing to a sum": {
        ("employee_turnover_rate", "union: union -> union all"),
        ("cost_per_lead", "union all: union all -> union"),
        ("customer_acquisition_cost", "union all: union all -> union"),
        ("marketing_roi", "union all: union all -> union"),
        ("monthly_active_users", "union all: union all -> union"),
        ("sales_count_growth", "union all: union all -> union"),
        ("sales_forecast_attainment", "union all: union all -> union"),
        ("sales_growth", "union all: union all -> union"),
        ("sales_target_attainment", "union all: union all -> union"),
    },
    "a visitor's first and last visit are the same however often one of a day is told; after the last nobody is left": {
        (
            "monthly_active_users",
            "and (periods.measured_on < running.next_change_on or running.next_change_on is null): "
            "running.next_change_on is null -> false",
        ),
    },
    "the second part of a union takes its columns by their place": {
        (
            "marketing_roi",
            "sum(orders.revenue - orders.cost) as numerator,: numerator, 0 as denominator -> denominator, "
            "0 as numerator",
        ),
    },
    "no period has 32 days, and the end of a month is its own last day": {
        ("employee_turnover_rate", "where periods.days > 31: > -> >="),
        ("employee_turnover_rate", "where periods.days > 31: 31 -> 32"),
    },
}
"""Mutants that no rows of a company tell from the KPI, by the reason why."""

MACROS = {
    "by_member": ("site_popularity_rank", "project_progress", "inbound_links"),
    "add_up": ("average_order_value", "new_opportunity_value"),
}
"""What the macros write is looked at once each, by the unit tests of these KPIs together."""

_ONE_RUN = "settings.run has one row"
_HAS_RANK = "every row has a rank, for the ranks are made of the rows"
_FIRST_DAY = "case when min(first_rows.{}) < min(run.ranked_before)"
_RANKED = "min(run.ranked_before -> max(run.ranked_before"
EQUIVALENT_IN_MACROS = {
    "by_member": {
        "inner join (: inner join -> left join": _HAS_RANK,
        f"{_FIRST_DAY.format('⟪2⟫')}: {_RANKED}": _ONE_RUN,
        f"then min(run.ranked_before) else date '9999-12-31': {_RANKED}": _ONE_RUN,
    },
    "add_up": {
        "inner join (: inner join -> left join": _HAS_RANK,
        f"{_FIRST_DAY.format('date_day')}: {_RANKED}": _ONE_RUN,
        f"then min(run.ranked_before) else date '9999-12-31': {_RANKED}": _ONE_RUN,
        "union all: union all -> union": "the parts are one row per day and combination, so none is told twice",
    },
}
"""Mutants of what the macros write that no rows tell from it, and why."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    return compile_and_test(Company.at(tmp_path_factory.mktemp("compiled")).settings)


@pytest.fixture(scope="module")
def tests_of(project: CompiledProject) -> dict[str, list[UnitTest]]:
    tests = defaultdict(list)
    for test in project.unit_tests:
        tests[test.model].append(test)
    return tests


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def _examiner(connection: duckdb.DuckDBPyConnection, source: Path, tests: list[UnitTest]) -> Examiner:
    return Examiner(connection, source.read_text(encoding="utf-8"), tests)


def test_nearly_all_mistakes_in_kpis_are_noticed(
    connection: duckdb.DuckDBPyConnection, tests_of: dict[str, list[UnitTest]]
) -> None:
    assert len(SOURCES) >= 100
    counts: Counter[Fate] = Counter()
    survivors = []
    equivalent = set[tuple[str, str]]().union(*EQUIVALENT.values())
    unused = set(equivalent)
    for kpi, source in SOURCES.items():
        of_kpi: Counter[Fate] = Counter()
        for mutant, fate in _examiner(connection, source, tests_of[kpi]).fates():
            if fate is Fate.SURVIVED and (kpi, str(mutant)) in equivalent:
                unused.discard((kpi, str(mutant)))
                continue
            of_kpi[fate] += 1
            if fate is Fate.SURVIVED:
                survivors.append(f"{kpi}: {mutant}")
        assert of_kpi[Fate.CAUGHT] + of_kpi[Fate.SURVIVED] >= LEAST_MUTANTS, kpi
        counts += of_kpi
    share = counts[Fate.CAUGHT] / (counts[Fate.CAUGHT] + counts[Fate.SURVIVED])
    print(
        f"{share:.1%} of {counts[Fate.CAUGHT] + counts[Fate.SURVIVED]} mutants caught. Survivors:", *survivors, sep="\n"
    )
    assert unused == set(), "these are caught by now, or are no mutants any more"
    assert share >= LEAST_SHARE, "\n".join(survivors)


@pytest.mark.parametrize("macro", MACROS)
def test_every_mistake_in_a_macro_is_noticed(
    connection: duckdb.DuckDBPyConnection, tests_of: dict[str, list[UnitTest]], macro: str
) -> None:
    written = [_examiner(connection, SOURCES[kpi], tests_of[kpi]).macro(macro) for kpi in MACROS[macro]]
    assert len({text.text for text in written}) == 1
    mutants = [mutant for mutant in mutants_of(written[0].text) if str(mutant) not in EQUIVALENT_IN_MACROS[macro]]
    assert len(mutants) >= 8
    survivors = [
        str(mutant) for mutant in mutants
        if Fate.CAUGHT not in (found := {text.fate(mutant.sql) for text in written}) and found != {Fate.NO_SQL}
    ]  # fmt: skip
    assert survivors == []
