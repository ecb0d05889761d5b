"""The company in the shapes of the tools it uses: each entity as a real tool exports it, by a layout that is declared.

What a tool's file looks like stands in SQL (``exports/<query>.sql``, a select from ``rows``); which rows a tool has,
and what the file is like around them, stands here. Rows that no tool holds without loss stay in our own columns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Literal

import duckdb
import jdatetime

from kpi_pipeline.contracts.export import Entity
from kpi_pipeline.warehouse.calendar import jalali_months
from kpi_pipeline.warehouse.connection import literal
from kpi_sample.files import Dressing, Workbook


@dataclass(frozen=True)
class Export:
    """The files in which one tool writes (a part of) one entity."""

    layout: str
    """The layout that reads them."""
    entity: str
    file: str
    """Path below the exports folder. {day} is the last day of its rows, {month} the month, {month_before} earlier."""
    where: str = "true"
    """Which rows of the entity the tool has."""
    by: tuple[Literal["month", "quarter"], str] | None = None
    """The period and the column by which the rows are split into files."""
    query: str | None = None
    """The SQL that writes the tool's columns, where it is not called like the layout."""
    prepare: str = ""
    """SQL to run before."""
    dressing: Dressing | Workbook = field(default_factory=Dressing)
    """What stands around the rows, and how the text is stored."""
    smallest_share: float = 1.0
    """The share of the file's rows that the smallest of the entities that read it takes."""
    restates: int = 0
    """The days before its own that each file but the first says again; the one before it had them otherwise."""
    is_earlier: bool = False
    """Whether it is an earlier state of what another export brings. Nothing is planted in it."""

    @property
    def format(self) -> Literal["csv", "jsonl", "parquet", "xlsx"]:
        """What the file is, without its packing."""
        if self.file.endswith(".parquet"):
            return "parquet"
        if self.file.endswith(".xlsx"):
            return "xlsx"
        return "jsonl" if ".json" in self.file else "csv"


_IN_IRAN = "rep_id in (select rep_id from sales_reps where team = 'Team ایران')"
_LAST_YEAR = "> as_of() - 365"
_IN_PERSIAN = "regexp_matches(coalesce(campaign, ''), '[آ-ی]')"
_ON_THE_WEB = "channel not in ('field_sales', 'store', 'marketplace')"
_GOOGLE_ADS_TITLE = ("Search keyword report", '"{first:%B} {first.day}, {first:%Y} - {last:%B} {last.day}, {last:%Y}"')

_AS_TODAY = """
    create or replace temp macro known(moment) as moment;
    create or replace temp macro is_earlier() as false
"""
_AS_A_MONTH_AGO = """
    create or replace temp macro known(moment) as if_known_a_month_ago(moment);
    create or replace temp macro is_earlier() as true
"""

