"""The sample company: the same seed gives the same bytes, its tables agree, and the pipeline reads all of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import duckdb
import pytest
from company import Company

from kpi_pipeline.contracts.export import Entity
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.ingest.ingest import ingest
from kpi_sample import (
    DEFAULT_AS_OF,
    DEFAULT_ROWS,
    DEFAULT_SEED,
    MINIMUM_ROWS,
    build_company,
    write_sample,
)
from kpi_sample.company import first_day, sample_entities
from kpi_sample.writers import FORMS

FEW_ROWS = 10_000

PLANS = {
    ("campaigns", "ended_on"),
    ("contracts", "starts_on"),
    ("contracts", "ends_on"),
    ("sales_targets", "period_start"),
    ("sales_targets", "period_end"),
    ("projects", "planned_start_on"),
    ("projects", "planned_end_on"),
    ("tasks", "due_on"),
}
"""What may lie after as_of, because it is a plan."""


def built(rows: int, as_of: dt.date = DEFAULT_AS_OF, seed: int = DEFAULT_SEED) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    build_company(connection, rows, seed, as_of)
    return connection


@pytest.fixture(scope="module")
def company() -> Iterator[duckdb.DuckDBPyConnection]:
    """The company that everybody gets. For reading only."""
    with built(DEFAULT_ROWS) as connection:
        yield connection


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sample's exports in our own columns. For reading only."""
    to = tmp_path_factory.mktemp("sample")
    write_sample(to, rows=FEW_ROWS, layouts="canonical")
    return to


@pytest.fixture(scope="module")
def tools_exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same company's exports as its tools write them. For reading only."""
    to = tmp_path_factory.mktemp("tools_sample")
    write_sample(to, rows=FEW_ROWS)
    return to


def entities() -> list[Entity]:
    return sample_entities()


