"""What the exports say: one dataframe per entity, each row in its current version, nothing later than as_of."""

from __future__ import annotations

import copy
import datetime as dt
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd


@dataclass(frozen=True)
class Entity:
    """How the rows of an entity become its current rows."""

    system: str
    load: str
    """append: the first of a key stays; merge: the last of a key wins; snapshot: the last file is all there is."""
    key: tuple[str, ...]
    dated_by: str | None = None
    """Rows dated after as_of wait; None where a row is a plan and may lie in the future."""
    milestones: tuple[str, ...] = ()
    """What has not happened yet if it is later than as_of."""


ENTITIES = {
    "web_events": Entity("analytics", "append", ("event_id",), "event_at"),
    "search_performance": Entity("analytics", "merge", ("date", "query", "page", "country", "device"), "date"),
    "ad_performance": Entity("analytics", "merge", ("date", "platform", "campaign", "ad_group", "keyword"), "date"),
    "backlinks": Entity("analytics", "merge", ("backlink_id",), "first_seen_on", ("lost_on",)),
    "site_ranks": Entity("analytics", "merge", ("date", "provider"), "date"),
    "social_profile_days": Entity("analytics", "merge", ("date", "network", "profile"), "date"),
    "social_posts": Entity("analytics", "merge", ("network", "post_id"), "published_at"),
    "social_messages": Entity("analytics", "merge", ("network", "message_id"), "received_at", ("responded_at",)),
    "brand_mentions": Entity("analytics", "merge", ("mention_id",), "mentioned_at"),
    "email_events": Entity("analytics", "append", ("event_id",), "event_at"),
    "email_subscribers": Entity("analytics", "merge", ("subscriber_id", "list"), "subscribed_at", ("unsubscribed_at",)),
    "leads": Entity(
        "crm", "merge", ("lead_id",), "created_at", ("marketing_qualified_at", "sales_qualified_at", "converted_at")
    ),
    "opportunities": Entity("crm", "merge", ("opportunity_id",), "created_at", ("closed_on", "proposal_sent_at")),
    "opportunity_stage_changes": Entity(
        "crm", "append", ("opportunity_id", "stage", "entered_at"), "entered_at", ("left_at",)
    ),
    "activities": Entity("crm", "merge", ("activity_id",), "held_at"),
    "customers": Entity("crm", "merge", ("customer_id",)),
    "orders": Entity("crm", "merge", ("order_id",), "ordered_at"),
    "order_lines": Entity("crm", "merge", ("order_line_id",)),
    "subscriptions": Entity("crm", "merge", ("subscription_id",)),
    "contracts": Entity("crm", "merge", ("contract_id",), None, ("renewed_on",)),
    "sales_reps": Entity("crm", "merge", ("rep_id",)),
    "sales_targets": Entity("crm", "merge", ("period_start", "period_end", "rep_id", "region")),
    "campaigns": Entity("crm", "merge", ("campaign",)),
    "marketing_spend": Entity("crm", "merge", ("date", "category", "channel", "campaign"), "date"),
    "tickets": Entity("crm", "merge", ("ticket_id",), "created_at", ("first_response_at", "resolved_at")),
    "survey_responses": Entity("crm", "merge", ("response_id",), "responded_at"),
    "employees": Entity("hr", "snapshot", ("employee_id",), "hired_on", ("left_on",)),
    "performance_reviews": Entity("hr", "merge", ("review_id",), "reviewed_on"),
    "work_logs": Entity("hr", "merge", ("log_id",), "worked_on"),
    "projects": Entity("hr", "merge", ("project_id",), None, ("completed_on",)),
    "project_costs": Entity("hr", "merge", ("project_id", "month"), "month"),
    "tasks": Entity("hr", "merge", ("task_id",), None, ("completed_on",)),
    "scope_changes": Entity("hr", "merge", ("change_id",), "decided_on"),
}

DATES = {"date", "month", "period_start", "period_end", "active_from", "active_to"}
"""Besides the columns that end in `_on`."""

NUMBERS = set(
    re.findall(
        r"\w+",
        "engagement_seconds event_value clicks impressions position spend conversions video_views rank followers reach "
        "profile_visits likes comments shares link_clicks amount score revenue cost discount quantity unit_price "
        "quantity_returned monthly_amount annual_value forecast budget contacts reopened_count scale_max rating hours "
        "output_units baseline_effort_hours planned_cost actual_cost planned_effort_hours effort_hours",
    )
)
AUTOMATIC_EVENTS = ("session_start", "first_visit", "user_engagement")
"""Web events that a tool sends by itself."""

FLAGS = {"is_key_account", "is_successful"}


@dataclass(frozen=True)
class Rules:
    """The settings that change a number, each with what the sample company uses."""

    timezone: str = "UTC"
    conversion_events: tuple[str, ...] = ("purchase", "sign_up", "generate_lead", "contact_form_submit")
    purchase_activity_days: int = 365
    brand_terms: tuple[str, ...] = ("sarvcafe", "sarv cafe", "سرو کافه", "سروکافه")
    campaign_spend_categories: tuple[str, ...] = ("media", "agency")
    popular_products: int = 10
    satisfied_share: float = 0.8
    repeat_issue_days: int = 30
    hire_success_months: int = 12
    lead_history_months: int = 12