EXPORTS: tuple[Export, ...] = (
    # the last month in JSON lines, as a night brings it; what was there before was copied as Parquet
    Export(
        "ga4_events_parquet", "web_events", "analytics/ga4_events_{month}.parquet",
        where="event_at < date_trunc('month', as_of())", by=("month", "event_at"), query="ga4_events",
        prepare="create or replace temp macro int64(number) as cast(number as bigint)",
    ),
    Export(
        "ga4_events_json", "web_events", "analytics/ga4_events_{month}.json.gz",
        where="event_at >= date_trunc('month', as_of())", by=("month", "event_at"), query="ga4_events",
        prepare="create or replace temp macro int64(number) as cast(cast(number as bigint) as varchar)",
    ),
    Export(
        "search_console_table", "search_performance", "analytics/search_console_table_{day}.csv",
        where=f"not date {_LAST_YEAR}", by=("quarter", "date"),
    ),
    Export(
        "search_console_api", "search_performance", "analytics/search_console_api_{day}.jsonl.gz",
        where=f"date {_LAST_YEAR}", by=("quarter", "date"),
    ),
    Export(
        "google_ads", "ad_performance", "analytics/google_ads_{day}.csv",
        where=f"platform = 'google_ads' and keyword is not null and not date {_LAST_YEAR}", by=("quarter", "date"),
        dressing=Dressing(before=_GOOGLE_ADS_TITLE), restates=7,
    ),
    Export(
        "google_ads_excel", "ad_performance", "analytics/google_ads_excel_{day}.csv",
        where=f"platform = 'google_ads' and keyword is not null and date {_LAST_YEAR}", by=("quarter", "date"),
        query="google_ads",
        dressing=Dressing(before=_GOOGLE_ADS_TITLE, encoding="utf-16", line_end="\r\n", delimiter="\t"), restates=7,
    ),
    Export(
        "meta_ads", "ad_performance", "analytics/meta_ads_{day}.csv",
        where="platform = 'meta_ads' and keyword is null", by=("quarter", "date"),
    ),
    Export("ahrefs_backlinks", "backlinks", "analytics/ahrefs_backlinks_{day}.jsonl"),
    Export("tranco", "site_ranks", "analytics/tranco_{day}.jsonl", where="provider = 'tranco'"),
    Export(
        "sprout_profiles", "social_profile_days", "analytics/sprout_profiles_{day}.csv",
        where="network in ('instagram', 'linkedin', 'x')",
    ),
    Export(
        "instagram_posts", "social_posts", "analytics/instagram_posts_{day}.csv", where="network = 'instagram'",
        dressing=Dressing(encoding="utf-8-sig"),
    ),
    # Brandwatch knows nothing of our campaigns
    Export("brandwatch", "brand_mentions", "analytics/brandwatch_{day}.jsonl", where="campaign is null"),
    Export(
        "hubspot_email_events", "email_events", "analytics/hubspot_email_events_{day}.jsonl.gz",
        where="campaign like 'Office Update %'", by=("quarter", "event_at"),
    ),
    # Mailchimp does not say what was delivered, who unsubscribed and who complained
    Export(
        "mailchimp_activity", "email_events", "analytics/mailchimp_activity_{day}.csv",
        where="campaign not like 'Office Update %' and event_type in ('open', 'click', 'bounce')",
        by=("quarter", "event_at"),
    ),
    Export(
        "mailchimp_subscribed", "email_subscribers", "analytics/subscribed_members_export_{day}.csv.zip",
        where="list = 'newsletter' and unsubscribed_at is null",
    ),
    Export(
        "mailchimp_unsubscribed", "email_subscribers", "analytics/unsubscribed_members_export_{day}.csv.zip",
        where="list = 'newsletter' and unsubscribed_at is not null",
    ),
    # two CRMs: Tehran sells with Salesforce, Berlin with HubSpot
    Export("salesforce_leads", "leads", "crm/salesforce_leads_{day}.csv", where="country = 'IR'"),
    Export(
        "hubspot_contacts_internal", "leads", "crm/hubspot_contacts_{month_before}.csv",
        where="country is distinct from 'IR' and was_new_a_month_ago(created_at)", prepare=_AS_A_MONTH_AGO,
        is_earlier=True,
    ),
    Export(
        "hubspot_contacts_internal", "leads", "crm/hubspot_contacts_{day}.csv", where="country is distinct from 'IR'",
        prepare=_AS_TODAY,
    ),
    Export(
        "salesforce_opportunities", "opportunities", "crm/salesforce_opportunities_{day}.csv.gz", where=_IN_IRAN
    ),
    Export("hubspot_deals_internal", "opportunities", "crm/hubspot_deals_{day}.csv", where=f"not ({_IN_IRAN})"),
    Export(
        "shopify_orders", "orders", "crm/shopify_orders_{day}.csv", where=_ON_THE_WEB, smallest_share=0.4
    ),
    Export("stripe_subscriptions", "subscriptions", "crm/stripe_subscriptions_{day}.csv"),
    Export(
        "zendesk_tickets", "tickets", "crm/zendesk_tickets_{month_before}.json.gz",
        where="was_new_a_month_ago(created_at)", prepare=_AS_A_MONTH_AGO, is_earlier=True,
    ),
    Export("zendesk_tickets", "tickets", "crm/zendesk_tickets_{day}.json.gz", prepare=_AS_TODAY),
    Export("typeform_nps", "survey_responses", "crm/typeform_nps_{day}.csv", where="survey_type = 'nps'"),
    Export("typeform_csat", "survey_responses", "crm/typeform_csat_{day}.csv", where="survey_type = 'csat'"),
    Export(
        "persian_targets", "sales_targets", "crm/persian_targets_{jalali_year}.xlsx",
        where=f"{_IN_IRAN} or region in ('تهران', 'اصفهان', 'مشهد')",
        dressing=Workbook("اهداف فروش", before=(("اهداف فروش",), ()), after=(("", "جمع کل"),), right_to_left=True),
    ),
    Export(
        "sales_targets", "sales_targets", "crm/sales_targets_{day}.xlsx",
        where=f"({_IN_IRAN} or region in ('تهران', 'اصفهان', 'مشهد')) is not true",
        dressing=Workbook(sheet="sales_targets"),
    ),
    Export(
        "sheet_marketing_spend", "marketing_spend", "crm/sheet_marketing_spend.csv",
        where=f"category = 'media' and not {_IN_PERSIAN}",
        dressing=Dressing(before=("Media,,,,,", "Last update,{last:%m/%d/%Y},,,,", ",,,,,")),
    ),
    Export(
        "book_marketing_spend", "marketing_spend", "crm/book_marketing_spend.xlsx",
        where=f"category <> 'media' and not {_IN_PERSIAN}",
        dressing=Workbook(sheet="Spend", before=(("Everything but media",), ()), tab_by="Tab"),
    ),
    Export(
        "persian_spend", "marketing_spend", "crm/persian_spend.csv", where=_IN_PERSIAN,
        dressing=Dressing(encoding="windows-1256", line_end="\r\n"),
    ),
    Export(
        "bamboohr_employees", "employees", "hr/bamboohr_employees_{year_before}.csv"
    ),
    Export(
        "persian_staff", "employees", "hr/persian_staff_{day}.xlsx",
        dressing=Workbook(
            sheet="کارکنان", before=(("فهرست کارکنان",), ()), after=(("جمع",),), right_to_left=True
        ),
    ),
    # one file for both: an epic is a project, a story one of its tasks
    Export("jira_issues", "projects", "hr/jira_issues_{day}.csv", smallest_share=0.03),
)  # fmt: skip
"""In the order in which they are written."""

