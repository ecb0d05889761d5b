"""What goes wrong in exports, planted into the sample: rows that are added to the good ones, never a good one changed.

Each is a copy of a row of its file with one thing wrong, so that it would count if anybody read it. What is planted
where is written down, so that a test can ask quarantine for exactly these rows.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import duckdb

from kpi_pipeline.warehouse.connection import literal, quoted
from kpi_sample.files import Dressing, reading, writing

Effect = Literal["quarantined", "repeated", "left out"]

MOST_OF_A_FILE = 0.04
"""The share of a file's rows that may be quarantined: under the 5 % beyond which ingest refuses the file."""

_HEAD = 2_000
"""Rows at the head of a file among which dirt is planted; the rest of a large file is copied as it is."""


@dataclass(frozen=True)
class Dirt:
    """A row that is wrong, and what ingest makes of it."""

    kind: str
    effects: Mapping[str, tuple[Effect, str]]
    """Entity that reads the file: what becomes of the row, and the column that quarantine names."""
    set: Mapping[str, Any] = field(default_factory=dict)
    """Header: the text that stands in its place; in Parquet an SQL expression."""
    line: Literal["", "cut", "long", "no text", "open quote", "no object"] = ""
    """What is wrong with the line as a whole."""
    of: tuple[str, str] | None = None
    """Header and pattern: which row is copied; the next best where not given."""

    @property
    def is_quarantined(self) -> bool:
        """Whether any entity quarantines the row."""
        return any(effect == "quarantined" for effect, _ in self.effects.values())

    @property
    def value(self) -> str:
        """What stands in the row, for the list of what was planted."""
        return "; ".join(f"{header} = {text}" for header, text in self.set.items())


@dataclass(frozen=True)
class Planted:
    """Where a row was planted."""

    file: str
    line: int
    entity: str
    column: str
    effect: Effect
    kind: str
    value: str


def _bad(entity: str, column: str, kind: str, header: str, text: Any, of: tuple[str, str] | None = None) -> Dirt:
    return Dirt(kind, {entity: ("quarantined", column)}, {header: text}, of=of)


def _line(entity: str, kind: str, line: Literal["cut", "long", "no text", "open quote", "no object"]) -> Dirt:
    return Dirt(kind, {entity: ("quarantined", "")}, line=line)


def _again(entity: str, of: tuple[str, str] | None = None) -> Dirt:
    return Dirt("the same row again", {entity: ("repeated", "")}, of=of)


def _no_row(entity: str, kind: str, header: str, text: Any) -> Dirt:
    return Dirt(kind, {entity: ("left out", "")}, {header: text})


_NO_NUMBER, _NO_DATE, _NO_VALUE = "no number", "no date", "a required value is missing"
_CUT, _LONG, _NO_TEXT = "a line that was cut", "a line with too many fields", "bytes that are no text"
_OPEN_QUOTE, _NO_OBJECT = "a quote that is never closed", "a line that is no JSON object"
_NO_GROUPS, _NO_DAY = "a number whose groups are not whole", "a day that no month has"

