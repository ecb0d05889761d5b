"""KPIs of selling: orders, opportunities, leads, reps and their targets."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pandas as pd

from oracle.books import Books
from oracle.periods import Period, Span, earlier, later, months_over
from oracle.registry import Number, divided, kpi


def orders(books: Books, span: Span) -> pd.DataFrame:
    """Completed orders, by the day of the order."""
    return span.of(books.sales, "ordered_day")


def revenue(books: Books, span: Span) -> float:
    return float(orders(books, span)["revenue"].sum())


def rep_orders(books: Books, span: Span) -> pd.DataFrame:
    """Completed orders that carry a rep."""
    rows = orders(books, span)
    return rows[rows["rep_id"].notna()]


def growth(of: Callable[[Books, Span], float], books: Books, period: Period) -> tuple[float, float]:
    """The change against the period before; a running period against as many days of it."""
    before = of(books, period.compared_with)
    return of(books, period) - before, before


@cache
def plans(books: Books, column: str) -> pd.DataFrame:
    """What is planned for the whole company: its own plan, else the sum of its reps', else of its regions'."""
    rows = books.sales_targets.dropna(subset=column)
    is_rep, is_region = rows["rep_id"].notna(), rows["region"].notna()
    level = pd.Series(0, index=rows.index).mask(is_region, 2).mask(is_rep, 1)
    span = ["period_start", "period_end"]
    rows = rows.assign(level=level)
    best = rows[level == rows.groupby(span)["level"].transform("min")]
    return best.groupby(span)[[column]].sum().reset_index()


def planned(books: Books, span: Span, column: str) -> float:
    """What is planned for these days, each plan spread evenly over its own."""
    rows = plans(books, column)
    last, first = earlier(rows["period_end"], span.end), later(rows["period_start"], span.start)
    shared_days = ((last - first).dt.days + 1).clip(lower=0)
    days = (rows["period_end"] - rows["period_start"]).dt.days + 1
    return float((rows[column] * shared_days / days).sum())


def attainment(books: Books, period: Period, column: str) -> tuple[float, float]:
    """Revenue of the days that have a plan / the plan of those days."""
    rows = orders(books, period)
    is_planned = pd.Series(False, index=rows.index)
    for first, last in plans(books, column)[["period_start", "period_end"]].itertuples(index=False):
        is_planned |= rows["ordered_day"].between(first, last)
    return float(rows.loc[is_planned, "revenue"].sum()), planned(books, period, column)


def closed(books: Books, span: Span) -> pd.DataFrame:
    """Opportunities won or lost, by the day of their close."""
    rows = books.opportunities[books.opportunities["outcome"].isin(["won", "lost"])]
    return span.of(rows, "closed_on")


def won(books: Books, span: Span) -> pd.DataFrame:
    rows = closed(books, span)
    return rows[rows["outcome"] == "won"]


def deals(books: Books, span: Span) -> tuple[float, float]:
    """The amount of opportunities won, and how many have one."""
    rows = won(books, span).dropna(subset="amount")
    return float(rows["amount"].sum()), len(rows)


def open_after(books: Books, day: pd.Timestamp) -> pd.DataFrame:
    """Opportunities created by then and not closed by then."""
    rows = books.opportunities
    return rows[(rows["created_day"] <= day) & ~(rows["closed_on"] <= day)]


@cache
def leads_of_opportunities(books: Books) -> pd.Series:
    """The lead of each opportunity: the one that it names; of a first deal else the one that names its customer.

    Reading: a first deal is new business.
    """
    rows = books.opportunities
    named = books.leads.dropna(subset="customer_id").drop_duplicates("customer_id").set_index("customer_id")["lead_id"]
    by_customer = rows["customer_id"].map(named).where(rows["opportunity_type"] == "new_business")
    leads: pd.Series = rows["lead_id"].fillna(by_customer)
    return leads


@cache
def lead_customers(books: Books) -> set[str]:
    """Leads that became a customer to date: the CRM says so, or an opportunity of theirs was won."""
    converted = set(books.leads.loc[books.leads["converted_at"].notna(), "lead_id"])
    return converted | set(leads_of_opportunities(books)[books.opportunities["outcome"] == "won"].dropna())


def lead_conversion(books: Books, span: Span) -> tuple[float, float]:
    created = set(span.of(books.leads, "created_day")["lead_id"])
    return len(created & lead_customers(books)), len(created)


def scores(books: Books, rows: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Where the CRM gives no score: 1, and a point each for four good signs on that day.

    A proposal was sent, the amount is above that of earlier opportunities (reading: above their mean, earlier by
    creation), it is younger than 90 days, and an activity was completed in the last 30.
    """
    activities = Span(day - pd.Timedelta(days=29), day).of(books.activities, "held_day")
    touched = set(activities.loc[activities["status"] == "completed", "opportunity_id"].dropna())
    points: pd.Series = (
        1
        + (rows["proposal_sent_day"] <= day).astype(int)
        + (rows["amount"] > mean_before(books).reindex(rows.index)).astype(int)
        + ((day - rows["created_day"]).dt.days < 90).astype(int)
        + rows["opportunity_id"].isin(list(touched)).astype(int)
    )
    return points


