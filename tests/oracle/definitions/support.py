"""KPIs of support: surveys by the day of the answer, tickets by the day that the definition names."""

from __future__ import annotations

import pandas as pd

from oracle.books import Books
from oracle.definitions.revenue import key_accounts
from oracle.periods import Period
from oracle.registry import kpi


def answers(books: Books, period: Period, survey_type: str) -> pd.DataFrame:
    rows = period.of(books.survey_responses, "responded_day")
    return rows[rows["survey_type"] == survey_type]


def satisfied(books: Books, rows: pd.DataFrame) -> int:
    """Answers of at least 80 % of their scale, which is of 5 where nothing is said."""
    return int((rows["score"] >= books.rules.satisfied_share * rows["scale_max"].fillna(5)).sum())


@kpi("survey_responses.responded_day")
def net_promoter_score(books: Books, period: Period) -> tuple[float, float]:
    """Promoters (9-10) minus detractors (0-6), times 100 / responses."""
    scores = answers(books, period, "nps")["score"]
    return 100 * (int((scores >= 9).sum()) - int((scores <= 6).sum())), len(scores)


@kpi("survey_responses.responded_day")
def customer_satisfaction_score(books: Books, period: Period) -> tuple[float, float]:
    """Satisfied responses / responses. Reading: of csat surveys."""
    rows = answers(books, period, "csat")
    return satisfied(books, rows), len(rows)


@kpi("survey_responses.responded_day")
def key_account_satisfaction(books: Books, period: Period) -> tuple[float, float]:
    """Satisfied responses of key accounts / responses of key accounts."""
    rows = answers(books, period, "csat")
    rows = rows[rows["customer_id"].isin(list(key_accounts(books)))]
    return satisfied(books, rows), len(rows)


@kpi("tickets.created_day")
def first_response_time(books: Books, period: Period) -> tuple[float, float]:
    """Minutes from ticket creation to first response / tickets with a first response.

    By the day of creation; a response before the creation counts on neither side.
    """
    rows = period.of(books.tickets, "created_day")
    rows = rows[rows["first_response_at"] >= rows["created_at"]]
    return (rows["first_response_at"] - rows["created_at"]).dt.total_seconds().sum() / 60, len(rows)


@kpi("tickets.created_day")
def first_contact_resolution_rate(books: Books, period: Period) -> tuple[float, float]:
    """Tickets resolved in the period in one contact and not reopened / tickets resolved in the period."""
    rows = period.of(books.tickets, "resolved_day")
    at_once = (rows["contacts"] == 1) & (rows["reopened_count"].fillna(0) == 0)
    return int(at_once.sum()), len(rows)


@kpi("tickets.created_day")
def repeat_issue_rate(books: Books, period: Period) -> tuple[float, float]:
    """Tickets created in the period that repeat an earlier one / tickets created in the period.

    Earlier: same customer, same category, created strictly before and at most 30 times 24 hours before.
    """
    tickets = books.tickets.dropna(subset=["customer_id", "category"])
    rows = period.of(tickets, "created_day")
    pairs = rows.merge(tickets, on=["customer_id", "category"], suffixes=("", "_earlier"))
    waited = pairs["created_at"] - pairs["created_at_earlier"]
    repeats = (waited > pd.Timedelta(0)) & (waited <= pd.Timedelta(days=books.rules.repeat_issue_days))
    return pairs.loc[repeats, "ticket_id"].nunique(), len(period.of(books.tickets, "created_day"))
