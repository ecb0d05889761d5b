"""KPIs of projects and their tasks."""

from __future__ import annotations

from oracle.books import Books
from oracle.periods import Period
from oracle.registry import kpi


@kpi("projects.planned_start_on")
def on_time_delivery_rate(books: Books, period: Period) -> tuple[float, float]:
    """Projects completed in the period on or before their planned end / projects completed in the period."""
    rows = period.of(books.projects, "completed_on")
    return int((rows["completed_on"] <= rows["planned_end_on"]).sum()), len(rows)


@kpi("project_costs.month")
def budget_variance(books: Books, period: Period) -> tuple[float, float]:
    """Actual minus planned cost of projects completed in the period, or to date for open ones / planned cost.

    Reading: a project completed in the period counts with all its costs, one that is open at the period's end (not
    completed, not cancelled) with those of the months begun by then.
    """
    costs = books.project_costs.merge(books.projects[["project_id", "completed_on", "status"]], on="project_id")
    completed = period.of(costs, "completed_on")
    is_open = ~(costs["completed_on"] <= period.end) & (costs["status"] != "cancelled")
    rows_of_open = costs[is_open & (costs["month"] <= period.end)]
    planned = completed["planned_cost"].sum() + rows_of_open["planned_cost"].sum()
    return completed["actual_cost"].sum() + rows_of_open["actual_cost"].sum() - planned, planned


@kpi("tasks.due_on")
def task_completion_rate(books: Books, period: Period) -> tuple[float, float]:
    """Tasks due in the period completed on or before its end / tasks due in the period. Reading: due by as_of."""
    due = period.of(books.tasks, "due_on")
    return int((due["completed_on"] <= period.end).sum()), len(due)


@kpi("tasks.due_on")
def project_progress(books: Books, period: Period) -> tuple[float, float]:
    """Planned weight of tasks completed by the end of the period / planned weight of all tasks of all projects."""
    rows = books.tasks
    done = rows["completed_on"] <= period.end
    return rows.loc[done, "planned_effort_hours"].sum(), rows["planned_effort_hours"].sum()


@kpi("projects.planned_start_on")
def scope_change_rate(books: Books, period: Period) -> tuple[float, float]:
    """Scope changes accepted in the period, in planned effort / planned effort at the baseline.

    Reading: of the projects that run in the period, which have begun by plan and were not completed before it;
    cancelled projects stay out below.
    """
    changes = period.of(books.scope_changes, "decided_on")
    accepted = changes.loc[changes["status"] == "accepted", "effort_hours"].sum()
    rows = books.projects[books.projects["status"] != "cancelled"]
    runs = (rows["planned_start_on"] <= period.end) & ~(rows["completed_on"] < period.start)
    return accepted, rows.loc[runs, "baseline_effort_hours"].sum()
