"""The words for what a field of a KPI can be, in English and Persian: terminal and catalogue take them from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Language = Literal["en", "fa"]


class Words(NamedTuple):
    """The same words in both languages."""

    en: str
    fa: str

    def to(self, language: Language) -> str:
        """The words in one of them."""
        return self.fa if language == "fa" else self.en


DIRECTIONS: Mapping[str, Words] = {
    "up": Words("higher is better", "بیشتر بهتر است"),
    "down": Words("lower is better", "کمتر بهتر است"),
    "zero": Words("nearer to zero is better", "نزدیک‌تر به صفر بهتر است"),
}

LEVELS: Mapping[str, Words] = {
    "kpi": Words("KPI: tells whether the objective is met", "شاخص کلیدی: نشان می‌دهد که هدف برآورده می‌شود یا نه"),
    "metric": Words("metric: explains a KPI", "سنجه: یک شاخص کلیدی را توضیح می‌دهد"),
    "vanity": Words("vanity: decides nothing by itself", "نمایشی: به‌تنهایی مبنای تصمیم نیست"),
}
