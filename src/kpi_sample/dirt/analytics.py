"""What is planted into the exports of analytics."""

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
    "ga4_events_parquet": (
        bad("web_events", "event_name", NO_VALUE, "event_name", "null"),
        bad("web_events", "event_at", NO_VALUE, "event_timestamp", "null"),
        no_row("web_events", "a ping without a visitor", "user_pseudo_id", "null"),
    ),
    "ga4_events_json": (
        bad("web_events", "event_at", NO_DATE, "event_timestamp", "yesterday"),
        bad_line("web_events", CUT, "cut"),
        bad("web_events", "event_name", NO_VALUE, "event_name", None),
        bad_line("web_events", NO_TEXT, "no text"),
        no_row("web_events", "a ping without a visitor", "user_pseudo_id", None),
    ),
    "search_console_table": (
        bad("search_performance", "position", NO_NUMBER, "Average Position", "n/a"),
        bad("search_performance", "query", NO_VALUE, "Query", ""),
        bad_line("search_performance", CUT, "cut"),
    ),
    "search_console_api": (
        bad("search_performance", "clicks", "a whole number with a fraction", "clicks", 12.5),
        bad("search_performance", "date", NO_DAY, "date", "2026-02-30"),
    ),
    "google_ads": (
        bad("ad_performance", "spend", NO_GROUPS, "Cost", "12,34"),
        no_row("ad_performance", "a total among the rows", "Day", "Total: Campaign"),
        bad("ad_performance", "date", NO_DATE, "Day", "last Tuesday"),
        bad_line("ad_performance", LONG, "long"),
    ),
    "google_ads_excel": (
        bad("ad_performance", "clicks", NO_NUMBER, "Clicks", "#REF!"),
        bad("ad_performance", "impressions", NO_VALUE, "Impr.", "--"),
        bad_line("ad_performance", CUT, "cut"),
    ),
    "meta_ads": (
        bad("ad_performance", "spend", NO_NUMBER, "Amount spent (EUR)", "about 500", of=("Campaign name", ".")),
        bad("ad_performance", "date", NO_VALUE, "Day", "", of=("Campaign name", ".")),
        no_row("ad_performance", "a total among the rows", "Campaign name", ""),
    ),
    "ahrefs_backlinks": (
        bad("backlinks", "first_seen_on", NO_VALUE, "first_seen_link", None),
        bad("backlinks", "lost_on", NO_DATE, "last_seen", "long ago"),
        bad_line("backlinks", NO_OBJECT, "no object"),
        again("backlinks"),
    ),
    "tranco": (
        bad("site_ranks", "rank", NO_NUMBER, "rank", "> 1,000,000"),
        again("site_ranks"),
    ),
    "sprout_profiles": (
        bad("social_profile_days", "followers", NO_VALUE, "Audience", ""),
        bad("social_profile_days", "impressions", NO_NUMBER, "Impressions", "1.2k"),
        bad("social_profile_days", "date", NO_DATE, "Date", "June 3"),
        again("social_profile_days"),
    ),
    "instagram_posts": (
        bad("social_posts", "impressions", NO_NUMBER, "Impressions", "N/A"),
        bad("social_posts", "published_at", NO_DATE, "Publish time", "just now"),
        bad_line("social_posts", NO_TEXT, "no text"),
        bad_line("social_posts", OPEN_QUOTE, "open quote"),
        again("social_posts"),
    ),
    "brandwatch": (
        bad("brand_mentions", "mentioned_at", NO_DATE, "date", "yesterday"),
        bad_line("brand_mentions", CUT, "cut"),
        again("brand_mentions"),
    ),
    "mailchimp_activity": (
        bad("email_events", "event_at", NO_DATE, "timestamp", "0000-00-00 00:00:00"),
        # the key is made of it
        bad("email_events", "event_id", NO_VALUE, "email_id", ""),
        no_row("email_events", "an action that is none of ours", "action", "sent"),
        bad_line("email_events", LONG, "long"),
        again("email_events"),
    ),
    "hubspot_email_events": (
        bad("email_events", "event_at", NO_DATE, "created", "2026-10-05"),
        bad("email_events", "campaign", NO_VALUE, "emailCampaignId", None),
        no_row("email_events", "an open by a machine", "filteredEvent", True),
        again("email_events"),
    ),
    "mailchimp_subscribed": (
        bad("email_subscribers", "subscriber_id", NO_VALUE, "EUID", ""),
        bad("email_subscribers", "subscribed_at", NO_DATE, "OPTIN_TIME", "never"),
        again("email_subscribers"),
    ),
    "email_events": (
        bad("email_events", "event_at", "infinity", "event_at", "'infinity'"),
        bad("email_events", "event_type", NO_VALUE, "event_type", "null"),
        again("email_events"),
    ),
    "social_messages": (
        bad("social_messages", "responded_at", NO_DATE, "responded_at", "12:70"),
        bad_line("social_messages", NO_OBJECT, "no object"),
        again("social_messages"),
    ),
}
