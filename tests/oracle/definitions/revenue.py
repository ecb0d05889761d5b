"""KPIs of customers and what they are worth."""

from __future__ import annotations

import pandas as pd

from oracle.books import Books
from oracle.definitions import marketing, money
from oracle.periods import Period
from oracle.registry import Number, divided, kpi, product


def recurring_revenue(books: Books, day: pd.Timestamp) -> float:
    rows = books.subscriptions
    runs = (rows["started_on"] <= day) & ~(rows["ended_on"] <= day)
    return float(rows.loc[runs, "monthly_amount"].sum())


def buyers(books: Books, period: Period) -> set[str]:
    """Customers with a completed order in the period."""
    return set(period.of(books.customer_sales, "ordered_day")["customer_id"])


def lifetime_value(books: Books, period: Period) -> Number:
    return divided(money.revenue_per_user(books, period), money.churn(books, period))


@kpi("subscriptions.started_on")
def monthly_recurring_revenue(books: Books, period: Period) -> float:
    """Monthly amount of subscriptions active at the end of the period."""
    return recurring_revenue(books, period.end)


@kpi("subscriptions.started_on")
def annual_recurring_revenue(books: Books, period: Period) -> float:
    """12 times the monthly recurring revenue at the end of the period."""
    return 12 * recurring_revenue(books, period.end)


@kpi("subscriptions.started_on")
def average_revenue_per_user(books: Books, period: Period) -> tuple[float, float]:
    """Earnings of the active customers / customers who were active on a day of the period."""
    return money.user_revenue(books, period)


@kpi("subscriptions.started_on")
def customer_lifetime_value(books: Books, period: Period) -> tuple[Number, Number]:
    """Average revenue per user / churn rate of the same period."""
    return money.revenue_per_user(books, period), money.churn(books, period)


@kpi("subscriptions.started_on")
def customer_lifetime_value_net_of_cac(books: Books, period: Period) -> Number:
    """Customer lifetime value minus customer acquisition cost, unknown where one of them is."""
    worth, cost = lifetime_value(books, period), marketing.acquisition_cost(books, period)
    return None if worth is None or cost is None else worth - cost


@kpi("subscriptions.started_on")
def churn_rate(books: Books, period: Period) -> tuple[float, float]:
    """Customers active on the day before the period and not on its last / customers active on the day before."""
    return money.lost(books, period)


@kpi("subscriptions.started_on")
def customer_retention_rate(books: Books, period: Period) -> tuple[float, float]:
    """Customers active on the day before the period and on its last / customers active on the day before."""
    lost, opening = money.lost(books, period)
    return opening - lost, opening


@kpi("orders.ordered_day")
def repeat_purchase_rate(books: Books, period: Period) -> tuple[float, float]:
    """Customers with an order in the period who by its end have two or more / customers with an order in it."""
    present = buyers(books, period)
    orders = books.customer_sales
    by_now = orders[orders["ordered_day"] <= period.end].groupby("customer_id").size()
    return len(present & set(by_now.index[by_now >= 2])), len(present)


@kpi("contracts.ends_on")
def contract_renewal_rate(books: Books, period: Period) -> tuple[float, float]:
    """Contracts due in the period that were renewed / contracts due, renewed at any time to date."""
    due = period.of(books.contracts, "ends_on")
    return int(due["renewed_on"].notna().sum()), len(due)


@kpi("subscriptions.started_on")
def key_account_retention_rate(books: Books, period: Period) -> tuple[float, float]:
    """Key accounts active on the day before the period and on its last / key accounts active on the day before."""
    opening = key_accounts(books) & books.active_customers(period.before)
    return len(opening & books.active_customers(period.end)), len(opening)


def key_accounts(books: Books) -> set[str]:
    return set(books.customers.loc[books.customers["is_key_account"].eq(True), "customer_id"])


@kpi("orders.ordered_day")
def repurchase_cohort_rate(books: Books, period: Period) -> tuple[float, float]:
    """Customers whose first order is in the period and who ordered again to date / those with their first in it."""
    firsts = books.first_sales
    cohort = set(firsts.index[firsts.between(period.start, period.end)])
    again = set(books.customer_sales.loc[books.customer_sales["number"] == 2, "customer_id"])
    return len(cohort & again), len(cohort)


@kpi("orders.ordered_day")
def orders_per_customer(books: Books, period: Period) -> tuple[float, float]:
    """Completed orders that carry a customer / distinct customers with a completed order in the period."""
    return len(period.of(books.customer_sales, "ordered_day")), len(buyers(books, period))


@kpi("subscriptions.started_on")
def customer_lifetime_gross_profit(books: Books, period: Period) -> tuple[Number, Number]:
    """Average revenue per user times gross margin / churn rate of the same period."""
    per_user = money.revenue_per_user(books, period)
    return product(per_user, money.gross_margin(books, period)), money.churn(books, period)
