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

# The condition below it asks for what only a matching row has.
_UNDONE = "the where below asks for what only a row that was joined has"
# period_days and periods are one table seen by day and by period.
_BOTH_OR_NEITHER = "every period of period_days is one of periods"
_GROUPED = "all rows of the group have the same value"
_ONE_ROW = "there is one such row in a group, and its value is above zero"

EQUIVALENT = {
    ("cac_payback_months", "inner join ⟦2⟧ as periods: inner join -> left join"): _UNDONE,
    ("cac_payback_months", "inner join ⟦4⟧ as period_days: inner join -> left join"): _UNDONE,
    ("cac_payback_months", "inner join gross_margin: inner join -> left join"): _UNDONE,
    ("cac_payback_months", "inner join monthly_profit: inner join -> left join"): _UNDONE,
    ("customer_lifetime_value_net_of_cac", "inner join acquisition_cost: inner join -> left join"): _UNDONE,
    ("daily_active_users", "inner join ⟦3⟧ as periods: inner join -> left join"): _BOTH_OR_NEITHER,
    ("email_list_growth_rate", "inner join list_sizes: inner join -> left join"): _UNDONE,
    ("email_list_growth_rate", "sum(opening_subscribers) as denominator: sum( -> max("): _ONE_ROW,
    (
        "employee_productivity",
        "or count(distinct work_logs_by_member.employee_id) >= max(work_logs_by_member.minimum_group_size): "
        "max( -> min(",
    ): "it is a setting, the same in all rows",
    ("employee_turnover_rate", "inner join measurements: inner join -> left join"): (
        "measurements has a row for every period of measured_days"
    ),
    ("employee_turnover_rate", "inner join staff_by_member: inner join -> left join"): _UNDONE,
    ("employee_turnover_rate", "where periods.days > 31: > -> >="): "the end of a month is its own last day",
    ("employee_turnover_rate", "where periods.days > 31: 31 -> 32"): "no period has 32 days",
    (
        "employee_turnover_rate",
        "sum(staff_by_member.headcount) / cast(max(measurements.measurements) as double) as headcount: max( -> min(",
    ): _GROUPED,
    ("monthly_active_users", "day_to_date"): "a day is never running",
    ("sales_count_growth", "sum(orders) - sum(previous_orders) as numerator,: sum( -> max("): _ONE_ROW,
    ("sales_count_growth", "sum(previous_orders) as denominator: sum( -> max("): _ONE_ROW,
    ("sales_count_growth", "union all: union all -> union"): "two equal rows would both be zero",
    ("task_completion_rate", "inner join ⟦3⟧ as periods: inner join -> left join"): _BOTH_OR_NEITHER,
}
"""Mutants that no rows of a company tell from the KPI, and why."""

MACROS = {
    "by_member": ("site_popularity_rank", "project_progress", "customer_acquisition_cost"),
    "add_up_days": ("average_order_value",),
}
"""What the macros write is looked at once each, by the unit tests of these KPIs together."""

EQUIVALENT_IN_MACROS = {
    "inner join (: inner join -> left join": "every row has a rank, for the ranks are made of the rows",
    "then min(run.ranked_before) else date '9999-12-31': min( -> max(": "settings.run has one row",
}


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
    unused = set(EQUIVALENT)
    for kpi, source in SOURCES.items():
        of_kpi: Counter[Fate] = Counter()
        for mutant, fate in _examiner(connection, source, tests_of[kpi]).fates():
            if fate is Fate.SURVIVED and (kpi, str(mutant)) in EQUIVALENT:
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
    mutants = [mutant for mutant in mutants_of(written[0].text) if str(mutant) not in EQUIVALENT_IN_MACROS]
    assert len(mutants) >= 8
    survivors = [
        str(mutant) for mutant in mutants
        if Fate.CAUGHT not in (found := {text.fate(mutant.sql) for text in written}) and found != {Fate.NO_SQL}
    ]  # fmt: skip
    assert survivors == []