@cache
def mean_before(books: Books) -> pd.Series:
    """The mean amount of the opportunities created before each."""
    amounts = books.opportunities.sort_values(["created_at", "opportunity_id"])["amount"]
    return amounts.expanding().mean().shift(1)


@kpi("orders.ordered_day")
def sales_growth(books: Books, period: Period) -> tuple[float, float]:
    """Revenue in the period minus revenue in the previous period / revenue in the previous period."""
    return growth(revenue, books, period)


@kpi("orders.ordered_day")
def sales_count_growth(books: Books, period: Period) -> tuple[float, float]:
    """Completed orders in the period minus those in the previous period / those in the previous period."""
    return growth(lambda books, span: len(orders(books, span)), books, period)


@kpi("orders.ordered_day")
def sales_target_attainment(books: Books, period: Period) -> tuple[float, float]:
    """Revenue / sales target of the period, of its days so far that have one."""
    return attainment(books, period, "amount")


@kpi("orders.ordered_day")
def sales_forecast_attainment(books: Books, period: Period) -> tuple[float, float]:
    """Revenue / forecast of the period, of its days so far that have one."""
    return attainment(books, period, "forecast")


@kpi("leads.created_day")
def lead_to_opportunity_rate(books: Books, period: Period) -> tuple[float, float]:
    """Leads created in the period that became an opportunity (to date) / leads created in the period."""
    created = set(period.of(books.leads, "created_day")["lead_id"])
    return len(created & set(leads_of_opportunities(books).dropna())), len(created)


@kpi("opportunities.created_day")
def opportunity_win_rate(books: Books, period: Period) -> tuple[float, float]:
    """Opportunities won / opportunities closed, by close date."""
    return len(won(books, period)), len(closed(books, period))


@kpi("leads.created_day")
def lead_conversion_rate(books: Books, period: Period) -> tuple[float, float]:
    """Leads created in the period that became a customer (to date) / leads created in the period."""
    return lead_conversion(books, period)


@kpi("opportunities.created_day")
def proposal_win_rate(books: Books, period: Period) -> tuple[float, float]:
    """Opportunities with a proposal that were won / opportunities with a proposal that closed, by close date."""
    rows = closed(books, period)
    proposed = rows[rows["proposal_sent_at"].notna()]
    return int((proposed["outcome"] == "won").sum()), len(proposed)


@kpi("opportunities.created_day")
def new_opportunities(books: Books, period: Period) -> float:
    """Opportunities created."""
    return len(period.of(books.opportunities, "created_day"))


@kpi("opportunities.created_day")
def new_opportunity_value(books: Books, period: Period) -> float:
    """Amount of opportunities created in the period."""
    return float(period.of(books.opportunities, "created_day")["amount"].sum())


@kpi("opportunities.created_day")
def open_opportunities(books: Books, period: Period) -> float:
    """Opportunities open at the end of the period."""
    return len(open_after(books, period.end))


@kpi("opportunities.created_day")
def open_pipeline_value(books: Books, period: Period) -> float:
    """Amount of opportunities open at the end of the period. Reading: the amount that is known today."""
    return float(open_after(books, period.end)["amount"].sum())


@kpi("opportunities.created_day")
def opportunity_score(books: Books, period: Period) -> tuple[float, float]:
    """Sum of the score of opportunities open at the end of the period / those opportunities."""
    rows = open_after(books, period.end)
    return float(rows["score"].fillna(scores(books, rows, period.end)).sum()), len(rows)


@kpi("opportunities.created_day")
def average_deal_size(books: Books, period: Period) -> tuple[float, float]:
    """Amount of opportunities won, by close date / those opportunities; one without an amount stays out of both."""
    return deals(books, period)


@kpi("opportunities.created_day")
def sales_cycle_length(books: Books, period: Period) -> tuple[float, float]:
    """Days from first contact (lead creation, else opportunity creation) to close / opportunities won.

    A deal that was entered after it had closed stays out. Reading: entered is when the opportunity was created.
    """
    rows = won(books, period)
    rows = rows[rows["created_day"] <= rows["closed_on"]]
    lead_days = rows["lead_id"].map(books.leads.set_index("lead_id")["created_day"])
    return (rows["closed_on"] - lead_days.fillna(rows["created_day"])).dt.days.sum(), len(rows)