def value(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# The same seed, the same bytes


@pytest.mark.parametrize("layouts", ["tools", "canonical"])
def test_same_seed_gives_same_bytes_on_other_threads_and_less_memory(
    layouts: Literal["tools", "canonical"], exports: Path, tools_exports: Path, tmp_path: Path
) -> None:
    write_sample(tmp_path / "again", rows=FEW_ROWS, layouts=layouts, threads=4, memory_limit="400MB")
    first, second = digests(tools_exports if layouts == "tools" else exports), digests(tmp_path / "again")
    assert len(first) > len(entities())
    assert second == first


def test_another_seed_is_another_company(exports: Path, tmp_path: Path) -> None:
    write_sample(tmp_path / "other", rows=FEW_ROWS, seed=7, layouts="canonical")
    first, second = digests(exports), digests(tmp_path / "other")
    assert second.keys() == first.keys()
    # the campaigns and their budgets stand in the calendar, not in the dice
    same = {name for name in first if first[name] == second[name]}
    assert same == {"crm/campaigns.jsonl"}


def test_rows_follow_rows(company: duckdb.DuckDBPyConnection) -> None:
    with built(DEFAULT_ROWS // 4) as quarter:
        events = value(quarter, "select count(*) from web_events")
        assert events == pytest.approx(DEFAULT_ROWS / 4, rel=0.02)
        assert value(company, "select count(*) from web_events") == pytest.approx(DEFAULT_ROWS, rel=0.02)
        for entity in ("orders", "order_lines", "leads", "customers", "tickets", "email_events"):
            ratio = value(company, f"select count(*) from {entity}") / value(quarter, f"select count(*) from {entity}")
            assert ratio == pytest.approx(4, rel=0.2), entity
        for entity in ("employees", "projects", "site_ranks"):
            assert value(company, f"select count(*) from {entity}") == value(quarter, f"select count(*) from {entity}")


# The tables agree with one another. Each query finds the rows that do not.

CONTRADICTIONS = {
    "an order line without its order": "from order_lines anti join orders using (order_id)",
    "an order without lines": "from orders anti join order_lines using (order_id)",
    "lines that do not add up to the order": """
        from (select order_id, sum(revenue) as revenue from order_lines group by order_id) as lines
        inner join orders using (order_id) where lines.revenue <> orders.revenue
    """,
    "discounts that are not what the lines lost": """
        from (
            select order_id, sum(quantity * unit_price - revenue) as discount from order_lines group by order_id
        ) as lines
        inner join orders using (order_id) where lines.discount <> orders.discount
    """,
    "more returned than sold": "from order_lines where quantity_returned > quantity or quantity_returned < 0",
    "a returned order that nothing came back of": """
        from orders inner join order_lines using (order_id)
        where status = 'returned' and quantity_returned is distinct from quantity
    """,
    "an order that is sold below its cost, and not by a discount": "from orders where cost > revenue + discount",
    "an order of nobody who is a customer": """
        from orders anti join customers using (customer_id) where customer_id is not null
    """,
    "an order before its customer": """
        from orders inner join customers using (customer_id) where ordered_at < created_at
    """,
    "a second first order": """
        select customer_id from orders where sale_type = 'new' and customer_id is not null
        group by customer_id having count(*) > 1
    """,
    "an order of a rep who is not there": """
        from orders left join sales_reps using (rep_id)
        where orders.rep_id is not null
            and (active_from is null or ordered_at::date not between active_from and coalesce(active_to, '9999-12-31'))
    """,
    "a field order without a rep": "from orders where channel = 'field_sales' and rep_id is null",
    "a purchase on the web that is no order": """
        from web_events anti join orders
            on web_events.event_at + interval 2 seconds = orders.ordered_at
            and web_events.event_value = orders.revenue and web_events.channel = orders.channel
        where event_name = 'purchase'
    """,
    "an enquiry on the web that is no lead": """
        from web_events anti join leads
            on web_events.event_at + interval 5 seconds = leads.created_at
            and web_events.source = leads.source and web_events.campaign is not distinct from leads.campaign
        where event_name in ('generate_lead', 'contact_form_submit')
    """,
    "a visit of two people or from two places": """
        select session_id from web_events group by session_id
        having count(distinct (visitor_id, source, medium, channel, coalesce(campaign, ''), country, device)) > 1
    """,
    "a visit that does not begin with a page": """
        from (select session_id, arg_min(event_name, event_at) as first_event from web_events group by session_id) as v
        where first_event <> 'page_view'
    """,
    "a purchase without a cart": """
        from web_events anti join (select session_id from web_events where event_name = 'add_to_cart') as carts
            using (session_id)
        where event_name = 'purchase'
    """,
    "a visitor who moves house": """
        select visitor_id from web_events group by visitor_id having count(distinct country) > 1
    """,
    "a lead that goes backwards": """
        from leads
        where marketing_qualified_at < created_at or sales_qualified_at < marketing_qualified_at
            or converted_at < sales_qualified_at or (sales_qualified_at is not null and marketing_qualified_at is null)
    """,
    "a lead that became nobody": "from leads anti join customers using (customer_id) where customer_id is not null",
    "an opportunity of no lead": "from opportunities anti join leads using (lead_id) where lead_id is not null",
    "an opportunity before its lead": """
        from opportunities inner join leads using (lead_id) where opportunities.created_at < leads.sales_qualified_at
    """,
    "a won opportunity without a customer": """
        from opportunities anti join customers using (customer_id) where outcome = 'won'
    """,
    "an outcome that is not that of the stage": """
        from opportunities where outcome <> case stage
            when 'Closed Won' then 'won' when 'Closed Lost' then 'lost' else 'open' end
    """,
    "an opportunity closed without a day, or open with one": """
        from opportunities where (outcome = 'open') <> (closed_on is null) or closed_on < created_at::date
    """,
    "a stage of no opportunity": "from opportunity_stage_changes anti join opportunities using (opportunity_id)",
    "stages that do not follow one another": """
        from (
            select *, lead(entered_at) over (partition by opportunity_id order by entered_at) as next_at
            from opportunity_stage_changes
        ) as stages
        where left_at is distinct from next_at
    """,
    "an opportunity that is not in its last stage": """
        from (select opportunity_id, arg_max(stage, entered_at) as last_stage from opportunity_stage_changes group by 1)
        inner join opportunities using (opportunity_id) where stage <> last_stage
    """,
    "a proposal before the stage of that name": """
        from opportunities inner join opportunity_stage_changes as stages
            on opportunities.opportunity_id = stages.opportunity_id and stages.stage = 'Proposal'
        where proposal_sent_at < entered_at
    """,
    "an activity about nothing": """
        from activities
        left join opportunities using (opportunity_id)
        left join leads on activities.lead_id = leads.lead_id
        where opportunities.opportunity_id is null and leads.lead_id is null
    """,
    "a subscription of nobody": "from subscriptions anti join customers using (customer_id)",
    "a subscription that ends before it begins": "from subscriptions where ended_on <= started_on",
    "two subscriptions of a customer at once": """
        from (
            select *, lead(started_on) over (partition by customer_id order by started_on) as next_on from subscriptions
        ) as rows
        where next_on < coalesce(ended_on, '9999-12-31')
    """,
    "a contract of nobody": "from contracts anti join customers using (customer_id)",
    "contracts with a gap": """
        from (
            select *, lead(starts_on) over (partition by customer_id order by starts_on) as next_on from contracts
        ) as rows
        where next_on <> ends_on or (next_on is null) <> (renewed_on is null)
    """,
    "a contract renewed before it began or after it ended": """
        from contracts where renewed_on not between starts_on and ends_on
    """,
    "a ticket of nobody": "from tickets anti join customers using (customer_id) where customer_id is not null",
    "a ticket solved before it was answered": """
        from tickets
        where first_response_at < created_at or resolved_at < first_response_at
            or (resolved_at is not null and (first_response_at is null or contacts < 1))
    """,
    "a survey of nobody": """
        from survey_responses anti join customers using (customer_id) where customer_id is not null
    """,
    "a score off its scale": """
        from survey_responses
        where score not between case survey_type when 'nps' then 0 else 1 end and coalesce(scale_max, 5)
    """,
    "more clicks than impressions": """
        from (
            select clicks, impressions from ad_performance union all select clicks, impressions from search_performance
        ) as rows
        where clicks > impressions
    """,
    "a place in search before the first": "from search_performance where position < 1",
    "media spend that the ads did not bill": """
        from (select date, campaign, sum(spend) as spend from ad_performance group by all) as ads
        full join (
            select date, campaign, sum(amount) as amount from marketing_spend where category = 'media' group by all
        ) as media using (date, campaign)
        -- what is billed in euros has parts of a cent
        where abs(coalesce(spend, 0) - coalesce(amount, 0)) > 0.01
    """,
    "a campaign's cost without the campaign": """
        from marketing_spend anti join campaigns using (campaign)
        where campaign is not null and category <> 'media'
    """,
    "a campaign that ends before it begins": "from campaigns where ended_on < started_on",
    "a mail to somebody who has left": """
        from email_events inner join email_subscribers on recipient_id = subscriber_id
        where event_type = 'delivered' and event_at > unsubscribed_at
    """,
    "a mail to somebody who is not there yet": """
        from email_events left join email_subscribers on recipient_id = subscriber_id
        where subscribed_at is null or event_at < subscribed_at
    """,
    "an opened mail that was not delivered": """
        from email_events as opens anti join (from email_events where event_type = 'delivered') as mails
            on opens.recipient_id = mails.recipient_id and opens.campaign = mails.campaign
            and opens.event_at >= mails.event_at
        where opens.event_type not in ('delivered', 'bounce')
    """,
    "an unsubscribed subscriber without the click": """
        from email_subscribers anti join email_events
            on subscriber_id = recipient_id and event_type = 'unsubscribe' and unsubscribed_at = event_at
        where unsubscribed_at is not null
    """,
    "a post that reached more people than it was shown": "from social_posts where reach > impressions",
    "views of something that is no video": """
        from social_posts where (video_views is null) <> (post_type <> 'video') or video_views > impressions
    """,
    "an answer before the message": "from social_messages where responded_at < received_at",
    "a link lost before it was found": "from backlinks where lost_on < first_seen_on",
    "somebody who left before being hired": "from employees where left_on < hired_on",
    "a reason without leaving, or leaving without one": """
        from employees where (left_on is null) <> (leaving_reason is null)
    """,
    "work or a review outside employment": """
        from (
            select employee_id, worked_on as day from work_logs union all
            select employee_id, reviewed_on as day from performance_reviews
        ) as rows
        left join employees using (employee_id)
        where hired_on is null or day not between hired_on and coalesce(left_on, '9999-12-31')
    """,
    "a task, cost or change of no project": """
        from (
            select project_id from tasks union all select project_id from project_costs union all
            select project_id from scope_changes
        ) as rows
        anti join projects using (project_id)
    """,
    "a project that nobody manages, or a stranger": """
        from projects anti join employees on manager_id = employee_id
    """,
    "a task of a stranger": "from tasks anti join employees on assignee_id = employee_id",
    "a project done without its tasks": """
        from projects inner join tasks using (project_id)
        where status = 'completed' and (tasks.completed_on is null or tasks.completed_on > projects.completed_on)
    """,
    "a project whose baseline is not its tasks": """
        from (select project_id, sum(planned_effort_hours) as hours from tasks group by project_id) as sums
        inner join projects using (project_id) where baseline_effort_hours <> hours
    """,
    "a month of cost before the project": """
        from project_costs inner join projects using (project_id) where month < date_trunc('month', planned_start_on)
    """,
    "a target that is not a month": """
        from sales_targets where day(period_start) <> 1 or period_end <> last_day(period_start)
    """,
    "a target of a rep who is not there": """
        from sales_targets left join sales_reps using (rep_id)
        where sales_targets.rep_id is not null
            and (active_from is null or active_from > period_end or active_to < period_start)
    """,
}


def contradictions(connection: duckdb.DuckDBPyConnection, sentence: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"from ({CONTRADICTIONS[sentence]}) limit 3").fetchall()


@pytest.mark.parametrize("sentence", CONTRADICTIONS)
def test_there_is_no(sentence: str, company: duckdb.DuckDBPyConnection) -> None:
    assert contradictions(company, sentence) == []


def test_every_entity_and_every_column_is_filled(company: duckdb.DuckDBPyConnection) -> None:
    declared = entities()
    assert len(declared) == 33
    assert set(FORMS) == {entity.name for entity in declared}
    empty = [
        f"{entity.name}.{column.name}"
        for entity in declared
        for column in entity.columns
        if value(company, f'select count("{column.name}") from {entity.name}') == 0
    ]
    assert empty == []


def test_required_columns_are_never_empty_and_keys_are_unique(company: duckdb.DuckDBPyConnection) -> None:
    for entity in entities():
        rows = value(company, f"select count(*) from {entity.name}")
        for column in entity.columns:
            if column.required:
                assert value(company, f'select count("{column.name}") from {entity.name}') == rows, column.name
                if column.data_type == "text":
                    assert value(company, f"select count(*) from {entity.name} where trim(\"{column.name}\") = ''") == 0
        key = ", ".join(entity.key)
        assert value(company, f"select count(*) from (select distinct {key} from {entity.name})") == rows, entity.name


def test_nothing_but_plans_lies_after_as_of(company: duckdb.DuckDBPyConnection) -> None:
    dated = [
        (entity.name, column.name)
        for entity in entities()
        for column in entity.columns
        if column.data_type in ("date", "timestamp")
    ]
    assert set(dated) >= PLANS
    after = [
        (entity, column)
        for entity, column in dated
        if value(company, f"select count(*) from {entity} where cast({column} as date) > date '{DEFAULT_AS_OF}'")
    ]
    # a campaign may run when the export is made, or not
    assert set(after) - PLANS == set()
    assert PLANS - {("campaigns", "ended_on")} <= set(after)


def test_a_day_in_the_web_is_unlike_another(company: duckdb.DuckDBPyConnection) -> None:
    company.execute(
        "create temp view visits as "
        "select session_id, min(visitor_id) as visitor_id, min(event_at)::date as day from web_events group by all"
    )
    days = company.execute("select day, count(*) from visits group by day order by day").fetchall()
    assert [day for day, _ in days] == [
        first_day(DEFAULT_AS_OF) + dt.timedelta(days=number) for number in range(len(days))
    ]
    assert days[-1][0] == DEFAULT_AS_OF
    visits = dict(days)
    usual = sorted(visits.values())[len(visits) // 2]
    outage = [day for day, number in days if number < 0.1 * usual]
    assert len(outage) == 2
    assert outage[1] - outage[0] == dt.timedelta(days=1)
    days_of_outage = f"between date '{outage[0]}' and date '{outage[1]}'"
    purchases = f"select count(*) from web_events where event_name = 'purchase' and event_at::date {days_of_outage}"
    assert value(company, purchases) == 0
    # Friday is quiet in Iran and Saturday in Germany
    for market, quiet in (("ir", 5), ("de", 6)):
        by_weekday = dict(
            company.execute(
                "select isodow(day), count(*) from visits where visitor_id like ? group by all", [f"v-{market}-%"]
            ).fetchall()
        )
        assert min(by_weekday, key=by_weekday.__getitem__) == quiet
        assert by_weekday[quiet] < 0.8 * sum(by_weekday.values()) / 7


# What the KPIs will find, by their definitions, over the last twelve months where nothing else is said

BELIEVABLE = {
    "conversion rate": (0.01, 0.05, """
        select avg(is_converted) from (
            select
                max((event_name in ('purchase', 'sign_up', 'generate_lead', 'contact_form_submit'))::int)
                as is_converted
            from web_events group by session_id
        )
    """),
    "shop conversion rate": (0.01, 0.04, """
        select count(distinct session_id) filter (event_name = 'purchase') / count(distinct session_id) from web_events
    """),
    "bounce rate": (0.3, 0.6, """
        select avg((events = 1)::int) from (select count(*) as events from web_events group by session_id)
    """),
    "cart abandonment rate": (0.55, 0.85, """
        select 1 - count(distinct session_id) filter (event_name = 'purchase')
            / count(distinct session_id) filter (event_name = 'add_to_cart') from web_events
    """),
    "returning visitors of a month": (0.1, 0.5, """
        select avg((first_at < month)::int) from (
            select distinct visitor_id, date_trunc('month', event_at) as month,
                min(event_at) over (partition by visitor_id) as first_at
            from web_events
        ) where month >= date '2025-11-01'
    """),
    "search click-through rate": (0.02, 0.1, "select sum(clicks) / sum(impressions) from search_performance"),
    "search ranking": (2, 15, "select sum(position * impressions) / sum(impressions) from search_performance"),
    "ad click-through rate": (0.01, 0.04, "select sum(clicks) / sum(impressions) from ad_performance"),
    "conversion per keyword": (0.01, 0.05, """
        select sum(conversions) / sum(clicks) from ad_performance where keyword is not null
    """),
    "cost per conversion": (30, 150, "select sum(spend) / sum(conversions) from ad_performance"),
    "cost per lead": (10, 100, """
        select sum(amount) / (select count(*) from leads) from marketing_spend where category in ('media', 'agency')
    """),
    "return on marketing investment": (-0.3, 1.5, """
        select sum(revenue - cost) / (select sum(amount) from marketing_spend) - 1
        from orders where status = 'completed' and campaign is not null
    """),
    "email open rate": (0.2, 0.45, """
        select count(distinct (campaign, recipient_id)) filter (event_type = 'open')
            / count(distinct (campaign, recipient_id)) filter (event_type = 'delivered') from email_events
    """),
    "email click rate": (0.01, 0.08, """
        select count(distinct (campaign, recipient_id)) filter (event_type = 'click')
            / count(distinct (campaign, recipient_id)) filter (event_type = 'delivered') from email_events
    """),
    "engagement rate": (0.01, 0.08, "select sum(likes + comments + shares) / sum(impressions) from social_posts"),
    "follower growth over two years": (0.3, 3, """
        select sum(last_followers) / sum(first_followers) - 1 from (
            select arg_max(followers, date) as last_followers, arg_min(followers, date) as first_followers
            from social_profile_days group by network, profile
        )
    """),
    "message response rate": (0.7, 0.98, "select count(responded_at) / count(*) from social_messages"),
    "leads that become customers": (0.03, 0.15, "select count(customer_id) / count(*) from leads"),
    "leads that become opportunities": (0.15, 0.4, """
        select count(distinct opportunities.lead_id) / count(distinct leads.lead_id)
        from leads left join opportunities using (lead_id)
    """),
    "win rate of new business": (0.15, 0.4, """
        select count_if(outcome = 'won') / count_if(outcome <> 'open')
        from opportunities where opportunity_type = 'new_business'
    """),
    "sales cycle": (30, 90, """
        select avg(closed_on - created_at::date) from opportunities
        where outcome = 'won' and opportunity_type = 'new_business'
    """),
    "average order value": (100, 600, "select avg(revenue) from orders where status = 'completed'"),
    "gross margin": (0.3, 0.5, "select sum(revenue - cost) / sum(revenue) from orders where status = 'completed'"),
    "sales growth over the year": (0.02, 0.4, """
        select sum(revenue) filter (ordered_at >= '2025-11-01') / sum(revenue) filter (ordered_at < '2025-11-01') - 1
        from orders where status = 'completed'
    """),
    "product return rate": (0.01, 0.08, "select sum(quantity_returned) / sum(quantity) from order_lines"),
    "repeat purchase rate": (0.3, 0.9, """
        select avg((orders > 1)::int) from (
            select count(*) as orders from orders
            where status = 'completed' and customer_id is not null group by customer_id
        )
    """),
    "upsells and cross-sells in a month": (5, 60, """
        select count(*) / 24 from orders where sale_type in ('upsell', 'cross_sell') and status = 'completed'
    """),
    "target attainment of the company": (0.8, 1.1, """
        select (select sum(revenue) from orders where status = 'completed') / sum(amount)
        from sales_targets where rep_id is null and region is null and period_end <= '2026-10-31'
    """),
    "target attainment of the reps": (0.8, 1.1, """
        select (select sum(revenue) from orders where status = 'completed' and rep_id is not null) / sum(amount)
        from sales_targets where rep_id is not null and period_end <= '2026-10-31'
    """),
    "monthly recurring revenue": (80_000, 250_000, """
        select sum(monthly_amount) from subscriptions where ended_on is null
    """),
    "customer churn in a month": (0.01, 0.04, """
        with months as (select unnest(range(date '2024-11-01', date '2026-11-01', interval 1 month))::date as month),
        opening as (
            select distinct month, customer_id from months inner join subscriptions
                on started_on < month and coalesce(ended_on, '9999-12-31') >= month
        ),
        closing as (
            select distinct month, customer_id from months inner join subscriptions
                on started_on < month + interval 1 month
                and coalesce(ended_on, '9999-12-31') >= month + interval 1 month
        )
        select avg((closing.customer_id is null)::int) from opening left join closing using (month, customer_id)
    """),
    "contract renewal rate": (0.75, 0.95, """
        select count(renewed_on) / count(*) from contracts where ends_on between '2025-11-01' and '2026-10-31'
    """),
    "net promoter score": (20, 60, """
        select 100 * (count_if(score >= 9) - count_if(score <= 6)) / count(*) from survey_responses
        where survey_type = 'nps'
    """),
    "customer satisfaction": (0.65, 0.95, """
        select avg((score >= 0.8 * coalesce(scale_max, 5))::int) from survey_responses where survey_type = 'csat'
    """),
    "answers of key accounts": (20, 1000, """
        select count(*) from survey_responses inner join customers using (customer_id)
        where survey_type = 'csat' and is_key_account
    """),
    "first response in minutes": (30, 400, """
        select avg(date_diff('minute', created_at, first_response_at)) from tickets
    """),
    "first contact resolution rate": (0.4, 0.8, """
        select avg((contacts = 1 and reopened_count = 0)::int) from tickets where resolved_at is not null
    """),
    "repeat issue rate": (0.03, 0.2, """
        select avg(exists(
            select 1 from tickets as earlier
            where earlier.customer_id = tickets.customer_id and earlier.category = tickets.category
                and earlier.created_at between tickets.created_at - interval 720 hours
                    and tickets.created_at - interval 1 second
        )::int) from tickets
    """),
    "employees": (100, 140, "select count(*) from employees where left_on is null"),
    "turnover a year": (0.1, 0.2, """
        select
            count_if(left_on >= '2024-11-01') / 2
            / count_if(hired_on < '2025-11-01' and coalesce(left_on, '9999-12-31') >= '2025-11-01')
        from employees where employment_type is distinct from 'contractor'
    """),
    "hires still there after a year": (0.7, 0.97, """
        select avg((coalesce(left_on, '9999-12-31') >= hired_on + 365)::int) from employees
        where hired_on between '2022-11-01' and '2025-10-31'
    """),
    "units an hour": (1, 3, "select sum(output_units) / sum(hours) from work_logs"),
    "projects in time": (0.5, 0.85, """
        select avg((completed_on <= planned_end_on)::int) from projects where status = 'completed'
    """),
    "budget variance": (-0.1, 0.2, "select sum(actual_cost) / sum(planned_cost) - 1 from project_costs"),
    "tasks done in their month": (0.7, 0.95, """
        select avg((coalesce(completed_on, '9999-12-31') <= last_day(due_on))::int) from tasks
        where due_on <= '2026-10-31'
    """),
    "scope changes": (0.01, 0.2, """
        select sum(effort_hours) filter (status = 'accepted') / (select sum(baseline_effort_hours) from projects)
        from scope_changes
    """),
}  # fmt: skip


@pytest.mark.parametrize("figure", BELIEVABLE)
def test_one_can_believe_the(figure: str, company: duckdb.DuckDBPyConnection) -> None:
    lowest, highest, sql = BELIEVABLE[figure]
    assert lowest <= value(company, sql) <= highest


def test_every_month_has_its_sales_its_leads_and_its_mail(company: duckdb.DuckDBPyConnection) -> None:
    months = value(company, "select count(distinct date_trunc('month', event_at)) from web_events")
    assert months == 24
    for entity, moment in (
        ("orders", "ordered_at"), ("leads", "created_at"), ("tickets", "created_at"), ("email_events", "event_at"),
        ("survey_responses", "responded_at"), ("ad_performance", "date"), ("marketing_spend", "date"),
    ):  # fmt: skip
        assert value(company, f"select count(distinct date_trunc('month', {moment})) from {entity}") == 24, entity


def test_words_are_persian_and_english(company: duckdb.DuckDBPyConnection) -> None:
    for entity, column in (
        ("customers", "segment"), ("orders", "region"), ("order_lines", "product_category"), ("campaigns", "campaign"),
        ("employees", "department"), ("subscriptions", "plan"), ("search_performance", "query"),
        ("tickets", "category"),
    ):  # fmt: skip
        persian = f"select count(*) from {entity} where regexp_matches({column}, '[آ-ی]')"
        latin = f"select count(*) from {entity} where regexp_matches({column}, '[A-Za-z]')"
        assert value(company, persian) > 0, entity
        assert value(company, latin) > 0, entity


@pytest.mark.parametrize("as_of", [dt.date(2024, 2, 29), dt.date(2025, 3, 14)])
def test_a_company_can_end_on_any_day(as_of: dt.date) -> None:
    with built(MINIMUM_ROWS, as_of, seed=3) as connection:
        assert value(connection, "select max(event_at)::date from web_events") == as_of
        assert value(connection, "select min(event_at)::date from web_events") == first_day(as_of)
        for sentence in CONTRADICTIONS:
            assert contradictions(connection, sentence) == [], sentence
        assert [name for name in FORMS if not value(connection, f"select count(*) from {name}")] == []


@pytest.mark.parametrize(
    ("as_of", "first"),
    [
        (dt.date(2026, 10, 31), dt.date(2024, 11, 1)),
        (dt.date(2025, 2, 28), dt.date(2023, 3, 1)),
        (dt.date(2024, 2, 28), dt.date(2022, 2, 28)),
        (dt.date(2024, 2, 29), dt.date(2022, 3, 1)),
    ],
)
def test_twenty_four_months_end_on_as_of(as_of: dt.date, first: dt.date) -> None:
    assert first_day(as_of) == first


# The exports


def test_the_pipeline_loads_every_row_as_it_was(exports: Path, tmp_path: Path) -> None:
    # in another time zone, because moments say theirs
    pipeline = Company.at(tmp_path, exports=exports, timezone="Asia/Tehran")
    report = ingest(pipeline.settings)
    assert report.unclaimed == []
    assert {file.entity for file in report.files} == set(FORMS)
    assert [file for file in report.files if file.status != "loaded" or file.rows_quarantined] == []
    with built(FEW_ROWS) as connection:
        connection.execute(f"attach '{pipeline.settings.warehouse}' as warehouse (read_only)")
        for entity in entities():
            columns = ", ".join(f'"{column.name}"' for column in entity.columns)
            loaded = f"select {columns} from warehouse.raw.{entity.name}"
            made = f"select {columns} from {entity.name}"
            assert value(connection, f"select count(*) from ({made} except all {loaded})") == 0, entity.name
            assert value(connection, f"select count(*) from ({loaded} except all {made})") == 0, entity.name


BESIDE = ["rates.csv", "sample.json", "sample_dirt.csv"]


def test_a_new_sample_replaces_the_one_before(exports: Path, tmp_path: Path) -> None:
    to = tmp_path / "exports"
    shutil.copytree(exports, to)
    (to / ".sample-killed").mkdir()
    report = write_sample(to, rows=MINIMUM_ROWS, as_of=dt.date(2024, 5, 31))
    assert set(digests(exports)) - set(report.files) > {"sample.json"}
    assert sorted(digests(to)) == sorted([*report.files, *BESIDE])
    assert sorted(path.name for path in to.iterdir()) == ["analytics", "crm", "hr", *BESIDE]
    # and what was planted goes with the sample that it was planted in
    write_sample(to, rows=MINIMUM_ROWS, layouts="canonical")
    assert sorted(path.name for path in to.iterdir()) == ["analytics", "crm", "hr", "sample.json"]


@pytest.mark.parametrize("file", ["crm/orders_2024.csv", "rates.csv"])
def test_a_sample_is_not_mixed_with_what_is_real(tmp_path: Path, file: str) -> None:
    real = tmp_path / file
    real.parent.mkdir(exist_ok=True)
    real.write_text("order_id\n1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"no sample \({file}\)"):
        write_sample(tmp_path, rows=MINIMUM_ROWS)
    assert list(digests(tmp_path)) == [file]


def test_a_sample_of_tools_can_end_on_any_day(tmp_path: Path) -> None:
    report = write_sample(tmp_path, rows=MINIMUM_ROWS, as_of=dt.date(2024, 2, 29), seed=3)
    assert "analytics/ga4_events_2024-02.json.gz" in report.files
    assert "analytics/ga4_events_2022-03.parquet" in report.files
    assert "hr/persian_staff_2024-02-29.xlsx" in report.files
    assert report.planted


def test_a_sample_that_is_too_small_for_the_kpis_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="too small"):
        write_sample(tmp_path, rows=100)
