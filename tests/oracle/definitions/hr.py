"""KPIs of the people who work here; contractors stay out."""

from __future__ import annotations

import pandas as pd

from oracle.books import Books
from oracle.periods import Period
from oracle.registry import kpi


@kpi("employees.hired_on")
def employee_retention_rate(books: Books, period: Period) -> tuple[float, float]:
    """Employees of the headcount before the period who are still in it after its last day / headcount before."""
    before = books.headcount(period.before)
    return len(before & books.headcount(period.end)), len(before)


@kpi("employees.hired_on")
def employee_turnover_rate(books: Books, period: Period) -> tuple[float, float]:
    """Employees whose last day falls in the period / mean of the headcounts before it and after its last day."""
    counts = len(books.headcount(period.before)), len(books.headcount(period.end))
    return len(period.of(books.staff, "left_on")), sum(counts) / 2


@kpi("work_logs.worked_on")
def employee_productivity(books: Books, period: Period) -> tuple[float, float]:
    """Output units produced / hours worked."""
    rows = period.of(books.work_logs, "worked_on")
    return rows["output_units"].sum(), rows["hours"].sum()


@kpi("employees.hired_on")
def successful_hiring_rate(books: Books, period: Period) -> tuple[float, float]:
    """Of hires whose 12 months fall due in the period, those still employed then or rated successful in a review.

    The last day of work counts as employed; a review counts up to the day the hire falls due.
    """
    due_on = books.staff["hired_on"] + pd.DateOffset(months=books.rules.hire_success_months)
    hires = period.of(books.staff.assign(due_on=due_on), "due_on")
    stayed = hires["left_on"].isna() | (hires["left_on"] >= hires["due_on"])
    reviews = books.performance_reviews.merge(hires[["employee_id", "due_on"]], on="employee_id")
    in_time = reviews[reviews["reviewed_on"] <= reviews["due_on"]]
    praised = set(in_time.loc[in_time["is_successful"].eq(True), "employee_id"])
    return int((stayed | hires["employee_id"].isin(list(praised))).sum()), len(hires)