@kpi("opportunity_stage_changes.entered_day")
def average_time_in_stage(books: Books, period: Period) -> tuple[float, float]:
    """Days spent in stages left in the period / stages left in the period."""
    rows = period.of(books.opportunity_stage_changes, "left_day")
    return (rows["left_day"] - rows["entered_day"]).dt.days.sum(), len(rows)


@kpi("orders.ordered_day")
def average_order_value(books: Books, period: Period) -> tuple[float, float]:
    """Revenue of completed orders / completed orders."""
    return revenue(books, period), len(orders(books, period))


@kpi("orders.ordered_day")
def successful_orders(books: Books, period: Period) -> float:
    """Orders completed."""
    return len(orders(books, period))


@kpi("orders.ordered_day")
def sales_revenue(books: Books, period: Period) -> float:
    """Revenue of completed orders."""
    return revenue(books, period)


@kpi("orders.ordered_day")
def revenue_per_rep(books: Books, period: Period) -> tuple[float, float]:
    """Revenue of orders that carry a rep / sales reps active in the period. Reading: active_to is a last day."""
    reps = books.sales_reps
    is_active = (reps["active_from"] <= period.end) & ~(reps["active_to"] < period.start)
    return rep_orders(books, period)["revenue"].sum(), int(is_active.sum())


@kpi("orders.ordered_day")
def profit_margin_per_rep(books: Books, period: Period) -> tuple[float, float]:
    """Revenue minus cost of the orders that carry a rep / their revenue; an order of unknown cost stays out."""
    rows = rep_orders(books, period).dropna(subset="cost")
    return (rows["revenue"] - rows["cost"]).sum(), rows["revenue"].sum()


def sold_to_existing(books: Books, period: Period, sale_type: str) -> tuple[float, float]:
    """Reading: a customer exists from a completed order before the period."""
    firsts = books.first_sales
    existing = set(firsts.index[firsts < period.start])
    rows = period.of(books.customer_sales, "ordered_day")
    return len(existing & set(rows.loc[rows["sale_type"] == sale_type, "customer_id"])), len(existing)


@kpi("orders.ordered_day")
def upsell_rate(books: Books, period: Period) -> tuple[float, float]:
    """Distinct existing customers with an upsell in the period / customers existing at its start."""
    return sold_to_existing(books, period, "upsell")


@kpi("orders.ordered_day")
def cross_sell_rate(books: Books, period: Period) -> tuple[float, float]:
    """Distinct existing customers with a cross-sell in the period / customers existing at its start."""
    return sold_to_existing(books, period, "cross_sell")


@kpi("orders.ordered_day")
def product_return_rate(books: Books, period: Period) -> tuple[float, float]:
    """Units returned of the lines ordered in the period / units ordered, of orders completed or returned."""
    rows = period.of(books.lines, "ordered_day")
    rows = rows[rows["status"].isin(["completed", "returned"])]
    return rows["quantity_returned"].sum(), rows["quantity"].sum()


@kpi("orders.ordered_day")
def popular_product_sales_rate(books: Books, period: Period) -> tuple[float, float]:
    """Line revenue of the products with most units in the previous period / revenue of all lines.

    No value where nothing was sold in the period before. Readings: the previous period counts whole, and of products
    with equal units the first by product_id is taken.
    """
    lines = books.lines[books.lines["status"] == "completed"]
    units = period.previous.of(lines, "ordered_day").groupby("product_id")["quantity"].sum().reset_index()
    if units.empty:
        return 0, 0
    ranked = units.sort_values(["quantity", "product_id"], ascending=[False, True])
    popular = ranked["product_id"].head(books.rules.popular_products)
    rows = period.of(lines, "ordered_day")
    return rows.loc[rows["product_id"].isin(list(popular)), "revenue"].sum(), rows["revenue"].sum()


@kpi("leads.created_day")
def leads_needed(books: Books, period: Period) -> tuple[Number, Number]:
    """Sales target of the period divided by average deal size / lead conversion rate, of the 12 months before.

    The target is that of the whole period, also while it is running. The months are the Gregorian ones that were over
    when the period began.
    """
    history = months_over(period.start, books.rules.lead_history_months)
    target = planned(books, Span(period.start, period.last), "amount")
    return divided(target, divided(*deals(books, history))), divided(*lead_conversion(books, history))
