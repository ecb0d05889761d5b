"""KPIs of the site, from its events; a session is dated by its first event, an event by itself."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import pandas as pd

from oracle.books import Books
from oracle.periods import Period
from oracle.registry import kpi


def count_events(books: Books, period: Period, names: Collection[str]) -> int:
    return int(period.of(books.web_events, "event_day")["event_name"].isin(list(names)).sum())


def sessions(books: Books, period: Period) -> pd.DataFrame:
    return period.of(books.sessions, "day")


def sessions_of(books: Books, period: Period, *channels: str) -> int:
    return int(sessions(books, period)["channel"].isin(channels).sum())


@cache
def all_sessions_with(books: Books, events: tuple[str, ...]) -> set[str]:
    rows = books.web_events
    return set(rows.loc[rows["event_name"].isin(events), "session_id"])


def sessions_with(books: Books, period: Period, *events: str) -> set[str]:
    """The period's sessions in which one of these events happened."""
    return set(sessions(books, period).index) & all_sessions_with(books, events)


def visitors(books: Books, period: Period) -> set[str]:
    return set(period.of(books.web_events, "event_day")["visitor_id"])


def visitors_with(books: Books, period: Period, *events: str) -> set[str]:
    rows = period.of(books.web_events, "event_day")
    return set(rows.loc[rows["event_name"].isin(events), "visitor_id"])


@kpi("web_events.event_day")
def page_views(books: Books, period: Period) -> float:
    """Count of page_view events, by the day of the event."""
    return count_events(books, period, ["page_view"])


@kpi("web_events.event_day")
def organic_traffic(books: Books, period: Period) -> float:
    """Sessions whose channel is organic search."""
    return sessions_of(books, period, "organic_search")


@kpi("web_events.event_day")
def referral_traffic(books: Books, period: Period) -> float:
    """Sessions whose channel is referral."""
    return sessions_of(books, period, "referral")


@kpi("web_events.event_day")
def social_traffic(books: Books, period: Period) -> float:
    """Sessions whose channel is organic or paid social."""
    return sessions_of(books, period, "organic_social", "paid_social")


@kpi("web_events.event_day")
def time_on_site(books: Books, period: Period) -> tuple[float, float]:
    """Sum of session duration / sessions. Reading: from the first event of a session to its last."""
    rows = sessions(books, period)
    return rows["seconds"].sum(), len(rows)


@kpi("web_events.event_day")
def average_time_on_page(books: Books, period: Period) -> tuple[float, float]:
    """Sum of time on page / page views, of those that are not the last of their session.

    Reading: a page is left for the next page view of its session, and dated by its own page view.
    """
    rows = period.of(books.page_stays, "event_day")
    return rows["seconds"].sum(), len(rows)


@kpi("web_events.event_day")
def bounce_rate(books: Books, period: Period) -> tuple[float, float]:
    """Sessions with a single page view and no other interaction / sessions.

    An interaction is any event but those that the tool sends by itself.
    """
    rows = sessions(books, period)
    return int(((rows["page_views"] == 1) & (rows["interactions"] == 1)).sum()), len(rows)


@kpi("web_events.event_day")
def daily_active_users(books: Books, period: Period) -> float:
    """Distinct visitors of a day; of a longer period the mean over its days so far."""
    rows = period.of(books.web_events, "event_day")
    return float(rows.groupby("event_day")["visitor_id"].nunique().sum() / period.days)


@kpi("web_events.event_day")
def monthly_active_users(books: Books, period: Period) -> float:
    """Distinct visitors active in the month."""
    return len(visitors(books, period))


@kpi("web_events.event_day")
def returning_user_rate(books: Books, period: Period) -> tuple[float, float]:
    """Distinct visitors of the period whose first visit was before it / distinct visitors of the period."""
    present = visitors(books, period)
    first_visits = books.first_visits
    return len(present & set(first_visits.index[first_visits < period.start])), len(present)


@kpi("web_events.event_day")
def cart_abandonment_rate(books: Books, period: Period) -> tuple[float, float]:
    """Sessions with an add_to_cart and no purchase / sessions with an add_to_cart."""
    carts = sessions_with(books, period, "add_to_cart")
    return len(carts - sessions_with(books, period, "purchase")), len(carts)


@kpi("web_events.event_day")
def conversions(books: Books, period: Period) -> float:
    """Conversion events."""
    return count_events(books, period, books.rules.conversion_events)


@kpi("web_events.event_day")
def conversion_rate(books: Books, period: Period) -> tuple[float, float]:
    """Sessions with at least one conversion event / sessions."""
    return len(sessions_with(books, period, *books.rules.conversion_events)), len(sessions(books, period))


@kpi("web_events.event_day")
def shop_conversion_rate(books: Books, period: Period) -> tuple[float, float]:
    """Sessions with a purchase / sessions."""
    return len(sessions_with(books, period, "purchase")), len(sessions(books, period))


@kpi("web_events.event_day")
def sign_ups(books: Books, period: Period) -> float:
    """sign_up events."""
    return count_events(books, period, ["sign_up"])


@kpi("web_events.event_day")
def contact_form_conversion_rate(books: Books, period: Period) -> tuple[float, float]:
    """Sessions with a contact_form_submit / sessions with a contact_form_view.

    Reading: a session that submits is counted above whether or not its view was recorded.
    """
    return (
        len(sessions_with(books, period, "contact_form_submit")),
        len(sessions_with(books, period, "contact_form_view")),
    )


@kpi("web_events.event_day")
def lead_capture_rate(books: Books, period: Period) -> tuple[float, float]:
    """Distinct visitors with a generate_lead or contact_form_submit event / distinct visitors."""
    return (
        len(visitors_with(books, period, "generate_lead", "contact_form_submit")),
        len(visitors(books, period)),
    )


@kpi("web_events.event_day")
def visitor_to_customer_rate(books: Books, period: Period) -> tuple[float, float]:
    """Distinct visitors with a purchase in the period / distinct visitors active in the period."""
    return len(visitors_with(books, period, "purchase")), len(visitors(books, period))