READ_BY: dict[str, tuple[str, ...]] = {
    "shopify_orders": ("orders", "order_lines"),
    "jira_issues": ("projects", "tasks"),
}
"""Exports that more than one entity reads."""

_REST: dict[str, str] = {
    "order_lines": f"order_id not in (select order_id from orders where {_ON_THE_WEB})",
    "tasks": "false",
}
"""Rows that no tool has, of entities that another entity's export brings."""

OWN_DRESSING: dict[str, Dressing] = {
    "customers": Dressing(encoding="utf-8-sig", line_end="\r\n"),
    "project_costs": Dressing(encoding="utf-16", line_end="\r\n"),
}
"""How somebody's spreadsheet saved what is in our own columns, by entity."""

_COPY = {
    "csv": "format csv, header",
    "jsonl": "format json",
    "parquet": "format parquet, compression zstd",
}


@dataclass(frozen=True)
class Part:
    """One file of an export: which rows, and what its name and its title say of them."""

    export: Export
    file: str
    where: str
    first: dt.date
    last: dt.date
    unsettled: str = "false"
    """Which of its rows the next file says again, as SQL: `is_unsettled` in the query of an export that restates."""


def rest_of(entity: Entity) -> str:
    """The rows of `entity` that no tool here has, as SQL: they are written in our own columns."""
    if entity.name in _REST:
        return _REST[entity.name]
    taken = [f"({export.where})" for export in EXPORTS if export.entity == entity.name]
    return f"({' or '.join(taken)}) is not true" if taken else "true"


def prepare_tools(connection: duckdb.DuckDBPyConnection, as_of: dt.date) -> None:
    """Give `connection`, which holds the company, what the tools' SQL needs: words and Jalali dates."""
    months = jalali_months(as_of - dt.timedelta(days=365 * 14), as_of + dt.timedelta(days=365 * 4))
    values = ", ".join(f"(date '{begins}', '{year}/{month:02}/')" for begins, year, month in months)
    connection.execute(
        f"""
        create or replace temp table jalali_days as
        with months (begins, written) as (values {values}),
        followed as (select *, lead(begins) over (order by begins) as ends from months)
        select
            begins + cast(unnest(range(ends - begins)) as integer) as date_day,
            written || lpad(cast(1 + unnest(range(ends - begins)) as varchar), 2, '0') as written
        from followed
        where ends is not null
        """
    )
    connection.execute(_sql("00_words"))


