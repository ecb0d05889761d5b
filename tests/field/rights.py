"""What is right, of every folder beside this file: the table that `test_cases` holds the pipeline to.

It says what each expected.md says. Where a file does not say enough, right is also no number, or one without the rows
that cannot be counted, together with a sentence that says so.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent

AS_OF = dt.date(2026, 4, 30)
BERLIN: dict[str, Any] = {"timezone": "Europe/Berlin", "currency": "USD"}
UTC: dict[str, Any] = {"timezone": "UTC", "currency": "USD"}
HELD = "held"
"""In place of a value: the KPI has none in that period."""


@dataclass(frozen=True)
class Case:
    """Files, and the company that they come from."""

    folder: str
    settings: dict[str, Any] = field(default_factory=lambda: BERLIN)
    as_of: dt.date = AS_OF
    exports: str = "exports"
    later: tuple[str, str] = ("", "")
    """Files that arrive before a second night: their folder, and where they go below the exports."""


@dataclass(frozen=True)
class Right:
    """What has to come of a case."""

    case: str
    kpi: str = ""
    period: str = ""
    """Grain and first day; without one, only what is told counts."""
    value: str = ""
    """``3``, ``1/3`` for numerator and denominator, ``/3`` for a denominator alone, or `HELD`."""
    of: str = "all all"
    """Dimension and member."""
    says: str = ""
    """A sentence that somebody is told, as a regular expression; with `otherwise` only where that stands there."""
    otherwise: str = ""
    """What may also stand there, if `says` is said."""

    never: str = ""
    """A sentence that nobody is told."""

    def __str__(self) -> str:
        member = "" if self.of == "all all" else f" {self.of}"
        if self.kpi:
            return f"{self.case} {self.kpi} {self.period}{member}"
        return f"{self.case} says {self.says}" if self.says else f"{self.case} never {self.never}"


F = dt.date(2026, 9, 30)
BY_NAME = {
    "b09": Case("b09_stripe_plan_change_rewrites_history", UTC),
    "b17": Case("b17_ga4_event_without_session", UTC),
    "b25": Case("b25_european_thousands", UTC),
    "b26": Case("b26_campaign_spelled_differently", UTC),
    "b26b": Case("b26b_campaign_nfc_nfd", UTC),
    "b32": Case("b32_profile_renamed", UTC, dt.date(2026, 3, 31)),
    "b34": Case("b34_returned_order_counts_no_return", UTC, dt.date(2026, 3, 31)),
    "b35": Case("b35_older_file_arrives_late", UTC, later=("late", "crm")),
    "bP2": Case(
        "bP2_tehran_days_weeks_leap",
        {"timezone": "Asia/Tehran", "currency": "USD", "week_start": "saturday"},
        dt.date(2026, 3, 30),
    ),
    "bP4": Case("bP4_json_big_ids_mac_workbook", UTC, dt.date(2026, 3, 31)),
    "f06 A1": Case("f06_workbook_dimension", UTC, F, "exports_b_dim2"),
    "f09": Case("f09_words_of_closed_columns", UTC | {"minimum_group_size": 1}, F),
    "f11 without views": Case("f11_instagram_posts", UTC, F, "exports_g_ig2"),
    "f12": Case("f12_currency_in_the_cell", UTC | {"currency": "EUR"}, F),
    "f12 in rial": Case("f12_currency_in_the_cell", UTC | {"currency": "IRR"}, F),
    "f13 kinds": Case("f13_persian_spelling", UTC | {"currency": "IRR"}, F, "exports_e_kind"),
    "f13 sheet": Case("f13_persian_spelling", UTC | {"currency": "IRR"}, F, "exports_e_sheet"),
    "f13": Case("f13_persian_spelling", UTC | {"currency": "IRR"}, F),
    "f16 200": Case("f16_salesforce_report_footer", UTC, F, "exports_d_sf2"),
}
"""The cases that are run otherwise than most: days in Berlin until the end of April, and f.. in UTC."""

MARCH, FEBRUARY, JANUARY, SEPTEMBER = (f"month 2026-{month:02}-01" for month in (3, 2, 1, 9))
APRIL = "month 2026-04-01"
RIGHTS = [
    # What a row is, and what replaces it.
    Right("b01", "successful_orders", "month 2025-09-01", "1"),
    Right("b01", "sales_revenue", "month 2025-09-01", "120"),
    Right("b03b", "task_completion_rate", MARCH, "1/1"),
    Right("b04a", "product_return_rate", MARCH, "1/4"),
    Right("b04c", "ad_impressions", FEBRUARY, "1300"),
    Right("b04c", "cost_per_conversion", FEBRUARY, "120/5"),
    Right("b04d", "ad_impressions", JANUARY, "1700"),
    Right("b04d", "cost_per_conversion", JANUARY, "70/5"),
    Right("b04e", "budget_variance", MARCH, "480/1200"),
    Right("b12", "new_leads", JANUARY, "1"),
    Right("b13", "new_leads", FEBRUARY, "2"),
    Right("b14", "page_views", "day 2026-03-12", "2"),
    Right("b18", "ad_impressions", MARCH, "3320"),
    Right("b18", "cost_per_conversion", MARCH, "332/15"),
    Right("b27", "average_time_in_stage", MARCH, "10", of="stage Proposal"),
    Right("b28", "employee_turnover_rate", MARCH, "1/9.5", otherwise="0/9", says="E10"),
    Right("b28", "employee_retention_rate", MARCH, "9/10", otherwise="9/9", says="E10"),
    Right("b30", "successful_orders", JANUARY, "2"),
    Right("b30", "sales_revenue", JANUARY, "125"),
    Right("b35", "successful_orders", MARCH, "1"),
    Right("b35", "sales_revenue", MARCH, "500"),
    Right("f01", "ad_impressions", SEPTEMBER, "9500"),
    Right("f01", "cost_per_conversion", SEPTEMBER, "322.1/7"),
    Right("f01", "click_through_rate", SEPTEMBER, "150/9500"),
    # Money.
    Right("b08", "sales_revenue", FEBRUARY, HELD, otherwise="50", says="EUR"),
    Right("b08", "cost_per_conversion", "month 2025-12-01", HELD, otherwise="0/0", says="EUR"),
    Right("f04", "sales_revenue", SEPTEMBER, HELD, otherwise="100", says="EUR"),
    Right("f05", "monthly_recurring_revenue", SEPTEMBER, HELD, otherwise="319", says="(?i)EUR.*JPY|JPY.*EUR"),
    Right("f12", "marketing_roi", SEPTEMBER, "/1250", otherwise=HELD, says="GBP|£"),
    Right("f12", says="IRR|ریال"),
    Right("f12 in rial", says="EUR on 2026-08-23: no rate"),
    # Values.
    Right("b05", "successful_orders", "month 2025-11-01", "3", otherwise=HELD, says="rounded"),
    Right("b05", "sales_revenue", "month 2025-11-01", "600", otherwise=HELD, says="rounded"),
    Right("b06", "new_customers", "month 2025-12-01", "0"),
    Right("b10", "opportunity_win_rate", MARCH, "0/0"),
    Right("b10", "opportunity_win_rate", APRIL, "1/1"),
    Right("b10", "new_opportunities", MARCH, "1", of="source merged"),
    Right("b10", "new_opportunities", MARCH, "0", of="source archived"),
    Right("b25", "sales_revenue", "month 2025-11-01", "4550", otherwise=HELD, says="decimal_mark"),
    Right("bP1", "first_response_time", "month 2025-03-01", "20", of="channel web"),
    Right("bP1", "first_response_time", "month 2025-10-01", "140", of="channel web"),
    Right("bP1", "first_response_time", "month 2025-03-01", "10", of="channel gap"),
    Right("bP2", "page_views", "day 2025-07-10", "1"),
    Right("bP2", "page_views", "day 2025-07-11", "1"),
    Right("bP2", "page_views", "day 2022-07-11", "1"),
    Right("bP2", "page_views", "day 2022-03-21", "1"),
    Right("bP2", "page_views", "day 2022-03-22", "2"),
    Right("bP2", "page_views", "day 2022-09-21", "1"),
    Right("bP2", "page_views", "day 2026-03-10", "1"),
    Right("bP2", "page_views", "day 2026-03-11", "1"),
    Right("bP2", "time_on_site", "day 2026-03-10", "1800"),
    Right("bP2", "sales_revenue", "jalali_month 2025-02-19", "7"),
    Right("bP2", "sales_revenue", "jalali_month 2025-03-21", "5"),
    Right("bP2", "sales_revenue", "week 2020-12-26", "3"),
    Right("bP2", "sales_revenue", "week 2021-01-02", "4"),
    Right("bP2", "successful_orders", "week 2026-03-28", "3"),
    Right("bP2", "sales_growth", MARCH, "20/280"),
    Right("bP3", "sales_revenue", "day 2025-05-31", "200"),
    Right("bP3", "sales_revenue", "day 2025-06-01", "100"),
    Right("bP3", "successful_orders", "month 2025-06-01", "5"),
    Right("bP3", "new_customers", "month 2025-08-01", "3"),
    Right("bP4", "successful_orders", FEBRUARY, "4"),
    Right("bP4", "sales_revenue", FEBRUARY, "15"),
    Right("bP4", "sales_revenue", "month 2025-06-01", "50"),
    Right("f08", "sales_revenue", SEPTEMBER, "175", otherwise=HELD, says="orders_2026-09.csv.*no timestamp.*formats"),
    Right("f08", "marketing_roi", SEPTEMBER, "/1299", otherwise=HELD, says="%y"),
    Right("f08", says="orders_1405-06.csv.*jalali"),
    Right("f09", "sales_revenue", SEPTEMBER, "110", says='"paid".*"fulfilled"|"fulfilled".*"paid"'),
    Right("f09", "net_promoter_score", SEPTEMBER, "100/3"),
    Right("f09", "email_open_rate", SEPTEMBER, "1/2"),
    Right("f09", "employee_turnover_rate", SEPTEMBER, "1/1.5"),
    Right("f11", "social_impressions", SEPTEMBER, "3500", otherwise=HELD, says="rounded"),
    Right("f11 without views", "likes", SEPTEMBER, "720", otherwise="800", says="impressions|Views"),
    # Files.
    Right("f06", "marketing_roi", SEPTEMBER, "/1000"),
    Right("f06", "sales_revenue", SEPTEMBER, "80"),
    Right("f06", "successful_orders", SEPTEMBER, "8"),
    Right("f06 A1", "marketing_roi", SEPTEMBER, "/1000"),
    Right("f07", "marketing_roi", "month 2026-07-01", "/1400"),
    Right("f07", "marketing_roi", "month 2026-08-01", "/1600"),
    Right("f07", "marketing_roi", SEPTEMBER, "/1800"),
    Right("f13 kinds", "employee_turnover_rate", SEPTEMBER, "0/11"),
    Right("f13 sheet", "employee_turnover_rate", SEPTEMBER, "0/12"),
    Right("f13", "employee_turnover_rate", SEPTEMBER, "0/12"),
    Right("f13", says=r"persian_sales_targets_1405\.xlsx: loaded"),
    Right("f16", "opportunity_win_rate", SEPTEMBER, "1/2"),
    Right("f16 200", "opportunity_win_rate", SEPTEMBER, "200/200"),
    Right("f17", "marketing_roi", SEPTEMBER, "/1500"),
    Right("f19", never="jira_issues_2024-06-30.csv: refused"),
    Right("f19", says="jira_issues_2026-09-30.csv.*10 rows.*Due date.*empty"),
    Right("f20", says=r"(?<!/)orders_export_1\.csv.*shopify_orders"),
    Right("f20", says=r"crm/orders_export_1\.csv.*shopify_orders"),
    Right("f20", says=r"shopify/orders_export_1\.csv.*shopify_orders"),
    Right("f20", says=r"shopify_orders_2026-09-30\.CSV: refused: .*EUR on .*no rate"),
    Right("f20", says=r"crm/subscriptions\.csv: refused: .*EUR on .*no rate"),
    Right("f20", says=r"customers_export\.csv.*(add-an-export|kpi layout)"),
    Right("f20", says=r"campaigns\.csv.*(add-an-export|kpi layout|mailchimp)"),
    Right("f20", says=r"meta_ads_2026-09-02\.xlsx.*meta_ads"),
    Right("f20", says=r"zendesk_tickets_2026-09\.csv.*zendesk"),
    Right("f20", says=r"report1693500000\.xls.*save it as \.xlsx"),
    *[
        Right("f20", says=rf"{name}.*(add-an-export|kpi layout|matomo|pipedrive|woocommerce)")
        for name in ("Matomo_Export", "ga4_report", "deals-1234567-1", "unified_payments", "woocommerce_orders")
    ],
    # Definitions.
    Right("b09", "monthly_recurring_revenue", MARCH, "50", of="plan change"),
    Right("b09", "monthly_recurring_revenue", APRIL, "100", of="plan change"),
    Right("b09", "churn_rate", FEBRUARY, "0/2"),
    Right("b15", "conversion_rate", "day 2026-03-10", "1/1", of="channel paid_search"),
    Right("b15", "conversion_rate", "day 2026-03-10", "1/1", of="campaign Spring"),
    Right("b16", "conversions", "day 2026-03-14", "1", of="conversion_event purchase"),
    Right("b16", "shop_conversion_rate", "day 2026-03-14", "1/2"),
    Right("b17", "page_views", "day 2026-03-16", "18"),
    Right("b17", "conversions", "day 2026-03-16", "2"),
    Right("b20", "employee_turnover_rate", MARCH, "1/10.5"),
    Right("b20", "employee_turnover_rate", "month 2025-08-01", "/10"),
    Right("b20", "employee_turnover_rate", APRIL, "/10"),
    Right("b21", "email_open_rate", MARCH, "2/4"),
    Right("b21", "email_open_rate", "week 2026-03-02", "0/2"),
    Right("b21", "email_open_rate", "week 2026-03-09", "2/2"),
    Right("b22", "email_list_growth_rate", FEBRUARY, "-1/3"),
    Right("b22", "email_list_growth_rate", MARCH, "1/2"),
    Right("b26", "marketing_roi", "month 2025-10-01", "100/100"),
    Right("b26", "marketing_roi", "month 2025-10-01", "100/100", of="campaign Spring Sale"),
    Right("b26", "marketing_roi", "month 2025-10-01", "100/100", of="channel web"),
    Right("b26b", "marketing_roi", "month 2025-07-01", "100/100", of="campaign Frühling"),
    Right("b26b", "marketing_roi", "month 2025-07-01", "100/100", of="campaign Sale"),
    Right("b32", "followers", MARCH, "10200"),
    Right("b34", "product_return_rate", MARCH, "2/4"),
]


def case_of(name: str) -> Case:
    """The case called `name`: as `BY_NAME` has it, else the folder that begins so."""
    if name in BY_NAME:
        return BY_NAME[name]
    [folder] = CASES.glob(f"{name}_*")
    return Case(folder.name, UTC, F) if name.startswith("f") else Case(folder.name)
