"""KPIs of social networks; a post's totals belong to the day it was published."""

from __future__ import annotations

import pandas as pd

from oracle.books import Books
from oracle.periods import Period
from oracle.registry import kpi


def posts(books: Books, period: Period) -> pd.DataFrame:
    return period.of(books.social_posts, "published_day")


def total(rows: pd.DataFrame, *columns: str) -> float:
    """What these posts have of these; what a network does not report adds nothing."""
    return float(rows[list(columns)].fillna(0).sum().sum())


def reporting(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The posts whose network reports at least one of these."""
    return rows[rows[list(columns)].notna().any(axis=1)]


def per_impression(rows: pd.DataFrame, *columns: str) -> tuple[float, float]:
    """What posts have of these / their impressions; posts whose network reports none of these stay out of both."""
    reported = reporting(rows, *columns)
    return total(reported, *columns), total(reported, "impressions")


def followers_after(books: Books, day: pd.Timestamp) -> pd.Series:
    """The last count of each profile on or before `day`: a count holds until the next one."""
    rows = books.social_profile_days
    known = rows[rows["date"] <= day].sort_values("date")
    return known.groupby(["network", "profile"])["followers"].last()


@kpi("social_profile_days.date")
def followers(books: Books, period: Period) -> float:
    """Sum of the latest known follower counts of the profiles on the last day of the period."""
    return float(followers_after(books, period.end).sum())


@kpi("social_profile_days.date")
def follower_growth_rate(books: Books, period: Period) -> tuple[float, float]:
    """Followers at the end minus those of the day before the period / the latter, of profiles that had a count then."""
    at_start = followers_after(books, period.before)
    at_end = followers_after(books, period.end).reindex(at_start.index)
    return float((at_end - at_start).sum()), float(at_start.sum())


@kpi("social_posts.published_day")
def reach(books: Books, period: Period) -> float:
    """Reach of the posts published in the period."""
    return total(posts(books, period), "reach")


@kpi("social_posts.published_day")
def social_impressions(books: Books, period: Period) -> float:
    """Impressions of the posts published in the period."""
    return total(posts(books, period), "impressions")


@kpi("social_posts.published_day")
def likes(books: Books, period: Period) -> float:
    """Likes of the posts published in the period."""
    return total(posts(books, period), "likes")


@kpi("social_posts.published_day")
def comments(books: Books, period: Period) -> float:
    """Comments on the posts published in the period."""
    return total(posts(books, period), "comments")


@kpi("social_posts.published_day")
def likes_and_comments_per_post(books: Books, period: Period) -> tuple[float, float]:
    """Likes plus comments / posts published; a post for which the network reports neither stays out."""
    rows = reporting(posts(books, period), "likes", "comments")
    return total(rows, "likes", "comments"), len(rows)


@kpi("social_posts.published_day")
def social_shares(books: Books, period: Period) -> float:
    """Shares of the posts published in the period."""
    return total(posts(books, period), "shares")


@kpi("social_posts.published_day")
def content_share_rate(books: Books, period: Period) -> tuple[float, float]:
    """Shares / impressions, of posts whose network reports them."""
    return per_impression(posts(books, period), "shares")


@kpi("social_posts.published_day")
def engagement_rate(books: Books, period: Period) -> tuple[float, float]:
    """Likes plus comments plus shares / impressions; a post without any of the three stays out."""
    return per_impression(posts(books, period), "likes", "comments", "shares")


@kpi("social_posts.published_day")
def post_click_through_rate(books: Books, period: Period) -> tuple[float, float]:
    """Link clicks / impressions; posts for which no link clicks are reported stay out of both."""
    return per_impression(posts(books, period), "link_clicks")


@kpi("social_posts.published_day")
def video_view_rate(books: Books, period: Period) -> tuple[float, float]:
    """Video views / impressions, of video posts whose network reports them."""
    rows = posts(books, period)
    return per_impression(rows[rows["post_type"] == "video"], "video_views")


@kpi("social_messages.received_day")
def message_response_rate(books: Books, period: Period) -> tuple[float, float]:
    """Messages and comments answered to date / received, by the day they were received."""
    rows = period.of(books.social_messages, "received_day")
    return int(rows["responded_at"].notna().sum()), len(rows)


@kpi("brand_mentions.mentioned_day")
def brand_mentions(books: Books, period: Period) -> float:
    """Mentions in press and social media."""
    return len(period.of(books.brand_mentions, "mentioned_day"))