def parts_of(connection: duckdb.DuckDBPyConnection, export: Export, as_of: dt.date, start_on: dt.date) -> list[Part]:
    """The files of `export`, in order of time; none where nothing of an earlier state is left."""
    if export.is_earlier and not connection.sql(f"select 1 from {export.entity} where {export.where} limit 1"):
        return []
    if export.by is None:
        return [Part(export, _name(export.file, start_on, as_of), export.where, start_on, as_of)]
    period, column = export.by
    periods = connection.execute(
        f"select distinct cast(date_trunc('{period}', {column}) as date) as begins, "
        f"cast(begins + interval 1 {period} as date) as ends "
        f"from {export.entity} where {export.where} order by begins"
    ).fetchall()
    found = []
    for begins, ends in periods:
        first, last = max(begins, start_on), min(ends - dt.timedelta(days=1), as_of)
        where = f"({export.where}) and {column} >= date '{begins}' and {column} < date '{ends}'"
        found.append(Part(export, _name(export.file, first, last), where, first, last))
    return list(_overlapping(found, column)) if export.restates else found


def _overlapping(parts: list[Part], column: str) -> Iterator[Part]:
    """The parts, of which each but the first also has the last days of the one before it."""
    for number, part in enumerate(parts):
        days = dt.timedelta(days=part.export.restates)
        first = part.first if number == 0 else max(part.first - days, parts[0].first)
        where = f"({part.export.where}) and {column} between date '{first}' and date '{part.last}'"
        is_last = number == len(parts) - 1
        unsettled = "false" if is_last else f"{column} > date '{part.last - days}'"
        yield replace(part, where=where, first=first, unsettled=unsettled)


def _name(file: str, first: dt.date, last: dt.date) -> str:
    jalali_year = jdatetime.date.fromgregorian(date=last).year
    year_before, month_before = last - dt.timedelta(days=365), last - dt.timedelta(days=30)
    return file.format(
        month=f"{first:%Y-%m}", day=last, jalali_year=jalali_year, year_before=year_before, month_before=month_before
    )


def write_plain(connection: duckdb.DuckDBPyConnection, part: Part, to: Path) -> None:
    """Write the rows of `part` as the plain file `to`: text in UTF-8 with its header, or Parquet."""
    export = part.export
    if export.prepare:
        connection.execute(export.prepare)
    options = _COPY[export.format]
    if isinstance(export.dressing, Dressing) and export.format == "csv":
        options += f", delimiter {literal(export.dressing.delimiter)}"
    connection.execute(f"copy ({_select(part)}) to {literal(str(to))} ({options})")


def cells_of(connection: duckdb.DuckDBPyConnection, part: Part) -> list[list[str | None]]:
    """The header and the rows of `part`, for a workbook."""
    selected = connection.execute(_select(part))
    header: list[str | None] = [column[0] for column in selected.description or []]
    return [header, *(list(row) for row in selected.fetchall())]


def _select(part: Part) -> str:
    query = _sql(part.export.query or part.export.layout).lstrip()
    while query.startswith("--"):
        query = query.split("\n", 1)[1]
    told = f"*, {part.unsettled} as is_unsettled" if part.export.restates else "*"
    rows = f"rows as (select {told} from {part.export.entity} where {part.where})"
    # the query's own common table expressions may use `rows`, so that it stands before them
    if query.startswith("with "):
        return f"with {rows}, {query.removeprefix('with ')}"
    return f"with {rows} {query}"


def _sql(name: str) -> str:
    return (resources.files(__package__) / "exports" / f"{name}.sql").read_text(encoding="utf-8")


def entities_of(export: Export) -> tuple[str, ...]:
    """The entities that read the files of `export`."""
    return READ_BY.get(export.layout, (export.entity,))


def exports_of(entity: Entity) -> Iterator[Export]:
    """The tools' exports that are made from `entity`."""
    return (export for export in EXPORTS if export.entity == entity.name)
