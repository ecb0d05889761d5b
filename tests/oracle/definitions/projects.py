"""KPIs of projects and their tasks."""

from __future__ import annotations

import pandas as pd

from oracle.books import Books
from oracle.periods import Period
from oracle.registry import kpi


def under_way(books: Books, period: Period) -> pd.DataFrame:
    """Projects planned to have started by the end of the period, not completed before it, never cancelled."""
    rows = books.projects[books.projects["status"] != "cancelled"]
    return rows[(rows["planned_start_on"] <= period.end) & ~(rows["completed_on"] < period.start)]


@kpi("projects.planned_start_on")
def on_time_delivery_rate(books: Books, period: Period) -> tuple[float, float]:
    """Projects completed in the period on or before their planned end / projects completed in the period."""
    rows = period.of(books.projects[books.projects["status"] != "cancelled"], "completed_on")
    return int((rows["completed_on"] <= rows["planned_end_on"]).sum()), len(rows)


@kpi("project_costs.month")
def budget_variance(books: Books, period: Period) -> tuple[float, float]:
    """Actual minus planned cost of projects completed in the period, or to date for open ones / planned cost.

    A completed project counts with its whole cost on the day it was completed, an open one with the cost of each
    month on the month's first day; cancelled projects stay out.
    """
    costs = books.project_costs.merge(books.projects[["project_id", "completed_on", "status"]], on="project_id")
    costs = costs[costs["status"] != "cancelled"]
    rows = period.of(costs.assign(day=costs["completed_on"].fillna(costs["month"])), "day")
    return (rows["actual_cost"] - rows["planned_cost"]).sum(), rows["planned_cost"].sum()


@kpi("tasks.due_on")
def task_completion_rate(books: Books, period: Period) -> tuple[float, float]:
    """Tasks due in the period completed on or before its end / tasks due in the period. Reading: due by as_of."""
    due = period.of(books.tasks, "due_on")
    return int((due["completed_on"] <= period.end).sum()), len(due)


@kpi("projects.planned_start_on")
def project_progress(books: Books, period: Period) -> tuple[float, float]:
    """Planned effort of tasks completed by the end of the period / of all tasks, of the projects under way in it."""
    rows = books.tasks[books.tasks["project_id"].isin(list(under_way(books, period)["project_id"]))]
    done = rows["completed_on"] <= period.end
    return rows.loc[done, "planned_effort_hours"].sum(), rows["planned_effort_hours"].sum()


@kpi("scope_changes.decided_on")
def scope_change_rate(books: Books, period: Period) -> tuple[float, float]:
    """Scope changes accepted in the period, in planned effort / planned effort at the baseline.

    Both of the projects under way on a day of the period whose effort was estimated.
    """
    projects = under_way(books, period).dropna(subset="baseline_effort_hours")
    changes = period.of(books.scope_changes, "decided_on")
    is_accepted = (changes["status"] == "accepted") & changes["project_id"].isin(list(projects["project_id"]))
    return changes.loc[is_accepted, "effort_hours"].sum(), projects["baseline_effort_hours"].sum()