DIRT: dict[str, tuple[Dirt, ...]] = {
    "ga4_events_parquet": (
        _bad("web_events", "event_name", _NO_VALUE, "event_name", "null"),
        _bad("web_events", "event_at", _NO_VALUE, "event_timestamp", "null"),
        _no_row("web_events", "a ping without a visitor", "user_pseudo_id", "null"),
        _bad("web_events", "session_id", _NO_VALUE, "event_params", "[]"),
    ),
    "ga4_events_json": (
        _bad("web_events", "event_at", _NO_DATE, "event_timestamp", "yesterday"),
        _line("web_events", _CUT, "cut"),
        _bad("web_events", "event_name", _NO_VALUE, "event_name", None),
        _line("web_events", _NO_TEXT, "no text"),
        _no_row("web_events", "a ping without a visitor", "user_pseudo_id", None),
    ),
    "search_console_table": (
        _bad("search_performance", "position", _NO_NUMBER, "Average Position", "n/a"),
        _bad("search_performance", "query", _NO_VALUE, "Query", ""),
        _line("search_performance", _CUT, "cut"),
        _again("search_performance"),
    ),
    "search_console_api": (
        _bad("search_performance", "clicks", "a whole number with a fraction", "clicks", 12.5),
        _bad("search_performance", "date", _NO_DAY, "date", "2026-02-30"),
        _again("search_performance"),
    ),
    "google_ads": (
        _bad("ad_performance", "spend", _NO_GROUPS, "Cost", "12,34"),
        _no_row("ad_performance", "a total among the rows", "Day", "Total: Campaign"),
        _bad("ad_performance", "date", _NO_DATE, "Day", "last Tuesday"),
        _line("ad_performance", _LONG, "long"),
        _again("ad_performance"),
    ),
    "google_ads_excel": (
        _bad("ad_performance", "clicks", _NO_NUMBER, "Clicks", "#REF!"),
        _bad("ad_performance", "impressions", _NO_VALUE, "Impr.", "--"),
        _line("ad_performance", _CUT, "cut"),
    ),
    "meta_ads": (
        _bad("ad_performance", "spend", _NO_NUMBER, "Amount spent (USD)", "about 500", of=("Campaign name", ".")),
        _bad("ad_performance", "date", _NO_VALUE, "Day", "", of=("Campaign name", ".")),
        _no_row("ad_performance", "a total among the rows", "Campaign name", ""),
    ),
    "ahrefs_backlinks": (
        _bad("backlinks", "first_seen_on", _NO_VALUE, "first_seen_link", None),
        _bad("backlinks", "lost_on", _NO_DATE, "last_seen", "long ago"),
        _line("backlinks", _NO_OBJECT, "no object"),
        _again("backlinks"),
    ),
    "tranco": (
        _bad("site_ranks", "rank", _NO_NUMBER, "rank", "> 1,000,000"),
        _again("site_ranks"),
    ),
    "sprout_profiles": (
        _bad("social_profile_days", "followers", _NO_VALUE, "Audience", ""),
        _bad("social_profile_days", "impressions", _NO_NUMBER, "Impressions", "1.2k"),
        _bad("social_profile_days", "date", _NO_DATE, "Date", "June 3"),
        _again("social_profile_days"),
    ),
    "instagram_posts": (
        _bad("social_posts", "impressions", _NO_NUMBER, "Impressions", "N/A"),
        _bad("social_posts", "published_at", _NO_DATE, "Publish time", "just now"),
        _line("social_posts", _NO_TEXT, "no text"),
        _line("social_posts", _OPEN_QUOTE, "open quote"),
        _again("social_posts"),
    ),
    "brandwatch": (
        _bad("brand_mentions", "mentioned_at", _NO_DATE, "date", "yesterday"),
        _line("brand_mentions", _CUT, "cut"),
        _again("brand_mentions"),
    ),
    "mailchimp_activity": (
        _bad("email_events", "event_at", _NO_DATE, "timestamp", "0000-00-00 00:00:00"),
        # the key is made of it
        _bad("email_events", "event_id", _NO_VALUE, "email_id", ""),
        _no_row("email_events", "an action that is none of ours", "action", "sent"),
        _line("email_events", _LONG, "long"),
        _again("email_events"),
    ),
    "hubspot_email_events": (
        _bad("email_events", "event_at", _NO_DATE, "created", "2026-10-05"),
        _bad("email_events", "campaign", _NO_VALUE, "emailCampaignId", None),
        _no_row("email_events", "an open by a machine", "filteredEvent", True),
        _again("email_events"),
    ),
    "mailchimp_subscribed": (
        _bad("email_subscribers", "subscriber_id", _NO_VALUE, "EUID", ""),
        _bad("email_subscribers", "subscribed_at", _NO_DATE, "OPTIN_TIME", "never"),
        _again("email_subscribers"),
    ),
    "salesforce_leads": (
        _bad("leads", "created_at", _NO_DATE, "CreatedDate", "08.11.2025"),
        _bad("leads", "lead_id", _NO_VALUE, "Id", ""),
        _line("leads", _LONG, "long"),
        _line("leads", _NO_TEXT, "no text"),
        # a row's own moment decides, not its place in the file
        Dirt(
            "an earlier state of the row",
            {"leads": ("repeated", "")},
            {"SystemModstamp": "2020-01-01T00:00:00Z", "Status": "new", "ConvertedDate": ""},
            of=("IsConverted", "true"),
        ),
        _bad("leads", "SystemModstamp", _NO_DATE, "SystemModstamp", "soon"),
    ),
    "hubspot_contacts_internal": (
        _bad("leads", "marketing_qualified_at", _NO_DATE, "hs_lifecyclestage_marketingqualifiedlead_date", "soon"),
        _bad("leads", "created_at", _NO_VALUE, "createdate", ""),
        _line("leads", _CUT, "cut"),
        _again("leads"),
    ),
    "salesforce_opportunities": (
        _bad("opportunities", "amount", _NO_NUMBER, "Amount", "tbd"),
        _bad("opportunities", "closed_on", _NO_DAY, "CloseDate", "2026-09-31"),
        _bad("opportunities", "outcome", _NO_VALUE, "IsWon", ""),
        Dirt(
            "an earlier state of the row",
            {"opportunities": ("repeated", "")},
            {"SystemModstamp": "2020-01-01T00:00:00Z", "StageName": "Discovery", "IsClosed": "false", "IsWon": "false"},
            of=("IsWon", "true"),
        ),
        _bad("opportunities", "score", "infinity", "Score__c", "inf"),
    ),
    "hubspot_deals_internal": (
        _bad("opportunities", "amount", _NO_GROUPS, "amount_in_home_currency", "1,2345"),
        _bad("opportunities", "stage", _NO_VALUE, "dealstage", ""),
        _bad("opportunities", "created_at", _NO_DATE, "createdate", "2026-13-01"),
        _again("opportunities"),
    ),
    "shopify_orders": (
        Dirt(
            _NO_NUMBER,
            {"orders": ("quarantined", "revenue"), "order_lines": ("repeated", "")},
            {"Subtotal": "free"},
            of=("Financial Status", "."),
        ),
        Dirt(
            _NO_NUMBER,
            {"orders": ("left out", ""), "order_lines": ("quarantined", "quantity")},
            {"Lineitem quantity": "two"},
            of=("Financial Status", "^$"),
        ),
        Dirt(_CUT, {"orders": ("quarantined", ""), "order_lines": ("quarantined", "")}, line="cut"),
        Dirt(
            _NO_DATE,
            {"orders": ("quarantined", "ordered_at"), "order_lines": ("repeated", "")},
            {"Created at": "2026-08-15"},
            of=("Financial Status", "."),
        ),
        Dirt(
            "the same row again",
            {"orders": ("repeated", ""), "order_lines": ("repeated", "")},
            of=("Financial Status", "."),
        ),
    ),
    "stripe_subscriptions": (
        _bad("subscriptions", "monthly_amount", "a word that the layout does not know", "Interval", "lifetime"),
        Dirt(
            _NO_VALUE,
            {"subscriptions": ("quarantined", "started_on")},
            {"Start Date (UTC)": "", "Start (UTC)": ""},
        ),
        _no_row("subscriptions", "a trial", "Status", "trialing"),
        _line("subscriptions", _LONG, "long"),
        _again("subscriptions"),
    ),
    "zendesk_tickets": (
        _bad("tickets", "contacts", _NO_NUMBER, "metric_set.replies", "many"),
        _bad("tickets", "created_at", _NO_VALUE, "created_at", None),
        _line("tickets", _CUT, "cut"),
        _line("tickets", _NO_TEXT, "no text"),
        _line("tickets", _NO_OBJECT, "no object"),
        _no_row("tickets", "a deleted ticket", "status", "deleted"),
        Dirt(
            "an earlier state of the row",
            {"tickets": ("repeated", "")},
            {"updated_at": "2020-01-01T00:00:00Z", "metric_set.solved_at": None, "status": "open"},
            of=("status", "solved"),
        ),
    ),
    "typeform_nps": (
        _bad(
            "survey_responses",
            "score",
            _NO_NUMBER,
            "How likely are you to recommend us to a friend or colleague?",
            "very",
        ),
        _bad("survey_responses", "responded_at", _NO_VALUE, "Submit Date (UTC)", ""),
        _again("survey_responses"),
    ),
    "typeform_csat": (
        _bad("survey_responses", "scale_max", _NO_NUMBER, "scale", "five stars"),
        _bad("survey_responses", "responded_at", _NO_DATE, "Submit Date (UTC)", "2026-06-31 10:00:00"),
        _line("survey_responses", _OPEN_QUOTE, "open quote"),
    ),
    "persian_targets": (
        _bad("sales_targets", "period_end", _NO_DAY, "تا تاریخ", "۱۴۰۵/۰۷/۳۱"),
        _bad("sales_targets", "amount", _NO_NUMBER, "هدف", "نامشخص"),
        _bad("sales_targets", "forecast", _NO_GROUPS, "پیش‌بینی", "۱۲٬۳4۵٬۶"),
        _again("sales_targets"),
    ),
    "sales_targets": (
        _bad("sales_targets", "amount", _NO_VALUE, "amount", ""),
        _again("sales_targets"),
    ),
    "sheet_marketing_spend": (
        _bad("marketing_spend", "amount", _NO_NUMBER, "Amount", "see invoice"),
        _bad("marketing_spend", "date", _NO_DATE, "Date", "06/31/2026"),
        _no_row("marketing_spend", "a total among the rows", "Date", "Total June"),
        _again("marketing_spend"),
    ),
    "book_marketing_spend": (
        _bad("marketing_spend", "category", _NO_VALUE, "Category", ""),
        _bad("marketing_spend", "amount", _NO_NUMBER, "Amount", "?"),
        _again("marketing_spend"),
    ),
    "persian_spend": (
        _bad("marketing_spend", "date", _NO_DAY, "تاريخ", "1405/12/31"),
        _bad("marketing_spend", "amount", _NO_NUMBER, "مبلغ", "رايگان"),
        _line("marketing_spend", _LONG, "long"),
        _no_row("marketing_spend", "a total among the rows", "تاريخ", "جمع آبان"),
    ),
    "persian_staff": (
        _bad("employees", "left_on", _NO_DATE, "تاریخ ترک کار", "به‌زودی"),
        _bad("employees", "hired_on", _NO_DAY, "تاریخ استخدام", "۱۴۰۳/۱۳/۰۱"),
        _bad("employees", "employee_id", _NO_VALUE, "شماره پرسنلی", "-"),
        _again("employees"),
    ),
    "bamboohr_employees": (
        _bad("employees", "hired_on", _NO_VALUE, "Hire Date", ""),
        _bad("employees", "left_on", _NO_DATE, "Termination Date", "end of year"),
    ),
    "jira_issues": (
        Dirt(
            _NO_DATE,
            {"projects": ("left out", ""), "tasks": ("quarantined", "due_on")},
            {"Due date": "when it is done"},
            of=("Issue Type", "Story"),
        ),
        Dirt(_CUT, {"projects": ("quarantined", ""), "tasks": ("quarantined", "")}, line="cut"),
        Dirt(
            "an issue that is no plan",
            {"projects": ("left out", ""), "tasks": ("left out", "")},
            {"Due date": ""},
            of=("Issue Type", "Story"),
        ),
        Dirt(
            "the same row again",
            {"projects": ("left out", ""), "tasks": ("repeated", "")},
            of=("Issue Type", "Story"),
        ),
    ),
    # what is in our own columns
    "customers": (
        _bad("customers", "is_key_account", "no yes and no no", "is_key_account", "perhaps"),
        _bad("customers", "created_at", _NO_DATE, "created_at", "long ago"),
        _line("customers", _NO_TEXT, "no text"),
        _again("customers"),
    ),
    "orders": (
        _bad("orders", "revenue", _NO_NUMBER, "revenue", "k.A."),
        _line("orders", _CUT, "cut"),
        _bad("orders", "status", _NO_VALUE, "status", ""),
        _bad("orders", "ordered_at", "infinity", "ordered_at", "infinity"),
        _again("orders"),
        _line("orders", _OPEN_QUOTE, "open quote"),
    ),
    "order_lines": (
        _bad("order_lines", "quantity", _NO_NUMBER, "quantity", "a dozen"),
        _bad("order_lines", "product_id", _NO_VALUE, "product_id", ""),
        _line("order_lines", _LONG, "long"),
        _again("order_lines"),
    ),
    "email_events": (
        _bad("email_events", "event_at", "infinity", "event_at", "'infinity'"),
        _bad("email_events", "event_type", _NO_VALUE, "event_type", "null"),
        _again("email_events"),
    ),
    "opportunity_stage_changes": (
        _bad("opportunity_stage_changes", "entered_at", _NO_DATE, "entered_at", "25 Sept"),
        _again("opportunity_stage_changes"),
    ),
    "contracts": (
        _bad("contracts", "ends_on", _NO_DAY, "ends_on", "2026-02-29"),
        _line("contracts", _CUT, "cut"),
        _again("contracts"),
    ),
    "activities": (
        _bad("activities", "status", _NO_VALUE, "status", "null"),
        _again("activities"),
    ),
    "work_logs": (
        _bad("work_logs", "hours", _NO_VALUE, "hours", "null"),
        _again("work_logs"),
    ),
    "performance_reviews": (
        _bad("performance_reviews", "is_successful", "no yes and no no", "is_successful", "partly"),
        _bad("performance_reviews", "rating", "no number that is finite", "rating", "NaN"),
        _line("performance_reviews", _LONG, "long"),
    ),
    "social_messages": (
        _bad("social_messages", "responded_at", _NO_DATE, "responded_at", "12:70"),
        _line("social_messages", _NO_OBJECT, "no object"),
        _again("social_messages"),
    ),
    "project_costs": (
        _bad("project_costs", "actual_cost", _NO_NUMBER, "actual_cost", "#DIV/0!"),
        _bad("project_costs", "month", _NO_DAY, "month", "2026-06-31"),
        _again("project_costs"),
    ),
    "scope_changes": (
        _bad("scope_changes", "effort_hours", _NO_VALUE, "effort_hours", ""),
        _again("scope_changes"),
    ),
}
"""By the layout of a tool, or by the entity where it is in our own columns: what is planted, spread over its files."""


