"""KPIs of social networks; a post's totals belong to the day it was published."""

from __future__ import annotations

import pandas as pd

from oracle.books import Books
from oracle.periods import Period
from oracle.registry import kpi


def posts(books: Books, period: Period) -> pd.DataFrame:
    return period.of(books.social_posts, "published_day")


def total(books: Books, period: Period, *columns: str) -> float:
    """What the period's posts have of these; what a network does not tell adds nothing."""
    return float(posts(books, period)[list(columns)].fillna(0).sum().sum())


def followers_after(books: Books, day: pd.Timestamp) -> float:
    """The last count of each profile on or before `day`."""
    rows = books.social_profile_days
    known = rows[rows["date"] <= day].sort_values("date")
    return float(known.groupby(["network", "profile"])["followers"].last().sum())


@kpi("social_profile_days.date")
def followers(books: Books, period: Period) -> float:
    """Followers at the end of the period. Reading: a profile's last count stands until the next."""
    return followers_after(books, period.end)


@kpi("social_profile_days.date")
def follower_growth_rate(books: Books, period: Period) -> tuple[float, float]:
    """Followers at the end minus at the start / followers at the start. Reading: the start is the day before."""
    at_start = followers_after(books, period.before)
    return followers_after(books, period.end) - at_start, at_start


@kpi("social_posts.published_day")
def reach(books: Books, period: Period) -> float:
    """Reach of the posts published in the period."""
    return total(books, period, "reach")


@kpi("social_posts.published_day")
def social_impressions(books: Books, period: Period) -> float:
    """Impressions of the posts published in the period."""
    return total(books, period, "impressions")


@kpi("social_posts.published_day")
def likes(books: Books, period: Period) -> float:
    """Likes of the posts published in the period."""
    return total(books, period, "likes")


@kpi("social_posts.published_day")
def comments(books: Books, period: Period) -> float:
    """Comments on the posts published in the period."""
    return total(books, period, "comments")


@kpi("social_posts.published_day")
def likes_and_comments_per_post(books: Books, period: Period) -> tuple[float, float]:
    """Likes plus comments / posts published."""
    return total(books, period, "likes", "comments"), len(posts(books, period))


@kpi("social_posts.published_day")
def social_shares(books: Books, period: Period) -> float:
    """Shares of the posts published in the period."""
    return total(books, period, "shares")


@kpi("social_posts.published_day")
def content_share_rate(books: Books, period: Period) -> tuple[float, float]:
    """Shares / impressions."""
    return total(books, period, "shares"), total(books, period, "impressions")


@kpi("social_posts.published_day")
def engagement_rate(books: Books, period: Period) -> tuple[float, float]:
    """Likes plus comments plus shares / impressions."""
    return total(books, period, "likes", "comments", "shares"), total(books, period, "impressions")


@kpi("social_posts.published_day")
def post_click_through_rate(books: Books, period: Period) -> tuple[float, float]:
    """Link clicks / impressions. Reading: impressions of all posts, also of those without a link."""
    return total(books, period, "link_clicks"), total(books, period, "impressions")


@kpi("social_posts.published_day")
def video_view_rate(books: Books, period: Period) -> tuple[float, float]:
    """Video views / impressions, of video posts."""
    rows = posts(books, period)
    videos = rows[rows["post_type"] == "video"]
    return videos["video_views"].sum(), videos["impressions"].sum()


@kpi("social_messages.received_day")
def message_response_rate(books: Books, period: Period) -> tuple[float, float]:
    """Messages and comments answered / received. Reading: of those received in the period, answered to date."""
    rows = period.of(books.social_messages, "received_day")
    return int(rows["responded_at"].notna().sum()), len(rows)


@kpi("brand_mentions.mentioned_day")
def brand_mentions(books: Books, period: Period) -> float:
    """Mentions in press and social media."""
    return len(period.of(books.brand_mentions, "mentioned_day"))
