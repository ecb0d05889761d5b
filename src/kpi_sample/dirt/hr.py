"""What is planted into the exports of hr."""

from __future__ import annotations

from kpi_sample.dirt.kinds import CUT, LONG, NO_DATE, NO_DAY, NO_NUMBER, NO_VALUE, Dirt, again, bad, bad_line

DIRT: dict[str, tuple[Dirt, ...]] = {
    "persian_staff": (
        bad("employees", "left_on", NO_DATE, "تاریخ ترک کار", "به‌زودی"),
        bad("employees", "hired_on", NO_DAY, "تاریخ استخدام", "۱۴۰۳/۱۳/۰۱"),
        bad("employees", "employee_id", NO_VALUE, "شماره پرسنلی", "-"),
        again("employees"),
    ),
    "bamboohr_employees": (
        bad("employees", "hired_on", NO_VALUE, "Hire Date", ""),
        bad("employees", "left_on", NO_DATE, "Termination Date", "end of year"),
    ),
    "jira_issues": (
        Dirt(
            NO_DATE,
            {"projects": ("left out", ""), "tasks": ("quarantined", "due_on")},
            {"Due date": "when it is done"},
            of=("Issue Type", "Story"),
        ),
        # what is left of it says that it is a story, and no project
        Dirt(CUT, {"projects": ("left out", ""), "tasks": ("quarantined", "")}, line="cut", of=("Issue Type", "Story")),
        Dirt(
            "an issue that is no plan",
            {"projects": ("left out", ""), "tasks": ("left out", "")},
            {"Due date": "", "Issue key": "SARV-1"},
            of=("Issue Type", "Story"),
        ),
        Dirt(
            "the same row again",
            {"projects": ("left out", ""), "tasks": ("repeated", "")},
            of=("Issue Type", "Story"),
        ),
    ),
    "work_logs": (
        bad("work_logs", "hours", NO_VALUE, "hours", "null"),
        again("work_logs"),
    ),
    "performance_reviews": (
        bad("performance_reviews", "is_successful", "no yes and no no", "is_successful", "partly"),
        bad("performance_reviews", "rating", "no number that is finite", "rating", "NaN"),
        bad_line("performance_reviews", LONG, "long"),
    ),
    "project_costs": (
        bad("project_costs", "actual_cost", NO_NUMBER, "actual_cost", "#DIV/0!"),
        bad("project_costs", "month", NO_DAY, "month", "2026-06-31"),
    ),
    "scope_changes": (
        bad("scope_changes", "effort_hours", NO_VALUE, "effort_hours", ""),
        again("scope_changes"),
    ),
}
