"""What several KPIs of marketing and revenue say of customers and their money."""

from __future__ import annotations

from functools import cache

import pandas as pd

from oracle.books import Books
from oracle.periods import Period, earlier, later, month_index, month_start
from oracle.registry import Number, divided


def subscription_earnings(books: Books, period: Period) -> float:
    """Of every day that a subscription runs, its monthly amount over the days of that Gregorian month."""
    rows = books.subscriptions
    earned = 0.0
    for index in range(month_index("month", period.start.date()), month_index("month", period.end.date()) + 1):
        first, after = pd.Timestamp(month_start(index)), pd.Timestamp(month_start(index + 1))
        start, stop = max(first, period.start), min(after, period.end + pd.Timedelta(days=1))
        runs_until = earlier(rows["ended_on"].fillna(stop), stop)
        days = (runs_until - later(rows["started_on"], start)).dt.days.clip(lower=0)
        earned += (rows["monthly_amount"] * days).sum() / (after - first).days
    return float(earned)


def active_order_revenue(books: Books, period: Period) -> float:
    """Revenue of the completed orders whose customer is active on the day of the order."""
    orders = period.of(books.customer_sales, "ordered_day")
    memberships = books.memberships[["customer_id", "started_on", "ended_on"]]
    pairs = orders.merge(memberships, on="customer_id", suffixes=("", "_of_membership"))
    runs = (pairs["started_on"] <= pairs["ordered_day"]) & ~(pairs["ended_on"] <= pairs["ordered_day"])
    active = set(pairs.loc[runs, "order_id"])
    return float(orders.loc[orders["order_id"].isin(list(active)), "revenue"].sum())


@cache
def user_revenue(books: Books, period: Period) -> tuple[float, float]:
    """What active customers bring in, and how many customers are active on a day of the period."""
    earned = active_order_revenue(books, period) + subscription_earnings(books, period)
    return earned, len(books.active_customers(period.start, period.end))


def revenue_per_user(books: Books, period: Period) -> Number:
    return divided(*user_revenue(books, period))


def gross_margin(books: Books, period: Period) -> Number:
    """Revenue minus cost / revenue, of the completed orders of the period whose cost is known."""
    rows = period.of(books.sales, "ordered_day").dropna(subset="cost")
    return divided((rows["revenue"] - rows["cost"]).sum(), rows["revenue"].sum())


@cache
def lost(books: Books, period: Period) -> tuple[float, float]:
    """Customers of the day before the period who are not customers on its last day, and all those of the day before."""
    opening = books.active_customers(period.before)
    return len(opening - books.active_customers(period.end)), len(opening)


def churn(books: Books, period: Period) -> Number:
    return divided(*lost(books, period))
