"""The dimensions whose members are simple: the same definition, over the rows that carry the member."""

from __future__ import annotations

_SESSION = {name: f"sessions.{name}" for name in ("channel", "country", "device", "landing_page", "source", "campaign")}
_OPPORTUNITY = {"rep": "opportunities.rep_id"} | {
    name: f"opportunities.{name}" for name in ("source", "product", "segment")
}
_ORDER = {"channel": "orders.channel", "region": "orders.region", "rep": "orders.rep_id"}
_SUPPORT = {"agent": "agent_id", "channel": "channel", "priority": "priority", "category": "category"}


def _of(entity: str, *columns: str) -> dict[str, str]:
    return {column: f"{entity}.{column}" for column in columns}


def _some(columns: dict[str, str], *dimensions: str) -> dict[str, str]:
    return {dimension: columns[dimension] for dimension in dimensions}


DIMENSIONS: dict[str, dict[str, str]] = {
    "page_views": _some(_SESSION, "channel", "country", "device"),
    "organic_traffic": _some(_SESSION, "country", "device", "landing_page"),
    "referral_traffic": _some(_SESSION, "source", "country"),
    "time_on_site": _some(_SESSION, "channel", "device"),
    "average_time_on_page": _some(_SESSION, "channel"),
    "bounce_rate": _some(_SESSION, "channel", "landing_page", "device"),
    "cart_abandonment_rate": _some(_SESSION, "channel", "device"),
    "conversions": _some(_SESSION, "channel"),
    "conversion_rate": _some(_SESSION, "channel", "campaign", "device"),
    "shop_conversion_rate": _some(_SESSION, "channel", "device"),
    "sign_ups": _some(_SESSION, "channel", "campaign"),
    "contact_form_conversion_rate": _some(_SESSION, "channel", "campaign"),
    "search_ranking": _of("search_performance", "query", "page"),
    "branded_search_volume": _of("search_performance", "query"),
    "search_click_through_rate": _of("search_performance", "query", "page"),
    "conversion_rate_per_keyword": _of("ad_performance", "keyword", "campaign"),
    "ad_impressions": _of("ad_performance", "platform", "campaign"),
    "click_through_rate": _of("ad_performance", "platform", "campaign", "keyword"),
    "cost_per_conversion": _of("ad_performance", "platform", "campaign"),
    "inbound_links": _of("backlinks", "source_domain"),
    "new_leads": _of("leads", "source", "campaign"),
    "marketing_qualified_leads": _of("leads", "source", "campaign"),
    "sales_qualified_leads": _of("leads", "source", "campaign"),
    "demos": {"rep": "activities.rep_id"},
    "email_open_rate": _of("email_events", "campaign"),
    "email_click_rate": _of("email_events", "campaign"),
    "followers": _of("social_profile_days", "network", "profile"),
    "follower_growth_rate": _of("social_profile_days", "network", "profile"),
    "reach": _of("social_posts", "network", "profile", "post_type"),
    "social_impressions": _of("social_posts", "network", "profile"),
    "likes": _of("social_posts", "network", "profile"),
    "comments": _of("social_posts", "network", "profile"),
    "likes_and_comments_per_post": _of("social_posts", "network", "profile"),
    "social_shares": _of("social_posts", "network", "profile"),
    "content_share_rate": _of("social_posts", "network", "profile"),
    "engagement_rate": _of("social_posts", "network", "profile", "post_type"),
    "post_click_through_rate": _of("social_posts", "network", "profile"),
    "video_view_rate": _of("social_posts", "network", "profile"),
    "message_response_rate": _of("social_messages", "network"),
    "brand_mentions": _of("brand_mentions", "kind", "outlet", "sentiment", "campaign"),
    "average_order_value": _some(_ORDER, "channel", "region"),
    "successful_orders": _some(_ORDER, "channel", "region"),
    "sales_revenue": _ORDER,
    "sales_growth": _ORDER,
    "sales_count_growth": _some(_ORDER, "channel", "region"),
    "profit_margin_per_rep": _some(_ORDER, "rep"),
    "product_return_rate": _of("order_lines", "product_category"),
    "opportunity_win_rate": _some(_OPPORTUNITY, "rep", "source", "product"),
    "proposal_win_rate": _some(_OPPORTUNITY, "rep", "product"),
    "new_opportunities": _some(_OPPORTUNITY, "source", "rep"),
    "new_opportunity_value": _some(_OPPORTUNITY, "source", "rep"),
    "open_opportunities": _some(_OPPORTUNITY, "rep"),
    "open_pipeline_value": _some(_OPPORTUNITY, "rep"),
    "average_deal_size": _some(_OPPORTUNITY, "rep", "product", "segment"),
    "sales_cycle_length": _some(_OPPORTUNITY, "rep", "product", "segment"),
    "lead_conversion_rate": _of("leads", "source", "campaign") | {"rep": "leads.rep_id"},
    "monthly_recurring_revenue": _of("subscriptions", "plan"),
    "annual_recurring_revenue": _of("subscriptions", "plan"),
    "customer_satisfaction_score": {"channel": "survey_responses.channel", "agent": "survey_responses.agent_id"},
    "first_response_time": {name: f"tickets.{_SUPPORT[name]}" for name in ("channel", "priority", "agent")},
    "first_contact_resolution_rate": _of("tickets", "channel", "category"),
    "repeat_issue_rate": _of("tickets", "category"),
    "on_time_delivery_rate": {"department": "projects.department", "manager": "projects.manager_id"},
    "budget_variance": {"department": "projects.department", "manager": "projects.manager_id"},
    "task_completion_rate": {"project": "tasks.project_id", "assignee": "tasks.assignee_id"},
}
"""By KPI and dimension: the column of the entity, or of the sessions, that holds the member.

Out are dimensions that need a word of their own, such as the product category of an order, and those whose small
groups are not published.
"""