def day_of(column: str) -> str:
    """The column with the business day of a timestamp column: created_at becomes created_day."""
    return f"{column.removesuffix('_at')}_day"


def _read(file: Path) -> pd.DataFrame:
    if ".parquet" in file.suffixes:
        return pd.read_parquet(file).astype(object)
    if ".jsonl" in file.suffixes:
        return pd.read_json(file, lines=True, dtype=False, convert_dates=False).astype(object)
    return pd.read_csv(file, dtype=str, keep_default_na=False, na_values=[""]).astype(object)


def _files(exports: Path, name: str, entity: Entity) -> list[Path]:
    pattern = re.compile(rf"{name}(_\d{{4}}-\d\d(-\d\d)?)?\.(csv|jsonl|parquet)(\.gz)?")
    return sorted(file for file in (exports / entity.system).iterdir() if pattern.fullmatch(file.name))


def _typed(frame: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    for column in list(frame.columns):
        if column.endswith("_at"):
            given = frame[column].astype(str).where(frame[column].notna())
            frame[column] = pd.to_datetime(given, utc=True, format="ISO8601")
            local = frame[column].dt.tz_convert(ZoneInfo(rules.timezone)).dt.tz_localize(None)
            frame[day_of(column)] = local.dt.normalize()
        elif column.endswith("_on") or column in DATES:
            frame[column] = pd.to_datetime(frame[column])
        elif column in NUMBERS:
            frame[column] = frame[column].astype(float)
        elif column in FLAGS:
            frame[column] = frame[column].map(lambda flag: str(flag).lower() == "true" if pd.notna(flag) else None)
        else:
            frame[column] = frame[column].astype("str")
    return frame


def _current(frames: list[pd.DataFrame], entity: Entity) -> pd.DataFrame:
    if entity.load == "snapshot":
        frames = frames[-1:]
    frame = pd.concat(frames, ignore_index=True)
    keep = "first" if entity.load == "append" else "last"
    return frame.drop_duplicates(list(entity.key), keep=keep, ignore_index=True)  # type: ignore[call-overload, no-any-return]


def _known_by(frame: pd.DataFrame, entity: Entity, as_of: pd.Timestamp) -> pd.DataFrame:
    """Without the rows and the milestones that are later than as_of."""
    if entity.dated_by:
        day = day_of(entity.dated_by) if entity.dated_by.endswith("_at") else entity.dated_by
        frame = frame[frame[day] <= as_of].copy()
    for milestone in entity.milestones:
        day = day_of(milestone) if milestone.endswith("_at") else milestone
        is_later = frame[day] > as_of
        for column in {milestone, day}:
            frame[column] = frame[column].mask(is_later)
        if milestone == "closed_on":
            frame["outcome"] = frame["outcome"].mask(is_later, "open")
    return frame


class Books:
    """The company's rows by entity (`books.orders`), and what several definitions need of them."""

    web_events: pd.DataFrame
    search_performance: pd.DataFrame
    ad_performance: pd.DataFrame
    backlinks: pd.DataFrame
    site_ranks: pd.DataFrame
    social_profile_days: pd.DataFrame
    social_posts: pd.DataFrame
    social_messages: pd.DataFrame
    brand_mentions: pd.DataFrame
    email_events: pd.DataFrame
    email_subscribers: pd.DataFrame
    leads: pd.DataFrame
    opportunities: pd.DataFrame
    opportunity_stage_changes: pd.DataFrame
    activities: pd.DataFrame
    customers: pd.DataFrame
    orders: pd.DataFrame
    order_lines: pd.DataFrame
    subscriptions: pd.DataFrame
    contracts: pd.DataFrame
    sales_reps: pd.DataFrame
    sales_targets: pd.DataFrame
    campaigns: pd.DataFrame
    marketing_spend: pd.DataFrame
    tickets: pd.DataFrame
    survey_responses: pd.DataFrame
    employees: pd.DataFrame
    performance_reviews: pd.DataFrame
    work_logs: pd.DataFrame
    projects: pd.DataFrame
    project_costs: pd.DataFrame
    tasks: pd.DataFrame
    scope_changes: pd.DataFrame

    def __init__(self, exports: Path, as_of: dt.date, rules: Rules) -> None:
        self.folder = exports
        self.as_of = as_of
        self.rules = rules
        for name, entity in ENTITIES.items():
            files = _files(exports, name, entity)
            assert files, f"{exports} holds no export of {name}"
            frame = _current([_typed(_read(file), rules) for file in files], entity)
            setattr(self, name, _known_by(frame, entity, pd.Timestamp(as_of)))

    def frame(self, path: str) -> pd.Series:
        """The column that `entity.column` names."""
        entity, column = path.split(".")
        series: pd.Series = getattr(self, entity)[column]
        return series

    def only(self, path: str, member: str) -> Books:
        """The books with only the rows whose `entity.column` is `member`; of sessions, with only their events."""
        entity, column = path.split(".")
        rows = getattr(self, entity)
        books = copy.copy(self)
        for name in [name for name in vars(books) if name not in (*ENTITIES, "as_of", "rules")]:
            delattr(books, name)
        if entity == "sessions":
            sessions = rows.index[rows[column] == member]
            books.web_events = self.web_events[self.web_events["session_id"].isin(sessions)]
        else:
            setattr(books, entity, rows[rows[column] == member])
        return books

    @cached_property
    def sessions(self) -> pd.DataFrame:
        """A visit to the site: it belongs to its first event and lasts until its last.

        It came as the first event says that names a source, a medium or a campaign.
        """
        events = self.web_events.sort_values(["event_at", "event_id"], kind="stable")
        events = events[events["session_id"].notna()]
        by_session = events.groupby("session_id")
        sessions = by_session.first(skipna=False)
        came_by = ["source", "medium", "campaign"]
        sourced = events[events[came_by].notna().any(axis=1)].groupby("session_id")[came_by].first(skipna=False)
        sessions[came_by] = sourced.reindex(sessions.index)
        sessions["channel"] = by_session["channel"].first()
        sessions["seconds"] = (by_session["event_at"].max() - sessions["event_at"]).dt.total_seconds()
        interactions = events[~events["event_name"].isin(AUTOMATIC_EVENTS)]
        sessions["interactions"] = interactions.groupby("session_id").size()
        sessions["page_views"] = events[events["event_name"] == "page_view"].groupby("session_id").size()
        return sessions.rename(columns={"event_day": "day", "page": "landing_page"})

    @cached_property
    def page_stays(self) -> pd.DataFrame:
        """The page views that are not the last of their session, with the seconds until the next."""
        is_view = (self.web_events["event_name"] == "page_view") & self.web_events["session_id"].notna()
        views = self.web_events[is_view].sort_values(["event_at", "event_id"])
        next_view = views.groupby("session_id")["event_at"].shift(-1)
        return views.assign(seconds=(next_view - views["event_at"]).dt.total_seconds())[next_view.notna()]

    @cached_property
    def first_visits(self) -> pd.Series:
        """The day of each visitor's first event."""
        days: pd.Series = self.web_events.groupby("visitor_id")["event_day"].min()
        return days

    @cached_property
    def sales(self) -> pd.DataFrame:
        """The orders that count: completed ones."""
        return self.orders[self.orders["status"] == "completed"]

    @cached_property
    def customer_sales(self) -> pd.DataFrame:
        """The completed orders of customers, numbered from 1; a guest is no customer."""
        sales = self.sales[self.sales["customer_id"].notna()].sort_values(["ordered_at", "order_id"])
        return sales.assign(number=sales.groupby("customer_id").cumcount() + 1)

    @cached_property
    def first_sales(self) -> pd.Series:
        """The day of each customer's first completed order."""
        days: pd.Series = self.customer_sales.groupby("customer_id")["ordered_day"].min()
        return days

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The lines of orders, each with its order's status and day; revenue is quantity times price where missing.

        Of a returned order, the units of a line that does not say how many came back all did.
        """
        lines = self.order_lines.merge(self.orders[["order_id", "status", "ordered_day"]], on="order_id")
        returned = lines["quantity"].where(lines["status"] == "returned", 0)
        return lines.assign(
            revenue=lines["revenue"].fillna(lines["quantity"] * lines["unit_price"]),
            quantity_returned=lines["quantity_returned"].fillna(returned),
        )

    @cached_property
    def memberships(self) -> pd.DataFrame:
        """From when to before when somebody is an active customer.

        A running subscription makes one; in a company without any, a completed order in the days before.
        """
        if not self.subscriptions.empty:
            return self.subscriptions
        ended_on = self.customer_sales["ordered_day"] + pd.Timedelta(days=self.rules.purchase_activity_days)
        return self.customer_sales.assign(started_on=self.customer_sales["ordered_day"], ended_on=ended_on)

    def active_customers(self, first: pd.Timestamp, last: pd.Timestamp | None = None) -> set[str]:
        """The customers who are active on a day from `first` to `last`, or on `first` alone."""
        rows = self.memberships
        runs = (rows["started_on"] <= (last or first)) & (rows["ended_on"].isna() | (rows["ended_on"] > first))
        return set(rows.loc[runs, "customer_id"])

    @cached_property
    def staff(self) -> pd.DataFrame:
        """The employees who make the headcount: contractors stay out, an empty employment_type does not."""
        return self.employees[self.employees["employment_type"].fillna("") != "contractor"]

    def headcount(self, day: pd.Timestamp) -> set[str]:
        """The employees after `day`: hired by then, and it was not their last day, nor was one before."""
        staff = self.staff
        is_employed = (staff["hired_on"] <= day) & (staff["left_on"].isna() | (staff["left_on"] > day))
        return set(staff.loc[is_employed, "employee_id"])
