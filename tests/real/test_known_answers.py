"""Every figure of known_answers.yml, out of what nights on the real exports published.

`exports` is one company, with all KPIs; `other_companies` are smaller ones, each with the KPIs that its data answers.
A figure that is a KPI, or a part of one, is read from `kpi_values`. The others (rows, hires, the segments of orders)
are not published as such; they are counted in the entities that the KPIs are computed from.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from company import Company, project_with

HERE = Path(__file__).parent
ANSWERS: dict[str, Any] = yaml.safe_load((HERE / "known_answers.yml").read_text(encoding="utf-8"))
DECIMALS: dict[str, int] = ANSWERS.pop("decimals")
LARGEST_SLICES_IN_ALL = 5 * 1024 * 1024


@dataclass(frozen=True)
class Question:
    """One figure: where it stands in the file, and what it must be."""

    data: str
    grain: str
    """month, quarter, year; total for all that ships"""
    period: dt.date | None
    dimension: str
    member: str
    figure: str
    answer: float

    def __str__(self) -> str:
        parts = (self.data, self.grain, self.period, *(() if self.dimension == "all" else (self.member,)), self.figure)
        return "-".join(str(part).replace(" ", "_") for part in parts if part)


@dataclass(frozen=True)
class OtherCompany:
    """A company of its own: what it is asked, and until when."""

    as_of: dt.date
    calendar_start: dt.date
    kpis: tuple[str, ...]


OTHER_COMPANIES = {
    "cdnow": OtherCompany(
        dt.date(1998, 6, 30),
        dt.date(1997, 1, 1),
        (
            "marketing/new_customers",
            "marketing/returning_customers",
            "revenue/average_revenue_per_user",
            "revenue/churn_rate",
            "revenue/orders_per_customer",
            "revenue/repeat_purchase_rate",
            "revenue/repurchase_cohort_rate",
            "sales/average_order_value",
            "sales/successful_orders",
        ),
    ),
    "ibm_staff": OtherCompany(
        dt.date(2023, 12, 31),
        dt.date(2000, 1, 1),
        ("hr/employee_retention_rate", "hr/employee_turnover_rate"),
    ),
}


def _night_of(name: str, folder: Path) -> Company:
    other = OTHER_COMPANIES[name]
    company = Company.at(
        folder,
        exports=HERE / "other_companies" / name,
        project=project_with(folder / "project", other.kpis),
        calendar_start=other.calendar_start,
        grains=("day", "month", "quarter", "year"),
    )
    company.night(other.as_of)
    return company


@pytest.fixture(scope="module")
def cdnow_night(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return _night_of("cdnow", tmp_path_factory.mktemp("cdnow"))


@pytest.fixture(scope="module")
def ibm_staff_night(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return _night_of("ibm_staff", tmp_path_factory.mktemp("ibm_staff"))


# Everybody churned in one month, and left in one year, which is what the published rates are of.
PERIOD_OF_TOTALS = {
    ("telco", "customers_lost"): ("month", dt.date(2024, 6, 1)),
    ("telco", "churn_rate"): ("month", dt.date(2024, 6, 1)),
    ("ibm_staff", "share_that_left"): ("year", dt.date(2023, 1, 1)),
}
# The period that the figures under `members` are of, by data set, dimension and (where they differ) figure.
PERIOD_OF_MEMBERS = {
    ("complete_journey", "segment"): ("year", dt.date(2017, 1, 1)),
    ("basket_lines", "product_category"): ("month", dt.date(2017, 12, 1)),
    ("shop_events", "channel"): ("year", dt.date(2024, 1, 1)),
    ("telco", "plan"): ("month", dt.date(2024, 6, 1)),
    ("telco", "plan", "monthly_recurring_revenue"): ("month", dt.date(2024, 5, 1)),
    ("telco", "plan", "annual_recurring_revenue"): ("month", dt.date(2024, 5, 1)),
    ("employees", "department"): ("month", dt.date(2024, 6, 1)),
    ("employees", "reason"): ("year", dt.date(2023, 1, 1)),
    ("ibm_staff", "department"): ("year", dt.date(2023, 1, 1)),
}


def _questions() -> list[Question]:
    found = []
    for data, groups in ANSWERS.items():
        for group, content in groups.items():
            if group == "totals":
                for figure, answer in content.items():
                    period = PERIOD_OF_TOTALS.get((data, figure), ("total", None))
                    found.append(Question(data, *period, "all", "all", figure, answer))
            elif group == "members":
                for dimension, members in content.items():
                    for member, figures in members.items():
                        for figure, answer in figures.items():
                            key = (data, dimension)
                            period = PERIOD_OF_MEMBERS.get((*key, figure)) or PERIOD_OF_MEMBERS[key]
                            found.append(Question(data, *period, dimension, member, figure, answer))
            else:
                for period, figures in content.items():
                    found += [Question(data, group, period, "all", "all", *item) for item in figures.items()]
    return found


QUESTIONS = _questions()

# Figure: the KPI and the expression over its row (summed over the years, where the figure is of all that ships).
PUBLISHED = {
    ("complete_journey", "successful_orders"): ("successful_orders", "sum(numerator)"),
    ("complete_journey", "sales_revenue"): ("average_order_value", "sum(numerator)"),
    ("complete_journey", "average_order_value"): ("average_order_value", "sum(numerator) / sum(denominator)"),
    ("complete_journey", "customers"): ("repeat_purchase_rate", "sum(denominator)"),
    ("complete_journey", "repeat_customers"): ("repeat_purchase_rate", "sum(numerator)"),
    ("complete_journey", "new_customers"): ("new_customers", "sum(numerator)"),
    ("basket_lines", "units_ordered"): ("product_return_rate", "sum(denominator)"),
    ("basket_lines", "units_returned"): ("product_return_rate", "sum(numerator)"),
    ("shop_events", "daily_active_users"): ("daily_active_users", "sum(numerator)"),
    ("shop_events", "monthly_active_users"): ("monthly_active_users", "sum(numerator)"),
    ("shop_events", "sessions"): ("shop_conversion_rate", "sum(denominator)"),
    ("shop_events", "sessions_with_purchase"): ("shop_conversion_rate", "sum(numerator)"),
    ("shop_events", "shop_conversion_rate"): ("shop_conversion_rate", "sum(numerator) / sum(denominator)"),
    ("shop_events", "sessions_with_add_to_cart"): ("cart_abandonment_rate", "sum(denominator)"),
    ("shop_events", "carts_abandoned"): ("cart_abandonment_rate", "sum(numerator)"),
    ("shop_events", "sessions_with_conversion"): ("conversion_rate", "sum(numerator)"),
    ("shop_events", "conversion_rate"): ("conversion_rate", "sum(numerator) / sum(denominator)"),
    ("shop_events", "conversions"): ("conversions", "sum(numerator)"),
    ("shop_events", "page_views"): ("page_views", "sum(numerator)"),
    ("shop_events", "bounces"): ("bounce_rate", "sum(numerator)"),
    ("shop_events", "seconds_on_site"): ("time_on_site", "sum(numerator)"),
    ("shop_events", "visitors"): ("visitor_to_customer_rate", "sum(denominator)"),
    ("shop_events", "visitors_with_purchase"): ("visitor_to_customer_rate", "sum(numerator)"),
    ("shop_events", "visitor_to_customer_rate"): ("visitor_to_customer_rate", "sum(numerator) / sum(denominator)"),
    ("shop_events", "returning_visitors"): ("returning_user_rate", "sum(numerator)"),
    ("telco", "monthly_recurring_revenue"): ("monthly_recurring_revenue", "sum(numerator)"),
    ("telco", "customers_before"): ("churn_rate", "sum(denominator)"),
    ("telco", "customers_lost"): ("churn_rate", "sum(numerator)"),
    ("telco", "churn_rate"): ("churn_rate", "sum(numerator) / sum(denominator)"),
    ("telco", "customers_kept"): ("customer_retention_rate", "sum(numerator)"),
    ("telco", "customer_retention_rate"): ("customer_retention_rate", "sum(numerator) / sum(denominator)"),
    ("telco", "annual_recurring_revenue"): ("annual_recurring_revenue", "sum(numerator)"),
    ("telco", "active_customers"): ("average_revenue_per_user", "sum(denominator)"),
    ("telco", "average_revenue_per_user"): ("average_revenue_per_user", "sum(numerator) / sum(denominator)"),
    ("telco", "customer_lifetime_value"): ("customer_lifetime_value", "sum(numerator) / sum(denominator)"),
    ("telco", "new_customers"): ("new_customers", "sum(numerator)"),
    ("employees", "headcount_before"): ("employee_retention_rate", "sum(denominator)"),
    ("employees", "retained"): ("employee_retention_rate", "sum(numerator)"),
    ("employees", "leavers"): ("employee_turnover_rate", "sum(numerator)"),
    ("employees", "mean_headcount"): ("employee_turnover_rate", "sum(denominator)"),
    ("cdnow", "successful_orders"): ("successful_orders", "sum(numerator)"),
    ("cdnow", "sales_revenue"): ("average_order_value", "sum(numerator)"),
    ("cdnow", "average_order_value"): ("average_order_value", "sum(numerator) / sum(denominator)"),
    ("cdnow", "customers"): ("repeat_purchase_rate", "sum(denominator)"),
    ("cdnow", "repeat_customers"): ("repeat_purchase_rate", "sum(numerator)"),
    ("cdnow", "repeat_purchase_rate"): ("repeat_purchase_rate", "sum(numerator) / sum(denominator)"),
    ("cdnow", "orders_per_customer"): ("orders_per_customer", "sum(numerator) / sum(denominator)"),
    ("cdnow", "new_customers"): ("new_customers", "sum(numerator)"),
    ("cdnow", "returning_customers"): ("returning_customers", "sum(numerator)"),
    ("cdnow", "cohort"): ("repurchase_cohort_rate", "sum(denominator)"),
    ("cdnow", "ordered_again"): ("repurchase_cohort_rate", "sum(numerator)"),
    ("cdnow", "repurchase_cohort_rate"): ("repurchase_cohort_rate", "sum(numerator) / sum(denominator)"),
    ("cdnow", "customers_before"): ("churn_rate", "sum(denominator)"),
    ("cdnow", "customers_lost"): ("churn_rate", "sum(numerator)"),
    ("cdnow", "active_customers"): ("average_revenue_per_user", "sum(denominator)"),
    ("cdnow", "average_revenue_per_user"): ("average_revenue_per_user", "sum(numerator) / sum(denominator)"),
    ("ibm_staff", "share_that_left"): ("employee_retention_rate", "1 - sum(numerator) / sum(denominator)"),
    ("ibm_staff", "headcount_before"): ("employee_retention_rate", "sum(denominator)"),
    ("ibm_staff", "retained"): ("employee_retention_rate", "sum(numerator)"),
    ("ibm_staff", "employee_retention_rate"): ("employee_retention_rate", "sum(numerator) / sum(denominator)"),
    ("ibm_staff", "leavers"): ("employee_turnover_rate", "sum(numerator)"),
    ("ibm_staff", "mean_headcount"): ("employee_turnover_rate", "sum(denominator)"),
    ("ibm_staff", "employee_turnover_rate"): ("employee_turnover_rate", "sum(numerator) / sum(denominator)"),
}

# Figure: a query of the warehouse. {period}: its first and last day, as BETWEEN takes them. {member}: the member.
COUNTED = {
    ("basket_lines", "order_lines"): "select count(*) from entities.order_lines",
    ("basket_lines", "orders"): "select count(distinct order_id) from entities.order_lines",
    ("basket_lines", "line_revenue"): "select sum(revenue) from entities.order_lines",
    ("basket_lines", "lines_of_no_quantity"): "select count(*) from entities.order_lines where quantity = 0",
    ("basket_lines", "lines_of_no_category"): "select count(*) - count(product_category) from entities.order_lines",
    ("basket_lines", "returned_lines"): "select count(*) from entities.order_lines where quantity_returned > 0"
    " and ordered_on between {period}",
    ("shop_events", "events"): "select count(*) from entities.web_events where event_on between {period}",
    # a row's key is its hash and its number among equals
    ("shop_events", "distinct_rows"): "select count(distinct split_part(event_id, '-', 1)) from entities.web_events",
    ("shop_events", "users"): "select count(distinct visitor_id) from entities.web_events",
    ("telco", "customers"): "select count(*) from staging.stg_crm__subscriptions",
    ("telco", "customers_at_end"): "select sum(customers) from entities.customer_days where active_on = {last_day}",
    ("telco", "mean_monthly_charge"): "select avg(monthly_amount) from staging.stg_crm__subscriptions",
    ("employees", "rows"): "select count(*) from staging.stg_hr__employees",
    ("employees", "left"): "select count(left_on) from staging.stg_hr__employees",
    ("employees", "contractors"): "select count(*) from staging.stg_hr__employees where employment_type = 'contractor'",
    ("employees", "contractors_left"): "select count(left_on) from staging.stg_hr__employees"
    " where employment_type = 'contractor'",
    ("employees", "no_employment_type"): "select count(*) from staging.stg_hr__employees where department_until is null"
    " and employment_type is null",
    ("employees", "hires"): "select count(*) from staging.stg_hr__employees where department_until is null"
    " and coalesce(employment_type, '') <> 'contractor' and hired_on between {period}",
    ("employees", "headcount_after"): "select sum(headcount) from entities.headcount_days"
    " where active_on = {last_day} and {member} in (department, 'all')",
    ("ibm_staff", "rows"): "select count(*) from staging.stg_hr__employees",
    ("ibm_staff", "left"): "select count(left_on) from staging.stg_hr__employees",
    ("ibm_staff", "hires"): "select count(*) from staging.stg_hr__employees where department_until is null"
    " and coalesce(employment_type, '') <> 'contractor' and hired_on between {period}",
    ("ibm_staff", "headcount_after"): "select sum(headcount) from entities.headcount_days where active_on = {last_day}",
}

# Where KPIs have the figure, but not by this dimension or not for all that ships.
COUNTED_INSTEAD = {
    ("complete_journey", "segment", "successful_orders"): "select count(*) from entities.orders where is_completed"
    " and coalesce(segment, 'none') = {member} and ordered_on between {period}",
    ("complete_journey", "segment", "sales_revenue"): "select sum(revenue) from entities.orders where is_completed"
    " and coalesce(segment, 'none') = {member} and ordered_on between {period}",
    ("complete_journey", "total", "customers"): "select count(distinct customer_id) from entities.orders"
    " where is_completed",
    ("cdnow", "total", "customers"): "select count(distinct customer_id) from entities.orders where is_completed",
}


def _given_by(night: Company, question: Question) -> float:
    by = question.grain if question.grain == "total" else question.dimension
    instead = COUNTED_INSTEAD.get((question.data, by, question.figure))
    if instead is None and (question.data, question.figure) in PUBLISHED:
        return _published(night, question)
    return _counted(night, question, instead or COUNTED[question.data, question.figure])


def _published(night: Company, question: Question) -> float:
    kpi, expression = PUBLISHED[question.data, question.figure]
    # a member of the data that is called like one of ours has a trailing _
    member = question.member + "_" if question.dimension != "all" and question.member == "other" else question.member
    every_period = question.period is None
    found = night.query(
        f"""
        select count(*), {expression}, any_value(kpi_value) from kpi_values
        where kpi = ? and period_grain = ? and dimension = ? and member = ? and (? or period_start = ?)
        """,
        [kpi, "year" if every_period else question.grain, question.dimension, member, every_period, question.period],
    )
    count, value, kpi_value = found[0]
    assert count >= 1, f"{kpi} has no such row"
    if not every_period:
        assert count == 1
        if kpi == question.figure:
            assert kpi_value == pytest.approx(value, rel=1e-12)
    return float(value)


def _counted(night: Company, question: Question, sql: str) -> float:
    first, last = dt.date(1900, 1, 1), dt.date(2100, 1, 1)
    if question.period:
        bounds = f"select min(date_day), max(date_day) from calendar where {question.grain}_start = ?"
        first, last = night.query(bounds, [question.period])[0]
    shown = {
        "period": f"date '{first}' and date '{last}'",
        "last_day": f"date '{last}'",
        "member": f"'{question.member}'",
    }
    return float(night.ask_warehouse(sql.format(**shown))[0][0])


def test_no_data_set_and_no_figure_is_forgotten() -> None:
    assert {question.data for question in QUESTIONS} == {
        "complete_journey", "basket_lines", "shop_events", "telco", "employees", *OTHER_COMPANIES,
    }  # fmt: skip
    assert len(QUESTIONS) >= 450
    figures = {figure for figures in (PUBLISHED, COUNTED) for figure in figures}
    assert {(question.data, question.figure) for question in QUESTIONS} == figures


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_figure(request: pytest.FixtureRequest, question: Question) -> None:
    night = f"{question.data}_night" if question.data in OTHER_COMPANIES else "real_night"
    value = _given_by(request.getfixturevalue(night), question)
    if question.figure in DECIMALS:
        assert abs(value - question.answer) <= 0.5 * 10 ** -DECIMALS[question.figure] * (1 + 1e-9)
    else:
        assert value == pytest.approx(question.answer, rel=1e-12, abs=1e-12)


def test_nothing_of_the_real_exports_is_held_or_quarantined(real_night: Company) -> None:
    verdicts = real_night.query("select verdict, count(*) from kpi_runs group by verdict")
    assert dict(verdicts).keys() <= {"published", "no_data"}
    assert dict(verdicts)["published"] >= 27
    assert real_night.ask_warehouse("select count(*) from raw.quarantine") == [(0,)]


@pytest.mark.parametrize("name", OTHER_COMPANIES)
def test_nothing_of_the_other_companies_is_held_or_quarantined(request: pytest.FixtureRequest, name: str) -> None:
    night: Company = request.getfixturevalue(f"{name}_night")
    verdicts = dict(night.query("select kpi, verdict from kpi_runs"))
    assert verdicts == {kpi.split("/")[1]: "published" for kpi in OTHER_COMPANIES[name].kpis}
    assert night.ask_warehouse("select count(*) from raw.quarantine") == [(0,)]


def test_the_slices_are_small_and_every_one_is_explained() -> None:
    files = 0
    size = 0
    for folder in (HERE / "exports", HERE / "other_companies"):
        notice = (folder / "NOTICE.md").read_text(encoding="utf-8")
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix != ".md":
                files += 1
                size += path.stat().st_size
                name = path.relative_to(folder).as_posix()
                shown = re.sub(r"baskets_2017-\d\d", "baskets_2017-MM", name)  # baskets of twelve months are one line
                assert f"`{shown}`" in notice, f"NOTICE.md does not say where {name} comes from"
    assert files >= 21
    assert size <= LARGEST_SLICES_IN_ALL
