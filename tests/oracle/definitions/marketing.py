"""KPIs of marketing: ads, leads, spend, and the customers they bring."""

from __future__ import annotations

import math
from functools import cache

import pandas as pd

from oracle.books import Books
from oracle.definitions import money
from oracle.periods import Period, Span
from oracle.registry import Number, divided, kpi, product


@cache
def won_on(books: Books) -> pd.Series:
    """The day of each customer's first completed order, won opportunity or subscription start."""
    opportunities = books.opportunities[books.opportunities["outcome"] == "won"]
    begins = pd.concat(
        [
            books.customer_sales.set_index("customer_id")["ordered_day"],
            opportunities.set_index("customer_id")["closed_on"],
            books.subscriptions.set_index("customer_id")["started_on"],
        ]
    )
    days: pd.Series = begins.groupby(level="customer_id").min()
    return days


def customers_won(books: Books, span: Span) -> int:
    return int(won_on(books).between(span.start, span.end).sum())


def with_spend(books: Books, period: Period) -> Span:
    """The period's days from the first month on in which spend is on record."""
    first = books.marketing_spend["date"].min().replace(day=1)
    return Span(max(first, period.start), period.end)


def customers_paid_for(books: Books, period: Period) -> int:
    return customers_won(books, with_spend(books, period))


def spend(books: Books, period: Period) -> float:
    """Sales and marketing spend, all categories."""
    return float(period.of(books.marketing_spend, "date")["amount"].sum())


def leads_created(books: Books, span: Span) -> int:
    return len(span.of(books.leads, "created_day"))


def acquisition_cost(books: Books, period: Period) -> Number:
    return divided(spend(books, period), customers_paid_for(books, period))


@kpi("ad_performance.date")
def ad_impressions(books: Books, period: Period) -> float:
    """Impressions of ads."""
    return float(period.of(books.ad_performance, "date")["impressions"].sum())


@kpi("ad_performance.date")
def click_through_rate(books: Books, period: Period) -> tuple[float, float]:
    """Clicks / impressions of ads."""
    rows = period.of(books.ad_performance, "date")
    return rows["clicks"].sum(), rows["impressions"].sum()


@kpi("ad_performance.date")
def cost_per_conversion(books: Books, period: Period) -> tuple[float, float]:
    """Advertising spend / conversions."""
    rows = period.of(books.ad_performance, "date")
    return rows["spend"].sum(), rows["conversions"].sum()


@kpi("leads.created_day")
def new_leads(books: Books, period: Period) -> float:
    """Leads created."""
    return leads_created(books, period)


@kpi("leads.created_day")
def marketing_qualified_leads(books: Books, period: Period) -> float:
    """Leads that became marketing qualified, by the day they did."""
    return len(period.of(books.leads, "marketing_qualified_day"))


@kpi("leads.created_day")
def sales_qualified_leads(books: Books, period: Period) -> float:
    """Leads that became sales qualified, by the day they did."""
    return len(period.of(books.leads, "sales_qualified_day"))


@kpi("marketing_spend.date")
def cost_per_lead(books: Books, period: Period) -> tuple[float, float]:
    """Spend of the categories media and agency / leads created since spend is on record."""
    rows = period.of(books.marketing_spend, "date")
    is_campaign = rows["category"].isin(list(books.rules.campaign_spend_categories))
    return rows.loc[is_campaign, "amount"].sum(), leads_created(books, with_spend(books, period))


@kpi("activities.held_day")
def demos(books: Books, period: Period) -> float:
    """Demo activities completed."""
    rows = period.of(books.activities, "held_day")
    return int(((rows["activity_type"] == "demo") & (rows["status"] == "completed")).sum())


@kpi("subscriptions.started_on")
def new_customers(books: Books, period: Period) -> float:
    """Customers whose first completed order, won opportunity or subscription start is in the period."""
    return customers_won(books, period)


@kpi("orders.ordered_day")
def returning_customers(books: Books, period: Period) -> float:
    """Distinct customers with a completed order in the period and their first one before its first day."""
    firsts = books.first_sales
    earlier = set(firsts.index[firsts < period.start])
    return len(set(period.of(books.customer_sales, "ordered_day")["customer_id"]) & earlier)


@kpi("marketing_spend.date")
def customer_acquisition_cost(books: Books, period: Period) -> tuple[float, float]:
    """Sales and marketing spend, all categories / customers won since spend is on record."""
    return spend(books, period), customers_paid_for(books, period)


@kpi("marketing_spend.date")
def marketing_roi(books: Books, period: Period) -> tuple[float, float]:
    """Gross profit of orders that carry a campaign, minus marketing spend / marketing spend.

    An order of unknown cost adds nothing, nor does one from before spend is on record.
    """
    rows = with_spend(books, period).of(books.sales, "ordered_day")
    profit = (rows["revenue"] - rows["cost"])[rows["campaign"].notna()].sum()
    return profit - spend(books, period), spend(books, period)


@kpi("campaigns.ended_on")
def incremental_sales_by_campaign(books: Books, period: Period) -> float:
    """Sales of the campaign's channel during the campaign minus those of as many days right before it, by its end."""
    ended = period.of(books.campaigns, "ended_on")
    return math.fsum(
        increment(books, channel, Span(started_on, ended_on))
        for channel, started_on, ended_on in zip(ended["channel"], ended["started_on"], ended["ended_on"], strict=True)
    )


def increment(books: Books, channel: str | None, during: Span) -> float:
    sales, before = books.sales, during.as_long_before
    if pd.notna(channel):
        sales = sales[sales["channel"] == channel]
    return float(during.of(sales, "ordered_day")["revenue"].sum() - before.of(sales, "ordered_day")["revenue"].sum())


@kpi("marketing_spend.date")
def cac_payback_months(books: Books, period: Period) -> tuple[Number, Number]:
    """Customer acquisition cost / monthly average revenue per user times gross margin, empty where that is no profit.

    The average revenue per user of the period is brought to a month of 30.4375 days.
    """
    monthly = product(money.revenue_per_user(books, period), 30.4375 / period.days)
    profit = product(monthly, money.gross_margin(books, period))
    return acquisition_cost(books, period), profit if profit and profit > 0 else None
