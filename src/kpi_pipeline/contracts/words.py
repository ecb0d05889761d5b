"""The words for what a field of a KPI can be, in English and Persian: terminal and catalogue take them from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """The same words in both languages."""

    en: str
    fa: str


DIRECTIONS: Mapping[str, Words] = {
    "up": Words("higher is better", "بیشتر بهتر است"),
    "down": Words("lower is better", "کمتر بهتر است"),
    "zero": Words("nearer to zero is better", "نزدیک‌تر به صفر بهتر است"),
}

KINDS: Mapping[str, Words] = {
    "sum": Words("sum", "جمع"),
    "ratio": Words("ratio", "نسبت"),
    "distinct": Words("distinct", "شمارش یکتا"),
    "last": Words("last", "آخرین وضعیت"),
    "stock": Words("stock", "آغاز و پایان"),
    "cohort": Words("cohort", "هم‌گروه"),
    "change": Words("change", "تغییر"),
    "derived": Words("derived", "مشتق"),
}

KIND_MEANINGS: Mapping[str, Words] = {
    "sum": Words(
        "over a longer period its parts are added",
        "در دوره‌ی بلندتر، اجزای آن با هم جمع می‌شوند",
    ),
    "ratio": Words(
        "over a longer period numerators and denominators are added, then divided",
        "در دوره‌ی بلندتر، صورت‌ها و مخرج‌ها جداگانه جمع و سپس بر هم تقسیم می‌شوند",
    ),
    "distinct": Words(
        "counted again for each period: the parts do not add",
        "برای هر دوره از نو شمرده می‌شود؛ اجزای آن با هم جمع نمی‌شوند",
    ),
    "last": Words("the state at the end of the period", "وضعیت در پایان دوره"),
    "stock": Words("the start of the period is compared with its end", "آغاز دوره با پایان آن سنجیده می‌شود"),
    "cohort": Words(
        "belongs to the period in which its group began, and fills up as time passes",
        "به دوره‌ای تعلق دارد که گروه در آن آغاز شده است و با گذشت زمان کامل می‌شود",
    ),
    "change": Words("against the previous period of the same length", "در برابر دوره‌ی پیشین هم‌اندازه"),
    "derived": Words(
        "computed from the parts of other KPIs, not from their rounded values",
        "از اجزای شاخص‌های دیگر محاسبه می‌شود، نه از مقدارهای گردشده‌ی آن‌ها",
    ),
}

UNITS: Mapping[str, Words] = {
    "count": Words("count", "تعداد"),
    "percent": Words("percent", "درصد"),
    "currency": Words("money", "پول"),
    "seconds": Words("seconds", "ثانیه"),
    "minutes": Words("minutes", "دقیقه"),
    "days": Words("days", "روز"),
    "months": Words("months", "ماه"),
    "score": Words("score", "امتیاز"),
    "position": Words("position", "جایگاه"),
    "units_per_hour": Words("units per hour", "واحد در ساعت"),
}

SUFFIXES: Mapping[str, Words] = {
    "percent": Words("%", "٪"),
    "seconds": Words("s", "ثانیه"),
    "minutes": Words("min", "دقیقه"),
    "days": Words("days", "روز"),
    "months": Words("months", "ماه"),
    "units_per_hour": Words("per hour", "در ساعت"),
}
"""What stands behind a value of a unit; nothing behind the others, and the currency's code behind money."""

COMPARED_BY_DIFFERENCE = frozenset({"percent", "score", "position"})
"""Units without a zero to count from: an NPS that goes from 5 to 10 has not doubled, it has gained five points."""

LEVELS: Mapping[str, Words] = {
    "kpi": Words("KPI: tells whether the objective is met", "شاخص کلیدی: نشان می‌دهد که هدف برآورده می‌شود یا نه"),
    "metric": Words("metric: explains a KPI", "سنجه: یک شاخص کلیدی را توضیح می‌دهد"),
    "vanity": Words("vanity: decides nothing by itself", "نمایشی: به‌تنهایی مبنای تصمیم نیست"),
}

CADENCES: Mapping[str, Words] = {
    "day": Words("daily", "روزانه"),
    "week": Words("weekly", "هفتگی"),
    "month": Words("monthly", "ماهانه"),
    "quarter": Words("quarterly", "سه‌ماهه"),
    "year": Words("yearly", "سالانه"),
}

_DOMAINS: Mapping[str, Words] = {
    "email": Words("Email", "ایمیل"),
    "hr": Words("People (hr)", "منابع انسانی"),
    "marketing": Words("Marketing", "بازاریابی"),
    "projects": Words("Projects", "پروژه‌ها"),
    "revenue": Words("Revenue", "درآمد و نگهداشت مشتری"),
    "sales": Words("Sales", "فروش"),
    "search": Words("Search", "جست‌وجو"),
    "social": Words("Social media", "شبکه‌های اجتماعی"),
    "support": Words("Support", "پشتیبانی"),
    "web": Words("Web", "وب‌سایت"),
}


def domain_words(domain: str) -> Words:
    """What people call the folder `domain` of kpi_models; its own name where nobody has given it another."""
    plain = domain.replace("_", " ").capitalize()
    return _DOMAINS.get(domain, Words(plain, plain))


_PERSIAN = str.maketrans("0123456789.,-", "۰۱۲۳۴۵۶۷۸۹٫٬−")
_LEFT_TO_RIGHT = "\u200e"


def persian_number(number: str) -> str:
    """`number` with Persian digits and marks; its minus sign stays in front of it in a text from right to left."""
    return (_LEFT_TO_RIGHT if number.startswith("-") else "") + number.translate(_PERSIAN)
