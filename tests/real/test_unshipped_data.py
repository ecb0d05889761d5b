"""Known answers on real data that may not be shipped: no licence came with the copies.

KPI_TEST_DATA names a folder that holds them; where it is not set, these tests are skipped. It must hold

    online_retail_2009_2010/online_retail_vf.parquet      Online Retail II of the UCI repository, its first year
    facebook_posts/dataset_Facebook.csv                   Facebook metrics of the UCI repository, with short headers
    call_center_pwc/call_center_pwc.csv                   the call centre of PwC Switzerland's training on Forage
    online_shoppers/online_shoppers_intention.csv         Online Shoppers Purchasing Intention of the UCI repository

The queries below make exports of them, in the canonical layouts; the figures are in unshipped_answers.yml.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from company import Company, project_with

# Now, because no test sees the settings of whoever runs it.
DATA = os.environ.get("KPI_TEST_DATA", "")
if not DATA:
    pytest.skip("KPI_TEST_DATA names no folder of the data sets that may not be shipped.", allow_module_level=True)


@dataclass(frozen=True)
class Answer:
    """One row of kpi_values, or the sum of those of all years, and what is known of it."""

    kpi: str
    grain: str = "year"
    period_start: dt.date | None = None
    dimension: str = "all"
    member: str = "all"
    numerator: float | None = None
    denominator: float | None = None
    kpi_value: float | None = None


@dataclass(frozen=True)
class DataSet:
    """Where a data set lies, how it becomes exports, and what it is asked."""

    file: str
    as_of: dt.date
    exports: dict[str, str]
    """file of the export: a query of the original, {file}"""
    kpis: tuple[str, ...]


# Not an order: lines that are no sale (quantities of 0 and less: stock written off; a price of 0: samples and notes; a
# price below 0: bad debt). Cancellations are orders, and stay out of every KPI by their status.
RETAIL_ORDERS = """
with lines as (

    select
        Invoice as order_id,
        "Customer ID"::bigint as customer_id,
        InvoiceDate::timestamp as ordered_at,
        Invoice like 'C%' as is_cancelled,
        Quantity * Price::decimal(18, 4) as revenue

    from '{file}'

    where
        Invoice like 'C%'
        or (Quantity > 0 and Price > 0)

)

select
    order_id,
    customer_id,
    -- the lines of 41 invoices are a minute apart
    min(ordered_at) as ordered_at,
    case when is_cancelled then 'cancelled' else 'completed' end as status,
    sum(revenue) as revenue,
    case when customer_id is null then 'guest' else 'account' end as channel

from lines

group by
    order_id,
    customer_id,
    is_cancelled
"""

FACEBOOK_POSTS = """
select
    row_number() over () as post_id,
    'facebook' as network,
    'the page' as profile,
    case "Type" when 'Photo' then 'image' when 'Status' then 'text' else lower("Type") end as post_type,
    make_timestamp(2014, "Month", 1, "Hour", 0, 0) as published_at,
    T_Impression as impressions,
    T_Reach as reach,
    "like" as likes,
    comment as comments,
    share as shares

from read_csv('{file}', delim = ';')
"""

CALLS = """
select
    "Call Id" as ticket_id,
    "Date" + "Time" as created_at,
    "Date" + "Time" + to_seconds("Speed of answer in seconds") as first_response_at,
    case when "Resolved" = 'Y' then first_response_at + to_seconds(epoch("AvgTalkDuration")) end as resolved_at,
    "Topic" as category,
    'phone' as channel,
    "Agent" as agent_id

from '{file}'
"""

RATINGS = """
select
    "Call Id" as response_id,
    'csat' as survey_type,
    "Date" + "Time" as responded_at,
    "Satisfaction rating" as score,
    5 as scale_max,
    "Agent" as agent_id

from '{file}'

where "Satisfaction rating" is not null
"""

SHOPPERS = """
with sessions as (

    select
        row_number() over () as session_id,
        strptime('2018-' || left("Month", 3) || '-15', '%Y-%b-%d') as started_at,
        VisitorType as channel,
        Revenue = 1 as is_purchase

    from '{file}'

)

select
    session_id || '-view' as event_id,
    session_id,
    session_id as visitor_id,
    started_at as event_at,
    'page_view' as event_name,
    channel

from sessions

union all

select
    session_id || '-purchase' as event_id,
    session_id,
    session_id as visitor_id,
    started_at + interval 1 minute as event_at,
    'purchase' as event_name,
    channel

from sessions

