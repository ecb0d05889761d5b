"""What a kind of KPI does: how it lives in time, and with it how it is rolled up, audited, judged and compared.

Whoever asks what a kind does asks this table; SQL gets it through `kinds_where`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from kpi_pipeline.contracts.words import Words

KindName = Literal["sum", "ratio", "distinct", "last", "stock", "cohort", "change", "derived"]


@dataclass(frozen=True)
class Kind:
    """One row of the table."""

    words: Words
    meaning: Words
    members_add_up: bool = False
    """Every row counts under one member of each dimension, so that members sum to the total."""
    runs_on: bool = False
    """Its state goes on after the last row of the input, up to as_of."""
    is_due_pro_rata: bool = False
    """Of a running period, the part of a target is due that belongs to the days that have passed."""
    matures: bool = False
    """Past periods fill up as time passes: that is no revision of what was known."""
    has_counted_denominator: bool = False
    """Its denominator counts something, and is never negative."""
    is_empty_without_rows: bool = False
    """A period without rows is unknown, not zero."""


KINDS: Mapping[str, Kind] = {
    "sum": Kind(
        Words("sum", "جمع"),
        Words("over a longer period its parts are added", "در دوره‌ی بلندتر، اجزای آن با هم جمع می‌شوند"),
        members_add_up=True,
        is_due_pro_rata=True,
    ),
    "ratio": Kind(
        Words("ratio", "نسبت"),
        Words(
            "over a longer period numerators and denominators are added, then divided",
            "در دوره‌ی بلندتر، صورت‌ها و مخرج‌ها جداگانه جمع و سپس بر هم تقسیم می‌شوند",
        ),
        members_add_up=True,
        has_counted_denominator=True,
    ),
    "distinct": Kind(
        Words("distinct", "شمارش یکتا"),
        Words(
            "counted again for each period: the parts do not add",
            "برای هر دوره از نو شمرده می‌شود؛ اجزای آن با هم جمع نمی‌شوند",
        ),
        has_counted_denominator=True,
    ),
    "last": Kind(
        Words("last", "آخرین وضعیت"),
        Words("the state at the end of the period", "وضعیت در پایان دوره"),
        runs_on=True,
    ),
    "stock": Kind(
        Words("stock", "آغاز و پایان"),
        Words("the start of the period is compared with its end", "آغاز دوره با پایان آن سنجیده می‌شود"),
        runs_on=True,
        has_counted_denominator=True,
    ),
    "cohort": Kind(
        Words("cohort", "هم‌گروه"),
        Words(
            "belongs to the period in which its group began, and fills up as time passes",
            "به دوره‌ای تعلق دارد که گروه در آن آغاز شده است و با گذشت زمان کامل می‌شود",
        ),
        members_add_up=True,
        matures=True,
        has_counted_denominator=True,
    ),
    "change": Kind(
        Words("change", "تغییر"),
        Words("against the previous period of the same length", "در برابر دوره‌ی پیشین هم‌اندازه"),
    ),
    "derived": Kind(
        Words("derived", "مشتق"),
        Words(
            "computed from the parts of other KPIs, not from their rounded values",
            "از اجزای شاخص‌های دیگر محاسبه می‌شود، نه از مقدارهای گردشده‌ی آن‌ها",
        ),
        is_empty_without_rows=True,
    ),
}
assert tuple(KINDS) == get_args(KindName)


def kinds_where(does: Callable[[Kind], bool]) -> tuple[str, ...]:
    """The names of the kinds that do something: ``kinds_where(lambda kind: kind.runs_on)``."""
    return tuple(name for name, kind in KINDS.items() if does(kind))
