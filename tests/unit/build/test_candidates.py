"""From parts to values: division, dense totals, the window of members, and groups too small to publish."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from kpi_pipeline.build.candidates import write_candidates
from kpi_pipeline.contracts.lineage import read_lineage
from kpi_pipeline.warehouse.connection import connect

MONTH = "period_grain = 'month'"


def total(start: str, numerator: float | None, denominator: float | None = None, grain: str = "month") -> Any:
    return (grain, start, "all", "all", numerator, denominator)


def member(
    start: str, name: str, numerator: float, denominator: float | None, dimension: str = "channel", grain: str = "month"
) -> Any:
    return (grain, start, dimension, name, numerator, denominator)


def test_a_ratio_is_divided_once_and_keeps_its_parts(nights: Any) -> None:
    nights.declare("rate")
    nights.build("2024-02-29", {"rate": [total("2024-01-01", 1, 4), total("2024-02-01", 3, 4)]})

    assert nights.candidate("rate", "period_start, numerator, denominator, kpi_value", MONTH) == [
        (dt.date(2024, 1, 1), 1.0, 4.0, 0.25), (dt.date(2024, 2, 1), 3.0, 4.0, 0.75),
    ]  # fmt: skip


def test_a_ratio_over_nothing_has_no_value_neither_zero_nor_infinity(nights: Any) -> None:
    nights.declare("rate")
    nights.build("2024-02-29", {"rate": [total("2024-01-01", 5, 0), total("2024-02-01", 1, 2)]})

    assert nights.candidate("rate", "numerator, denominator, kpi_value", MONTH) == [(5.0, 0.0, None), (1.0, 2.0, 0.5)]


def test_a_kpi_without_denominator_has_its_numerator_as_value(nights: Any) -> None:
    nights.declare("count", kind="sum", unit="count")
    nights.build("2024-01-31", {"count": [total("2024-01-01", 7)]})

    assert nights.candidate("count", "numerator, denominator, kpi_value", MONTH) == [(7.0, None, 7.0)]


def test_a_derived_kpi_without_denominator_has_no_value_where_it_cannot_be_computed(nights: Any) -> None:
    nights.declare("net", kind="derived")
    nights.build(
        "2024-03-31",
        {"net": [total("2024-01-01", 7), total("2024-02-01", None)]},
        days=("2024-01-01", "2024-03-31"),
    )

    assert nights.candidate("net", "numerator, kpi_value", MONTH) == [(7.0, 7.0), (None, None), (None, None)]


def test_days_that_are_still_to_come_are_no_days_of_the_input(nights: Any) -> None:
    nights.declare("rate")
    nights.build("2024-02-10", {"rate": [total("2024-02-01", 1, 2)]}, days=("2024-01-10", "2024-06-30"))

    assert nights.candidate("rate", "min(period_start), max(period_start)", MONTH) == [
        (dt.date(2024, 1, 1), dt.date(2024, 2, 1))
    ]
    with connect(nights.settings) as connection:
        assert connection.execute("select data_through from audit.builds").fetchall() == [(dt.date(2024, 2, 10),)]


def test_totals_are_dense_between_the_first_and_the_last_day_of_the_input(nights: Any) -> None:
    nights.declare("rate")
    nights.declare("count", kind="sum", unit="count")
    nights.build(
        "2024-06-30",
        {"rate": [total("2024-02-01", 1, 2)], "count": [total("2024-02-01", 3)]},
        days=("2024-02-10", "2024-04-02"),
    )

    starts = [dt.date(2024, month, 1) for month in (2, 3, 4)]
    assert nights.candidate("rate", "period_start, kpi_value", MONTH) == list(
        zip(starts, (0.5, None, None), strict=True)
    )
    assert nights.candidate("count", "period_start, kpi_value", MONTH) == list(zip(starts, (3, 0, 0), strict=True))
    assert nights.candidate("count", "min(period_start), max(period_start), count(*)", "period_grain = 'day'") == [
        (dt.date(2024, 2, 10), dt.date(2024, 4, 2), 53)
    ]


@pytest.mark.parametrize(
    ("kind", "last_month"),
    [
        ("sum", 3), ("ratio", 3), ("distinct", 3), ("cohort", 3), ("change", 3), ("derived", 3),
        ("last", 6), ("stock", 6),
    ],
)  # fmt: skip
def test_the_kinds_that_are_a_state_run_on_to_as_of_the_others_end_with_their_input(
    nights: Any, kind: str, last_month: int
) -> None:
    nights.declare("kpi", kind=kind)
    nights.build(
        "2024-06-15",
        {"kpi": [total(f"2024-{month:02}-01", 1, 2) for month in range(1, 7)]},
        days=("2024-01-01", "2024-03-31"),
    )

    assert nights.candidate("kpi", "max(period_start)", MONTH) == [(dt.date(2024, last_month, 1),)]


def test_a_period_is_complete_when_it_ends_by_as_of_and_an_open_one_keeps_its_calendar_end(nights: Any) -> None:
    nights.declare("rate")
    nights.build("2024-02-28", {"rate": [total("2024-01-01", 1, 2), total("2024-02-01", 1, 2)]})

    assert nights.candidate("rate", "period_end, is_complete", MONTH) == [
        (dt.date(2024, 1, 31), True), (dt.date(2024, 2, 29), False),
    ]  # fmt: skip
    assert nights.candidate("rate", "distinct as_of, is_stale, definition_version") == [
        (dt.date(2024, 2, 28), False, 1)
    ]


def test_cut_periods_serve_the_comparison_and_are_not_published(nights: Any) -> None:
    nights.declare("rate")
    nights.build(
        "2024-02-10",
        {"rate": [total("2024-01-01", 1, 2), total("2024-02-01", 1, 2), total("2024-01-01", 1, 5, "month_to_date")]},
        days=("2024-01-01", "2024-02-10"),
    )

    assert nights.candidate("rate", "count(*)", "period_grain like '%_to_date'") == [(0,)]
    with connect(nights.settings) as connection:
        cut = connection.execute(
            "select period_start, kpi_value from candidate.cut where period_grain = 'month_to_date'"
        ).fetchall()
    assert cut == [(dt.date(2024, 1, 1), 0.2)]


def test_members_are_sparse_and_daily_ones_are_kept_for_the_window_only(new_nights: Callable[..., Any]) -> None:
    nights = new_nights(member_days=10)
    nights.declare("count", kind="sum", unit="count")
    days = [f"2024-01-{day:02}" for day in range(1, 32)]
    nights.build(
        "2024-01-31",
        {
            "count": [
                *(member(day, "web", 1, None, grain="day") for day in days if day != "2024-01-25"),
                *(member(week, "web", 1, None, grain="week") for week in ("2024-01-08", "2024-01-15", "2024-01-29")),
                member("2024-01-01", "web", 30, None),
            ]
        },
        days=("2024-01-01", "2024-01-31"),
    )

    web = "member = 'web' and period_grain ="
    found = [start.day for (start,) in nights.candidate("count", "period_start", f"{web} 'day'")]
    assert found == [22, 23, 24, 26, 27, 28, 29, 30, 31]
    # the week of the 15th ends on the 21st, ten days before as_of
    assert nights.candidate("count", "period_start", f"{web} 'week'") == [(dt.date(2024, 1, 29),)]
    assert nights.candidate("count", "numerator", f"{web} 'month'") == [(30.0,)]


def test_members_outside_the_days_of_the_input_are_left_out(nights: Any) -> None:
    nights.declare("count", kind="sum", unit="count")
    nights.build(
        "2024-06-30",
        {"count": [member("2024-01-01", "web", 1, None), member("2024-03-01", "web", 1, None)]},
        days=("2024-03-01", "2024-03-31"),
    )

    assert nights.candidate("count", "period_start", "member = 'web'") == [(dt.date(2024, 3, 1),)]


def test_without_any_input_there_is_no_row(nights: Any) -> None:
    nights.declare("rate")
    nights.build("2024-06-30", {"rate": []}, days=None)

    assert nights.candidate("rate", "*") == []
    with connect(nights.settings) as connection:
        assert connection.execute("select status, reason, row_count from audit.builds").fetchall() == [
            ("no_data", "its inputs have no rows yet", 0)
        ]


def test_a_model_without_the_columns_of_the_contract_is_a_failed_build_not_a_crash(nights: Any) -> None:
    kpi = nights.declare("rate")
    nights.build("2024-01-31", {"rate": [total("2024-01-01", 1, 2)]})
    with connect(nights.settings) as connection:
        connection.execute("alter table kpi.rate rename column member to who")
        told = write_candidates(connection, nights.settings, [kpi], read_lineage(nights.settings.dbt_target))
        assert told["rate"] == (
            "its result is no KPI: it returns no member; a KPI model returns period_grain, period_start, dimension, "
            "member, numerator, denominator"
        )
        assert connection.execute("select count(*) from candidate.kpi_values").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("alter numerator type text", "its numerator is VARCHAR; it must be a number"),
        ("alter period_start type text", "its period_start is VARCHAR; it must be a date"),
    ],
)
def test_a_model_of_other_types_does_not_break_the_others(nights: Any, change: str, why: str) -> None:
    kpis = [nights.declare(name) for name in ("good", "bad")]
    nights.build("2024-01-31", {name: [total("2024-01-01", 1, 2)] for name in ("good", "bad")})
    with connect(nights.settings) as connection:
        connection.execute(f"alter table kpi.bad {change}")
        told = write_candidates(connection, nights.settings, kpis, read_lineage(nights.settings.dbt_target))
        assert told["bad"] == f"its result is no KPI: {why}"
        assert connection.execute("select distinct kpi from candidate.kpi_values").fetchall() == [("good",)]


def test_a_kpi_that_is_dated_by_what_is_not_there_is_a_failed_build(nights: Any) -> None:
    nights.declare("rate", dated_by="facts.no_such_day")
    nights.build("2024-01-31", {"rate": [total("2024-01-01", 1, 2)]})
    with connect(nights.settings) as connection:
        assert connection.execute("select status, reason from audit.builds").fetchall() == [
            ("failed", "its result is no KPI: dated_by names facts.no_such_day, which does not exist")
        ]


# --- groups of employees ---


def groups(nights: Any, sizes: dict[str, float | None], **meta: Any) -> dict[str, float]:
    """The members of a KPI about people that are published, with their sizes."""
    kpi = nights.declare("turnover", "hr", **{"dimensions": ["department", "rep"], **meta})
    dimension = kpi.dimensions[0]
    whole = sum(size or 0 for size in sizes.values())
    parts = [total("2024-01-01", 1, whole)]
    parts += [member("2024-01-01", name, 1, size, dimension) for name, size in sizes.items()]  # type: ignore[arg-type]
    nights.build("2024-01-31", {"turnover": parts}, days=("2024-01-01", "2024-01-31"))
    return dict(nights.candidate("turnover", "member, denominator", f"{MONTH} and dimension <> 'all'"))


def suppressed(nights: Any) -> int:
    with connect(nights.settings) as connection:
        row = connection.execute("select suppressed_count from audit.builds").fetchone()
    assert row is not None
    return int(row[0])


def test_two_small_groups_are_left_out_and_counted(nights: Any) -> None:
    assert groups(nights, {"it": 10, "law": 4, "art": 3, "ops": 5}) == {"it": 10, "ops": 5}
    assert suppressed(nights) == 2


def test_one_small_group_takes_the_smallest_of_the_others_with_it(nights: Any) -> None:
    assert groups(nights, {"it": 10, "law": 4, "ops": 7, "art": 6}) == {"it": 10, "ops": 7}
    assert suppressed(nights) == 2


def test_where_one_small_group_has_one_other_beside_it_both_are_left_out(nights: Any) -> None:
    assert groups(nights, {"it": 10, "law": 4}) == {}


def test_without_a_small_group_all_are_published(nights: Any) -> None:
    assert groups(nights, {"it": 5, "law": 6}) == {"it": 5, "law": 6}
    assert suppressed(nights) == 0


def test_an_empty_group_does_not_shield_a_small_one(nights: Any) -> None:
    # 23 in all: whoever knows that nobody is in `art` would read the size of `law` from the rest
    assert groups(nights, {"it": 20, "law": 3, "art": 0, "ops": 9}) == {"it": 20}


def test_a_group_whose_size_is_unknown_is_left_out_and_counted(nights: Any) -> None:
    assert groups(nights, {"it": 10, "law": None, "ops": 9, "art": 8}) == {"it": 10, "ops": 9}
    assert suppressed(nights) == 2


def test_role_codes_and_totals_are_published_whatever_their_size(nights: Any) -> None:
    assert groups(nights, {"r1": 1, "r2": 2}, dimensions=["rep"]) == {"r1": 1, "r2": 2}
    assert nights.candidate("turnover", "denominator", f"{MONTH} and dimension = 'all'") == [(3.0,)]


def test_each_period_and_dimension_is_judged_alone(nights: Any) -> None:
    nights.declare("turnover", "hr", dimensions=["department", "team"])
    nights.build(
        "2024-02-29",
        {
            "turnover": [
                *(member("2024-01-01", name, 1, size, "department") for name, size in (("a", 9), ("b", 8))),
                *(member("2024-02-01", name, 1, size, "department") for name, size in (("a", 9), ("b", 1), ("c", 7))),
                *(member("2024-01-01", name, 1, size, "team") for name, size in (("x", 2), ("y", 2), ("z", 9))),
            ]
        },
    )

    assert nights.candidate("turnover", "period_start, dimension, member", "dimension <> 'all'") == [
        (dt.date(2024, 1, 1), "department", "a"), (dt.date(2024, 1, 1), "department", "b"),
        (dt.date(2024, 1, 1), "team", "z"), (dt.date(2024, 2, 1), "department", "a"),
    ]  # fmt: skip


def test_groups_of_other_domains_are_no_people_and_are_published(nights: Any) -> None:
    nights.declare("rate")
    nights.build("2024-01-31", {"rate": [member("2024-01-01", "web", 1, 1)]}, days=("2024-01-01", "2024-01-31"))

    assert nights.candidate("rate", "member", "dimension = 'channel'") == [("web",)]