where is_purchase
"""

DATA_SETS = {
    "online_retail_2009_2010": DataSet(
        "online_retail_vf.parquet",
        dt.date(2010, 12, 31),
        {"crm/orders.csv": RETAIL_ORDERS},
        (
            "marketing/new_customers",
            "revenue/orders_per_customer",
            "revenue/repeat_purchase_rate",
            "revenue/repurchase_cohort_rate",
            "sales/average_order_value",
            "sales/successful_orders",
        ),
    ),
    "facebook_posts": DataSet(
        "dataset_Facebook.csv",
        dt.date(2014, 12, 31),
        {"analytics/social_posts.csv": FACEBOOK_POSTS},
        (
            "social/comments",
            "social/content_share_rate",
            "social/engagement_rate",
            "social/likes",
            "social/likes_and_comments_per_post",
            "social/reach",
            "social/social_impressions",
            "social/social_shares",
        ),
    ),
    "call_center_pwc": DataSet(
        "call_center_pwc.csv",
        dt.date(2021, 3, 31),
        {"crm/tickets.csv": CALLS, "crm/survey_responses.csv": RATINGS},
        (
            "support/customer_satisfaction_score",
            "support/first_contact_resolution_rate",
            "support/first_response_time",
            "support/repeat_issue_rate",
        ),
    ),
    "online_shoppers": DataSet(
        "online_shoppers_intention.csv",
        dt.date(2018, 12, 31),
        {"analytics/web_events.csv": SHOPPERS},
        ("web/conversion_rate", "web/conversions", "web/shop_conversion_rate"),
    ),
}

_FILE: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("unshipped_answers.yml").read_text(encoding="utf-8"))
DECIMALS: dict[str, int] = _FILE.pop("decimals")
ANSWERS = {name: [Answer(**answer) for answer in answers] for name, answers in _FILE.items()}


@pytest.fixture(scope="module", params=DATA_SETS)
def data_set(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def night(data_set: str, tmp_path_factory: pytest.TempPathFactory) -> Company:
    asked = DATA_SETS[data_set]
    original = Path(DATA, data_set, asked.file)
    assert original.is_file(), f"KPI_TEST_DATA lacks {data_set}/{asked.file}."
    folder = tmp_path_factory.mktemp(data_set)
    company = Company.at(
        folder,
        project=project_with(folder / "project", asked.kpis),
        grains=("day", "month", "quarter", "year"),
    )
    with duckdb.connect() as connection:
        for file, query in asked.exports.items():
            target = company.settings.exports / file
            target.parent.mkdir(parents=True, exist_ok=True)
            connection.sql(query.format(file=original)).write_csv(str(target))
    company.night(asked.as_of)
    return company


def test_every_data_set_and_every_kpi_of_it_is_asked(data_set: str) -> None:
    assert ANSWERS.keys() == DATA_SETS.keys()
    assert {answer.kpi for answer in ANSWERS[data_set]} == {kpi.split("/")[1] for kpi in DATA_SETS[data_set].kpis}


def test_nothing_is_held_or_quarantined(night: Company, data_set: str) -> None:
    verdicts = dict(night.query("select kpi, verdict from kpi_runs"))
    assert verdicts == {kpi.split("/")[1]: "published" for kpi in DATA_SETS[data_set].kpis}
    assert night.ask_warehouse("select count(*) from raw.quarantine") == [(0,)]


def test_figures(night: Company, data_set: str) -> None:
    wrong = {}
    for answer in ANSWERS[data_set]:
        found = _published(night, answer)
        for part, value in found.items():
            expected = getattr(answer, part)
            tolerance = 0.5 * 10 ** -DECIMALS[answer.kpi] if part == "kpi_value" and expected is not None else None
            if expected is not None and value != pytest.approx(expected, rel=1e-12, abs=tolerance):
                wrong[answer, part] = value
    assert wrong == {}


@pytest.mark.parametrize("data_set", ["online_retail_2009_2010"], indirect=True)
def test_cancelled_invoices_are_orders_and_no_sales(night: Company) -> None:
    cancelled = "select count(*), sum(revenue), count_if(is_completed) from entities.orders where status = 'cancelled'"
    ((count, value, completed),) = night.ask_warehouse(cancelled)
    assert (count, float(value), completed) == (4592, -629855.37, 0)


def _published(night: Company, answer: Answer) -> dict[str, float | None]:
    """Numerator, denominator and value of the row; of all years, the parts added up and divided."""
    every_year = answer.period_start is None
    rows = night.query(
        """
        select numerator, denominator, kpi_value from kpi_values
        where kpi = ? and period_grain = ? and dimension = ? and member = ? and (? or period_start = ?)
        """,
        [answer.kpi, answer.grain, answer.dimension, answer.member, every_year, answer.period_start],
    )
    assert rows, f"There is no row of {answer}."
    if not every_year:
        assert len(rows) == 1
        return dict(zip(("numerator", "denominator", "kpi_value"), rows[0], strict=True))
    numerator = sum(row[0] for row in rows)
    denominator = None if rows[0][1] is None else sum(row[1] for row in rows)
    value = numerator if denominator is None else numerator / denominator
    return {"numerator": numerator, "denominator": denominator, "kpi_value": value}
