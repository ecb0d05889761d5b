"""What holds for every company: parts that add up, movements between two ends, and nothing that hangs on chance."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import hypothesis
import pytest
from company import Company as RealCompany
from compiled import compile_models, new_warehouse
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.kpi import Kpi, read_registry
from kpi_pipeline.contracts.settings import load_settings
from properties.companies import AS_OF, Company, Part, Pipeline, companies, shifted

pytestmark = pytest.mark.timeout(1800)

FEW = 5
MANY = 50

SETTINGS = load_settings(_env_file=None)
ENTITIES = read_entities(SETTINGS.dbt_project, SETTINGS.layout_folders)
KPIS = {kpi.name: kpi for kpi in read_registry(load_settings(_env_file=None).kpi_models)}

OWN_TARGETS = {"sales_forecast_attainment", "sales_target_attainment"}
"""The targets of reps and of regions need not add up to the company's."""
STATES_THAT_ADD_UP = {
    "annual_recurring_revenue", "churn_rate", "customer_retention_rate", "email_list_growth_rate",
    "employee_retention_rate", "follower_growth_rate", "followers", "inbound_links", "key_account_retention_rate",
    "monthly_recurring_revenue", "open_opportunities", "open_pipeline_value", "opportunity_score",
    "project_progress", "sales_count_growth",
}  # fmt: skip
"""Of the other kinds: whoever and whatever they count is under one member at a time."""

FOLLOWS_THE_MONTHS = {
    "average_revenue_per_user": "a day earns a part of its month, and months differ",
    "customer_lifetime_value": "of average_revenue_per_user",
    "customer_lifetime_gross_profit": "of average_revenue_per_user",
    "customer_lifetime_value_net_of_cac": "of average_revenue_per_user",
    "cac_payback_months": "of average_revenue_per_user",
    "cost_per_lead": "counts from the first day of the month in which spend began",
    "customer_acquisition_cost": "counts from the first day of the month in which spend began",
    "marketing_roi": "counts from the first day of the month in which spend began",
    "leads_needed": "looks back on calendar months",
    "successful_hiring_rate": "falls due after calendar months",
}
"""What is another number when everything happens 52 weeks later, and why."""

Parts = dict[tuple[str, dt.date, str, str], tuple[float | None, float | None]]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    settings = RealCompany.at(
        tmp_path_factory.mktemp("compiled"),
        # so short that a handful of rows shows everything
        calendar_start=dt.date(2021, 1, 1), calendar_end=dt.date(2025, 12, 31),
        hire_success_months=1, minimum_group_size=1, brand_terms=("one",), threads=1,
    ).settings  # fmt: skip
    with new_warehouse(settings, AS_OF) as connection:
        yield Pipeline(connection, settings, compile_models(settings), ENTITIES)


def examples(count: int) -> hypothesis.settings:
    """That many companies. One costs a second, which is no sign of anything."""
    return hypothesis.settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))


def near(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and one == pytest.approx(other, rel=1e-9, abs=1e-9))


def by_key(parts: list[Part]) -> Parts:
    return {(grain, start, dimension, member): (up, down) for grain, start, dimension, member, up, down in parts}


# -- of one company