def of_part(name: str, number: int, parts: int) -> list[Dirt]:
    """What is planted into the file with this `number` of the `parts` that are called `name`."""
    dirt = DIRT.get(name, ())
    return [one for place, one in enumerate(dirt) if place * parts // len(dirt) == number]


def finish_text(
    plain: Path, to: Path, file: str, dressing: Dressing, before: Sequence[str], dirt: Sequence[Dirt], share: float
) -> list[Planted]:
    """Write the rows of `plain` as a tool stores them, with `dirt` among them; returns what was planted.

    Args:
        plain: text in UTF-8, a row a line; CSV has its header.
        to: the file to write; how it is packed follows from its name.
        file: what the file is called below the exports folder.
        dressing: how the text is stored.
        before: lines of a title.
        dirt: what to plant.
        share: the smallest share of the rows that an entity reads.
    """
    is_csv = ".json" not in file
    planted: list[Planted] = []
    with reading(plain) as source, writing(to, dressing) as target:
        for line in before:
            target.write(f"{line}\n")
        header = next(source, "") if is_csv else ""
        target.write(header)
        lines_before = len(before) + is_csv
        head = list(islice(source, _HEAD))
        chosen = _within_limit(dirt, len(head), share)
        soiled = _soiled(head, _RowsOfCsv(header, dressing.delimiter) if is_csv else _RowsOfJson(), chosen)
        written = lines_before
        for line, wrong in soiled:
            target.write(line)
            written += 1
            planted += _places(file, written, wrong)
        for line in source:
            target.write(line)
            written += 1
        # it takes everything below it, so that it stands last
        if wrong := next((one for one in chosen if one.line == "open quote"), None):
            target.write(f'"{head[0]}')
            planted += _places(file, written + 1, wrong)
    return planted


def soil_cells(
    file: str, cells: list[list[str | None]], lines_before: int, dirt: Sequence[Dirt]
) -> tuple[list[list[str | None]], list[Planted]]:
    """The rows of a workbook, header first, with `dirt` among them, and what was planted."""
    header, rows = cells[0], cells[1:]
    soiled: list[list[str | None]] = [header]
    planted: list[Planted] = []
    for row, wrong in _soiled(rows, _RowsOfCells(header), _within_limit(dirt, len(rows), 1.0)):
        soiled.append(row)
        planted += _places(file, lines_before + len(soiled), wrong)
    return soiled, planted


def soil_parquet(
    connection: duckdb.DuckDBPyConnection, plain: Path, to: Path, file: str, dirt: Sequence[Dirt]
) -> list[Planted]:
    """Write the rows of the Parquet file `plain` to `to`, with `dirt` below them; returns what was planted."""
    source = f"read_parquet({literal(str(plain))})"
    counted = connection.execute(f"select count(*) from {source}").fetchone()
    rows = int(counted[0]) if counted else 0
    kinds = {row[0]: row[1] for row in connection.execute(f"describe select * from {source}").fetchall()}
    chosen = _within_limit(dirt, rows, 1.0)
    selects = [f"select * from {source}"]
    for wrong in chosen:
        values = ", ".join(f"cast({sql} as {kinds[header]}) as {quoted(header)}" for header, sql in wrong.set.items())
        selects.append(f"select *{f' replace ({values})' if values else ''} from (select * from {source} limit 1)")
    connection.execute(f"copy ({' union all '.join(selects)}) to {literal(str(to))} (format parquet, compression zstd)")
    return [place for number, wrong in enumerate(chosen, start=rows + 1) for place in _places(file, number, wrong)]


def _places(file: str, line: int, wrong: Dirt | None) -> Iterator[Planted]:
    if wrong:
        for entity, (effect, column) in wrong.effects.items():
            yield Planted(file, line, entity, column, effect, wrong.kind, wrong.value)


def _within_limit(dirt: Iterable[Dirt], rows: int, share: float) -> list[Dirt]:
    """As much of `dirt` as a file of so many `rows` takes without being refused."""
    allowed = int(MOST_OF_A_FILE * share * rows)
    chosen = []
    for one in dirt:
        allowed -= one.is_quarantined
        if allowed >= 0 or not one.is_quarantined:
            chosen.append(one)
    return chosen if rows else []


def _soiled(rows: list[Any], kind: Any, dirt: Sequence[Dirt]) -> Iterator[tuple[Any, Dirt | None]]:
    """The `rows`, in their order, with a wrong one after each that was copied."""
    after: dict[int, list[Dirt]] = {}
    for number, one in enumerate(dirt, start=1):
        if one.line == "open quote":
            continue
        wanted = number * len(rows) // (len(dirt) + 1)
        for place in [*range(wanted, len(rows)), *range(wanted)]:
            if kind.fits(rows[place], one):
                after.setdefault(place, []).append(one)
                break
    for place, row in enumerate(rows):
        yield row, None
        for one in after.get(place, []):
            yield kind.wrong(row, one), one


class _RowsOfCells:
    """Rows of a workbook."""

    def __init__(self, header: list[str | None]) -> None:
        self._header = header

    def fits(self, row: list[str | None], wrong: Dirt) -> bool:
        return wrong.of is None or bool(re.search(wrong.of[1], str(row[self._header.index(wrong.of[0])] or "")))

    def wrong(self, row: list[str | None], wrong: Dirt) -> list[str | None]:
        changed = list(row)
        for header, text in wrong.set.items():
            changed[self._header.index(header)] = text
        return changed


class _RowsOfCsv:
    """Lines of CSV."""

    def __init__(self, header: str, delimiter: str) -> None:
        self._delimiter = delimiter
        self._header = self._fields(header)

    def fits(self, line: str, wrong: Dirt) -> bool:
        return wrong.of is None or bool(re.search(wrong.of[1], self._fields(line)[self._header.index(wrong.of[0])]))

    def wrong(self, line: str, wrong: Dirt) -> str:
        fields = self._fields(line)
        for header, text in wrong.set.items():
            fields[self._header.index(header)] = text
        match wrong.line:
            case "cut":
                fields = fields[: len(fields) // 2]
            case "long":
                fields.append("?")
            case "no text":
                # é as Windows-1252 has it, in the first field that is text for sure
                fields[0] += "\udce9"
        written = io.StringIO()
        csv.writer(written, delimiter=self._delimiter, lineterminator="\n").writerow(fields)
        return written.getvalue()

    def _fields(self, line: str) -> list[str]:
        return next(csv.reader([line], delimiter=self._delimiter))


class _RowsOfJson:
    """Lines of JSON objects."""

    def fits(self, line: str, wrong: Dirt) -> bool:
        return wrong.of is None or bool(re.search(wrong.of[1], str(json.loads(line)[wrong.of[0]])))

    def wrong(self, line: str, wrong: Dirt) -> str:
        match wrong.line:
            case "cut":
                return f"{line[: len(line) // 2]}\n"
            case "no text":
                return f"{line[:2]}\udce9{line[2:]}"
            case "no object":
                return "[]\n"
        value = json.loads(line)
        for path, text in wrong.set.items():
            *folders, name = path.split(".")
            place = value
            for folder in folders:
                place = place[folder]
            place[name] = text
        return f"{json.dumps(value, ensure_ascii=False, separators=(',', ':'))}\n"
