"""What is planted into the exports of crm."""

from __future__ import annotations

from kpi_sample.dirt.kinds import (
    CUT,
    LONG,
    NO_DATE,
    NO_DAY,
    NO_GROUPS,
    NO_NUMBER,
    NO_OBJECT,
    NO_TEXT,
    NO_VALUE,
    OPEN_QUOTE,
    Dirt,
    again,
    bad,
    bad_line,
    no_row,
)

DIRT: dict[str, tuple[Dirt, ...]] = {
    "salesforce_leads": (
        bad("leads", "created_at", NO_DATE, "CreatedDate", "08.11.2025"),
        bad("leads", "lead_id", NO_VALUE, "Id", ""),
        bad_line("leads", LONG, "long"),
        bad_line("leads", NO_TEXT, "no text"),
        # a row's own moment decides, not its place in the file
        Dirt(
            "an earlier state of the row",
            {"leads": ("superseded", "")},
            {"SystemModstamp": "2020-01-01T00:00:00Z", "Status": "new", "ConvertedDate": ""},
            of=("IsConverted", "true"),
        ),
        bad("leads", "SystemModstamp", NO_DATE, "SystemModstamp", "soon"),
    ),
    "hubspot_contacts_internal": (
        bad("leads", "marketing_qualified_at", NO_DATE, "hs_lifecyclestage_marketingqualifiedlead_date", "soon"),
        bad("leads", "created_at", NO_VALUE, "createdate", ""),
        bad_line("leads", CUT, "cut"),
        again("leads"),
    ),
    "salesforce_opportunities": (
        bad("opportunities", "amount", NO_NUMBER, "Amount", "tbd"),
        bad("opportunities", "closed_on", NO_DAY, "CloseDate", "2026-09-31"),
        bad("opportunities", "outcome", NO_VALUE, "IsWon", ""),
        Dirt(
            "an earlier state of the row",
            {"opportunities": ("superseded", "")},
            {"SystemModstamp": "2020-01-01T00:00:00Z", "StageName": "Discovery", "IsClosed": "false", "IsWon": "false"},
            of=("IsWon", "true"),
        ),
        bad("opportunities", "score", "infinity", "Score__c", "inf"),
    ),
    "hubspot_deals_internal": (
        bad("opportunities", "amount", NO_GROUPS, "amount_in_home_currency", "1,2345"),
        bad("opportunities", "stage", NO_VALUE, "dealstage", ""),
        bad("opportunities", "created_at", NO_DATE, "createdate", "2026-13-01"),
        again("opportunities"),
    ),
    "shopify_orders": (
        Dirt(
            NO_NUMBER,
            {"orders": ("quarantined", "revenue"), "order_lines": ("quarantined", "quantity")},
            {"Subtotal": "free", "Lineitem quantity": "many"},
            of=("Financial Status", "."),
        ),
        Dirt(
            NO_NUMBER,
            {"orders": ("left out", ""), "order_lines": ("quarantined", "quantity")},
            {"Lineitem quantity": "two"},
            of=("Financial Status", "^$"),
        ),
        Dirt(CUT, {"orders": ("quarantined", ""), "order_lines": ("quarantined", "")}, line="cut"),
        Dirt(
            NO_DATE,
            {"orders": ("quarantined", "ordered_at"), "order_lines": ("quarantined", "quantity")},
            {"Created at": "2026-08-15", "Lineitem quantity": "many"},
            of=("Financial Status", "."),
        ),
    ),
    "stripe_subscriptions": (
        bad("subscriptions", "monthly_amount", "a word that the layout does not know", "Interval", "lifetime"),
        Dirt(
            NO_VALUE,
            {"subscriptions": ("quarantined", "started_on")},
            {"Start Date (UTC)": "", "Start (UTC)": ""},
        ),
        Dirt("a trial", {"subscriptions": ("left out", "")}, {"Status": "trialing", "id": "sub_trial"}),
        bad_line("subscriptions", LONG, "long"),
        again("subscriptions"),
    ),
    "zendesk_tickets": (
        bad("tickets", "contacts", NO_NUMBER, "metric_set.replies", "many"),
        bad("tickets", "created_at", NO_VALUE, "created_at", None),
        bad_line("tickets", CUT, "cut"),
        bad_line("tickets", NO_TEXT, "no text"),
        bad_line("tickets", NO_OBJECT, "no object"),
        Dirt("a deleted ticket", {"tickets": ("left out", "")}, {"status": "deleted", "id": 990_000_001}),
        Dirt(
            "an earlier state of the row",
            {"tickets": ("superseded", "")},
            {"updated_at": "2020-01-01T00:00:00Z", "metric_set.solved_at": None, "status": "open"},
            of=("status", "solved"),
        ),
    ),
    "typeform_nps": (
        bad(
            "survey_responses",
            "score",
            NO_NUMBER,
            "How likely are you to recommend us to a friend or colleague?",
            "very",
        ),
        bad("survey_responses", "responded_at", NO_VALUE, "Submit Date (UTC)", ""),
        again("survey_responses"),
    ),
    "typeform_csat": (
        bad("survey_responses", "scale_max", NO_NUMBER, "scale", "five stars"),
        bad("survey_responses", "responded_at", NO_DATE, "Submit Date (UTC)", "2026-06-31 10:00:00"),
        bad_line("survey_responses", OPEN_QUOTE, "open quote"),
    ),
    "persian_targets": (
        bad("sales_targets", "period_end", NO_DAY, "تا تاریخ", "۱۴۰۵/۰۷/۳۱"),
        bad("sales_targets", "amount", NO_NUMBER, "هدف", "نامشخص"),
        bad("sales_targets", "forecast", NO_GROUPS, "پیش‌بینی", "۱۲٬۳4۵٬۶"),
        again("sales_targets"),
    ),
    "sales_targets": (
        bad("sales_targets", "amount", NO_VALUE, "amount", ""),
        again("sales_targets"),
    ),
    "sheet_marketing_spend": (
        bad("marketing_spend", "amount", NO_NUMBER, "Amount", "see invoice"),
        bad("marketing_spend", "date", NO_DATE, "Date", "06/31/2026"),
        no_row("marketing_spend", "a total among the rows", "Date", "Total June"),
    ),
    "book_marketing_spend": (
        bad("marketing_spend", "category", NO_VALUE, "Category", ""),
        bad("marketing_spend", "amount", NO_NUMBER, "Amount", "?"),
    ),
    "persian_spend": (
        bad("marketing_spend", "date", NO_DAY, "تاريخ", "1405/12/31"),
        bad("marketing_spend", "amount", NO_NUMBER, "مبلغ", "رايگان"),
        bad_line("marketing_spend", LONG, "long"),
        no_row("marketing_spend", "a total among the rows", "تاريخ", "جمع آبان"),
    ),
    "customers": (
        bad("customers", "is_key_account", "no yes and no no", "is_key_account", "perhaps"),
        bad("customers", "created_at", NO_DATE, "created_at", "long ago"),
        bad_line("customers", NO_TEXT, "no text"),
        again("customers"),
    ),
    "orders": (
        bad("orders", "revenue", NO_NUMBER, "revenue", "k.A."),
        bad_line("orders", CUT, "cut"),
        bad("orders", "status", NO_VALUE, "status", ""),
        bad("orders", "ordered_at", "infinity", "ordered_at", "infinity"),
        again("orders"),
        bad_line("orders", OPEN_QUOTE, "open quote"),
    ),
    "order_lines": (
        bad("order_lines", "quantity", NO_NUMBER, "quantity", "a dozen"),
        bad("order_lines", "product_id", NO_VALUE, "product_id", ""),
        bad_line("order_lines", LONG, "long"),
        again("order_lines"),
    ),
    "opportunity_stage_changes": (
        bad("opportunity_stage_changes", "entered_at", NO_DATE, "entered_at", "25 Sept"),
        again("opportunity_stage_changes"),
    ),
    "contracts": (
        bad("contracts", "ends_on", NO_DAY, "ends_on", "2026-02-29"),
        bad_line("contracts", CUT, "cut"),
        again("contracts"),
    ),
    "activities": (
        bad("activities", "status", NO_VALUE, "status", "null"),
        again("activities"),
    ),
}
