"""KPIs of email; an email is a campaign sent to a recipient, dated by its delivery."""

from __future__ import annotations

from functools import cache

import pandas as pd

from oracle.books import Books
from oracle.periods import Period
from oracle.registry import kpi

EMAIL = ["campaign", "recipient_id"]


@cache
def emails_with(books: Books, event_type: str) -> pd.DataFrame:
    """One row per campaign and recipient with such an event, at its first."""
    events = books.email_events[books.email_events["event_type"] == event_type]
    return events.sort_values("event_day").drop_duplicates(EMAIL)


def share_of_delivered(books: Books, period: Period, event_type: str) -> tuple[float, float]:
    delivered = period.of(emails_with(books, "delivered"), "event_day")
    return len(delivered.merge(emails_with(books, event_type)[EMAIL], on=EMAIL)), len(delivered)


@kpi("email_events.event_day")
def email_open_rate(books: Books, period: Period) -> tuple[float, float]:
    """Emails opened / emails delivered, by the day of the delivery, whenever they were opened."""
    return share_of_delivered(books, period, "open")


@kpi("email_events.event_day")
def email_click_rate(books: Books, period: Period) -> tuple[float, float]:
    """Emails clicked / emails delivered, by the day of the delivery, whenever they were clicked."""
    return share_of_delivered(books, period, "click")


@kpi("email_subscribers.subscribed_day")
def email_list_growth_rate(books: Books, period: Period) -> tuple[float, float]:
    """Subscribed minus unsubscribed in the period / subscribers after the day before it, by list."""
    rows = books.email_subscribers
    at_start = (rows["subscribed_day"] < period.start) & ~(rows["unsubscribed_day"] < period.start)
    return (
        len(period.of(rows, "subscribed_day")) - len(period.of(rows, "unsubscribed_day")),
        int(at_start.sum()),
    )