def members_add_up(kpi: Kpi, parts: list[Part]) -> None:
    totals = {key[:2]: values for key, values in by_key(parts).items() if key[2] == "all"}
    sums: dict[tuple[str, dt.date, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for grain, start, dimension, _, numerator, denominator in parts:
        sums[grain, start, dimension][0] += numerator or 0
        sums[grain, start, dimension][1] += denominator or 0
    for (grain, start), total in totals.items():
        for dimension in kpi.dimensions:
            for sum_of_members, part in zip(sums[grain, start, dimension], total, strict=True):
                assert near(sum_of_members, part or 0), (kpi.name, grain, start, dimension)
    assert {key[:2] for key in sums} == set(totals), kpi.name


def days_add_up(kpi: Kpi, parts: list[Part], periods_of: dict[dt.date, list[tuple[str, dt.date]]]) -> None:
    """What a longer period has is the sum of its days; so its ratio is between the smallest and the largest of them."""
    sums: dict[tuple[str, dt.date, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    ratios = defaultdict(list)
    for grain, day, dimension, member, numerator, denominator in parts:
        for period in periods_of[day] if grain == "day" else []:
            key = (*period, dimension, member)
            sums[key][0] += numerator or 0
            sums[key][1] += denominator or 0
            if denominator:
                ratios[key].append((numerator or 0) / denominator)
            elif numerator:
                ratios[key] += [float("-inf"), float("inf")]  # of a day that has no ratio, anything may come
    longer = by_key(parts)
    assert sums.keys() == longer.keys(), kpi.name
    for key, values in longer.items():
        numerator, denominator = (value or 0 for value in values)
        assert near(sums[key][0], numerator), (kpi.name, key)
        assert near(sums[key][1], denominator), (kpi.name, key)
        if denominator > 0 and all(ratio >= 0 for ratio in ratios[key]):
            ratio = numerator / denominator
            assert min(ratios[key]) - 1e-9 <= ratio <= max(ratios[key]) + 1e-9, (kpi.name, key)


def recurring_revenue_moves(pipeline: Pipeline, revenue: list[Part]) -> None:
    """Opening plus movements is closing, the next month opens with it, and all closings are the KPI's value."""
    months = pipeline.ask(
        "select customer_id, month_start, opening_amount, closing_amount, new_amount + expansion_amount "
        "+ contraction_amount + churned_amount + reactivation_amount from entities.subscription_movements order by all"
    )
    closings: dict[dt.date, float] = defaultdict(float)
    for _, month, opening, closing, movements in months:
        assert opening + movements == closing
        closings[month] += float(closing)
    for earlier, later in pairwise(months):
        if earlier[0] == later[0]:
            assert earlier[3] == later[2] or (earlier[3] == 0 and later[2] == 0), (earlier, later)
    values = {key[1]: parts[0] or 0 for key, parts in by_key(revenue).items() if key[0] == "month" and key[2] == "all"}
    for month in values.keys() | closings.keys():
        assert near(values.get(month, 0), closings.get(month, 0)), month


def customers_stay_or_go(pipeline: Pipeline, lost: list[Part], kept: list[Part]) -> None:
    """Those who were there before a period are those who stayed and those who left."""
    opening = dict(
        pipeline.ask(
            "select (periods.period_grain, periods.period_start), sum(customer_days.customers) "
            "from entities.periods inner join entities.customer_days on periods.opening_on = customer_days.active_on "
            "group by all"
        )
    )
    lost_parts, kept_parts = by_key(lost), by_key(kept)
    assert lost_parts.keys() == kept_parts.keys()
    for key, (gone, at_start) in lost_parts.items():
        stayed, same = kept_parts[key]
        assert gone is not None
        assert stayed is not None
        assert near(gone + stayed, at_start), key
        assert same == at_start, key
        if key[2] == "all":
            assert near(at_start, float(opening.get(key[:2], 0))), key


def check_parts(pipeline: Pipeline, company: Company) -> None:
    parts = pipeline.run(company)
    periods_of = defaultdict(list)
    for day, grain, start in pipeline.ask("select date_day, period_grain, period_start from entities.period_days"):
        periods_of[day].append((grain, start))
    for name, kpi in KPIS.items():
        if (kpi.kind in ("sum", "ratio") and name not in OWN_TARGETS) or name in STATES_THAT_ADD_UP:
            members_add_up(kpi, parts[name])
        if kpi.kind in ("sum", "ratio"):
            days_add_up(kpi, parts[name], periods_of)
    recurring_revenue_moves(pipeline, parts["monthly_recurring_revenue"])
    customers_stay_or_go(pipeline, parts["churn_rate"], parts["customer_retention_rate"])


# -- of two runs


def check_order(pipeline: Pipeline, company: Company, reordered: Company) -> None:
    """Neither the order in which rows lie nor what was there before makes a difference."""
    parts = pipeline.run(company)
    others = pipeline.run(reordered)
    again = pipeline.run(company)
    assert again == parts
    for name in KPIS:
        assert_same(name, by_key(parts[name]), by_key(others[name]))


def check_shift(pipeline: Pipeline, company: Company, weeks: int) -> None:
    """Days and weeks have the same values when everything happens some weeks later."""
    days = dt.timedelta(weeks=weeks)
    parts = pipeline.run(company)
    later = pipeline.run(shifted(company, days.days), AS_OF + days)
    for name in KPIS.keys() - FOLLOWS_THE_MONTHS.keys():
        moved = {
            (grain, start - days, dimension, member): values
            for (grain, start, dimension, member), values in by_key(later[name]).items()
            if grain in ("day", "week")
        }
        assert_same(
            name, {key: values for key, values in by_key(parts[name]).items() if key[0] in ("day", "week")}, moved
        )


def assert_same(name: str, one: Parts, other: Parts) -> None:
    assert one.keys() == other.keys(), name
    for key, values in one.items():
        assert near(values[0], other[key][0]), (name, key)
        assert near(values[1], other[key][1]), (name, key)


@st.composite
def reordered_companies(draw: st.DrawFn) -> tuple[Company, Company]:
    company = draw(companies(ENTITIES))
    return company, {entity: draw(st.permutations(rows)) for entity, rows in company.items()}


WEEKS = st.integers(1, 52)


@examples(FEW)
@given(company=companies(ENTITIES))
def test_parts_of_a_company_add_up(pipeline: Pipeline, company: Company) -> None:
    check_parts(pipeline, company)


@examples(FEW)
@given(pair=reordered_companies())
def test_the_order_of_rows_and_an_earlier_run_do_not_matter(pipeline: Pipeline, pair: tuple[Company, Company]) -> None:
    check_order(pipeline, *pair)


@examples(FEW)
@given(company=companies(ENTITIES), weeks=WEEKS)
def test_what_happens_some_weeks_later_is_the_same(pipeline: Pipeline, company: Company, weeks: int) -> None:
    check_shift(pipeline, company, weeks)


@pytest.mark.long
@examples(MANY)
@given(company=companies(ENTITIES))
def test_parts_of_many_companies_add_up(pipeline: Pipeline, company: Company) -> None:
    check_parts(pipeline, company)


@pytest.mark.long
@examples(MANY)
@given(pair=reordered_companies())
def test_the_order_of_rows_does_not_matter_to_many_companies(pipeline: Pipeline, pair: tuple[Company, Company]) -> None:
    check_order(pipeline, *pair)


@pytest.mark.long
@examples(MANY)
@given(company=companies(ENTITIES), weeks=WEEKS)
def test_what_happens_to_many_companies_later_is_the_same(pipeline: Pipeline, company: Company, weeks: int) -> None:
    check_shift(pipeline, company, weeks)
