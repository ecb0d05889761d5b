"""A new KPI is two files, written as docs/add-a-kpi.md tells; nothing else is touched."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import yaml
from company import FEW_KPIS, Company, few_exports, project_with

NAME = "revenue_per_channel_day"

MEANING = {
    "title": {"en": "Revenue per selling day", "fa": "درآمد هر روز فروش"},
    "description_fa": "درآمد سفارش‌های تکمیل‌شده در هر روزی که کانال سفارشی داشته است.",
    "formula": "revenue of completed orders / days with a completed order, per channel; by the day of the order",
    "why": "Tells which channel is worth keeping open on a quiet day.",
    "unit": "currency",
    "range": [0, None],
    "good": "up",
    "kind": "ratio",
    "dated_by": "orders.ordered_on",
    "cadence": "month",
    "dimensions": ["channel"],
    "owner": "sales",
    "objective": "Grow profitable sales",
    "success_factor": "Channels",
    "level": "metric",
    "sets": ["b2c"],
    "review_by": "2027-06-30",
    "version": 1,
}

SQL = """
with completed_orders as (

    select
        ordered_on,
        channel,
        revenue

    from {{ ref('orders') }}

    where is_completed

),

orders_by_member as (

    {{ by_member('completed_orders', ['channel'], day='ordered_on', size='count(distinct ordered_on)') }}

),

daily as (

    select
        ordered_on as date_day,
        dimension,
        member,
        sum(revenue) as numerator,
        count(distinct ordered_on) as denominator

    from orders_by_member

    group by
        ordered_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
"""


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_two_files_make_a_kpi(tmp_path: Path) -> None:
    project = project_with(tmp_path / "project", FEW_KPIS)
    company = Company.at(tmp_path, project=project)
    few_exports(company)
    before = _files(project)

    begun = company.kpi("new", f"sales/{NAME}")
    assert begun.returncode == 0, begun.stderr
    assert set(_files(project)) - set(before) == {f"kpi_models/sales/{NAME}.sql", f"kpi_models/sales/{NAME}.yml"}

    unfinished = company.kpi("check")
    assert unfinished.returncode == 2
    for field in ("description", "title.en", "title.fa", "formula", "unit", "owner", "review_by"):
        assert f"{NAME}.yml: {field}" in unfinished.stdout

    definition = project / "kpi_models" / "sales" / f"{NAME}.yml"
    document = yaml.safe_load(definition.read_text(encoding="utf-8"))
    model = document["models"][0]
    assert set(model["config"]["meta"]["kpi"]) == set(MEANING), "the scaffold has a place for every field"
    model["description"] = "Revenue of completed orders per day on which the channel had one."
    model["config"]["meta"]["kpi"] = MEANING
    definition.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    definition.with_suffix(".sql").write_text(SQL.lstrip(), encoding="utf-8")

    clean = company.kpi("check", "--tests", NAME)
    assert clean.returncode == 0, clean.stdout + clean.stderr

    night = company.kpi("run", "--as-of", "2024-06-05")
    assert night.returncode == 0, night.stdout + night.stderr
    assert _files(project).items() >= before.items(), "nothing but the two files was touched"
    assert len(_files(project)) == len(before) + 2

    # o1 10 on 1 June by web, o2 25.50 on 3 June in the store; o3 was cancelled
    assert company.query(
        "select dimension, member, kpi_value from kpi_values where kpi = ? and period_grain = 'month' order by all",
        [NAME],
    ) == [("all", "all", 17.75), ("channel", "store", 25.5), ("channel", "web", 10.0)]
    assert company.query("select title_fa, inputs, review_by from kpi_catalog where kpi = ?", [NAME]) == [
        ("درآمد هر روز فروش", "customers, orders", dt.date(2027, 6, 30))
    ]
    shown = company.kpi("show", NAME, "--by", "channel")
    assert shown.returncode == 0, shown.stderr
    assert "store" in shown.stdout
