"""KPIs of email; an email is a campaign sent to a recipient on a day, dated by that delivery."""

from __future__ import annotations

from functools import cache

import pandas as pd

from oracle.books import Books
from oracle.periods import Period
from oracle.registry import kpi

EMAIL = ["campaign", "recipient_id"]


@cache
def emails(books: Books) -> pd.DataFrame:
    """One row per campaign, recipient and day of delivery."""
    events = books.email_events
    delivered = events[events["event_type"] == "delivered"]
    return delivered[[*EMAIL, "event_day"]].drop_duplicates().sort_values("event_day", ignore_index=True)


@cache
def emails_with(books: Books, event_type: str) -> set[int]:
    """The numbers of the emails that have such an event: it is of the latest delivery before it, or of the first."""
    events = books.email_events[books.email_events["event_type"] == event_type]
    events = events[[*EMAIL, "event_day"]].drop_duplicates().rename(columns={"event_day": "happened"}).reset_index()
    pairs = emails(books).rename_axis("email").reset_index().merge(events, on=EMAIL)
    before = pairs[pairs["event_day"] <= pairs["happened"]].groupby("index")["email"].max()
    first = pairs.groupby("index")["email"].min()
    return set(before.reindex(first.index).fillna(first).astype(int))


def share_of_delivered(books: Books, period: Period, event_type: str) -> tuple[float, float]:
    delivered = period.of(emails(books), "event_day")
    return len(set(delivered.index) & emails_with(books, event_type)), len(delivered)


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
