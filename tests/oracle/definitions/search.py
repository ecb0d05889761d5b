"""KPIs of search: the search console, keywords, backlinks and ranks."""

from __future__ import annotations

from oracle.books import Books
from oracle.periods import Period
from oracle.registry import Number, kpi


@kpi("search_performance.date")
def search_ranking(books: Books, period: Period) -> tuple[float, float]:
    """Impression-weighted sum of position / impressions."""
    rows = period.of(books.search_performance, "date")
    return (rows["position"] * rows["impressions"]).sum(), rows["impressions"].sum()


@kpi("search_performance.date")
def branded_search_volume(books: Books, period: Period) -> float:
    """Impressions of queries that contain a brand term, whatever its case."""
    rows = period.of(books.search_performance, "date")
    terms = [term.casefold() for term in books.rules.brand_terms]
    is_branded = rows["query"].map(lambda query: any(term in query.casefold() for term in terms))
    return float(rows.loc[is_branded.astype(bool), "impressions"].sum())


@kpi("backlinks.first_seen_on")
def inbound_links(books: Books, period: Period) -> float:
    """Backlinks alive at the end of the period: first seen on or before it, not lost. Reading: lost_on is without."""
    rows = books.backlinks
    is_lost = rows["lost_on"].notna() & (rows["lost_on"] <= period.end)
    return int(((rows["first_seen_on"] <= period.end) & ~is_lost).sum())


@kpi("site_ranks.date")
def site_popularity_rank(books: Books, period: Period) -> tuple[Number, Number]:
    """Smallest over the providers of the latest rank that each gave in the period / 1, or 0 where none gave one."""
    rows = period.of(books.site_ranks, "date").sort_values("date")
    return (float(rows.groupby("provider")["rank"].last().min()), 1) if len(rows) else (None, 0)


@kpi("ad_performance.date")
def conversion_rate_per_keyword(books: Books, period: Period) -> tuple[float, float]:
    """Conversions / clicks, also of ads that no keyword showed."""
    rows = period.of(books.ad_performance, "date")
    return rows["conversions"].sum(), rows["clicks"].sum()


@kpi("search_performance.date")
def search_click_through_rate(books: Books, period: Period) -> tuple[float, float]:
    """Clicks / impressions."""
    rows = period.of(books.search_performance, "date")
    return rows["clicks"].sum(), rows["impressions"].sum()
