"""Currencies: their codes, and how people mark an amount as being in one.

Codes are those of ISO 4217, and ``IRT`` for the toman, which Iran counts in and ISO does not know: always ten rial.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Tag

RIAL, TOMAN = "IRR", "IRT"

FIXED: Mapping[tuple[str, str], Decimal] = {(TOMAN, RIAL): Decimal(10), (RIAL, TOMAN): Decimal("0.1")}
"""From one currency to another: what does not change from day to day."""

REPORTING = "reporting"
"""In a layout, in the place of a code: whatever the company reports in."""

CURRENCY_NAMED = "{currency}"
"""What stands in a header of a layout for the currency that the file's header names."""

CODES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IQD IRR IRT ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - a table of them would be longer than this module
)

DOLLARS = (
    "USD", "AUD", "BBD", "BMD", "BND", "BSD", "BZD", "CAD", "FJD", "GYD", "HKD", "JMD", "KYD", "LRD",
    "NAD", "NZD", "SBD", "SGD", "SRD", "TTD", "TWD", "XCD",
)  # fmt: skip
"""What a ``$`` may stand for, the first where nothing else is said."""


class Mark(NamedTuple):
    """What a mark may stand for."""

    codes: tuple[str, ...]
    """The first is meant where nothing else is said, if `is_told_alone`."""
    is_told_alone: bool = True
    """Whether it means one of them without any other word; ``kr`` may be Swedish or Danish."""


_SEVERAL = {
    "$": Mark((*DOLLARS, "MXN", "ARS", "CLP", "COP", "UYU")),
    "£": Mark(("GBP", "EGP", "GIP", "FKP", "SHP", "SYP", "LBP", "SDG", "SSP")),
    "¥": Mark(("JPY", "CNY"), is_told_alone=False),
    # a rial is that of Iran, unless the file says that it is another
    "﷼": Mark(("IRR", "SAR", "QAR", "OMR", "YER")),
    "ریال": Mark(("IRR", "SAR", "QAR", "OMR", "YER")),
    "rial": Mark(("IRR", "OMR", "YER")),
    "دلار": Mark(DOLLARS),
    "dollar": Mark(DOLLARS),
    "درهم": Mark(("AED", "MAD")),
    "پوند": Mark(("GBP", "EGP")),
    "dh": Mark(("AED", "MAD"), is_told_alone=False),
    "kr": Mark(("SEK", "NOK", "DKK", "ISK"), is_told_alone=False),
    "rs": Mark(("INR", "PKR", "LKR", "NPR", "MUR", "SCR"), is_told_alone=False),
}
_ONE = {
    "AED": "dhs", "AUD": "a$ au$", "AZN": "₼", "BRL": "r$", "CAD": "c$ ca$", "CHF": "sfr", "CNY": "cn¥ rmb 元",
    "CZK": "kč", "EUR": "€ euro euros یورو", "GEL": "₾", "HKD": "hk$", "HUF": "ft", "ILS": "₪", "INR": "₹",
    "IRT": "تومان تومن toman tomans", "JPY": "jp¥ yen 円", "KRW": "₩", "KZT": "₸", "MXN": "mx$", "NGN": "₦",
    "NZD": "nz$", "PHP": "₱", "PLN": "zł", "RUB": "₽ руб", "SGD": "s$", "THB": "฿", "TRY": "₺ tl لیر", "TWD": "nt$",
    "UAH": "₴ грн", "USD": "us$ u$s", "VND": "₫", "ZAR": "r",
}  # fmt: skip


def folded_mark(text: str) -> str:
    """`text`, a mark, as marks are compared: without case, blanks, points and joiners, Persian letters for Arabic ones.

    The SQL of `ingest.money` folds in the same way.
    """
    letters = unicodedata.normalize("NFC", text).lower()
    for variants, letter in (("يىئ", "ی"), ("ك", "ک")):
        letters = re.sub(f"[{variants}]", letter, letters)
    return re.sub(r"[\s.\u00a0\u0640\u200b-\u200f\u202f\u2060\ufeff_-]+", "", letters)


@cache
def marks() -> Mapping[str, Mark]:
    """Every mark, folded, codes among them, and what it may stand for."""
    found = {code: Mark((code,)) for code in sorted(CODES)} | _SEVERAL
    found |= {"rials": _SEVERAL["rial"], "dollars": _SEVERAL["dollar"], "￥": _SEVERAL["¥"]}
    found |= {mark: Mark((code,)) for code, several in _ONE.items() for mark in several.split()}
    # the sign and the code: $100 USD
    signs = [("€", "EUR"), *((sign, code) for sign in "$£¥﷼" for code in _SEVERAL[sign].codes)]
    found |= {both: Mark((code,)) for sign, code in signs for both in (sign + code, code + sign)}
    return {folded_mark(mark): meaning for mark, meaning in found.items()}


def meant_by(mark: str, claim: str) -> str | None:
    """The currency that a `mark` stands for beside the `claim` of its file; None where that cannot be told."""
    found = marks().get(folded_mark(mark))
    if found is None:
        return None
    if claim in found.codes:
        return claim
    return found.codes[0] if found.is_told_alone else None


_IN_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*$")
_LAST_WORD = re.compile(r"(?:^|[\s_])([A-Z]{3}|[a-z]{3}|[^\w\s]|[\u0600-\u06ff]+)\s*$")
_ALSO_WORDS = frozenset(["ALL", "TRY", "TOP", "CUP", "PEN", "SOS", "MAD", "COP", "GEL", "BOB", "MOP", "LAK"])
"""Codes that end a header as words, too: ``spend_all``."""


def marked_in_header(header: str, claim: str) -> str | None:
    """The currency that a `header` names: ``Cost (EUR)``, ``amount_usd``, ``مبلغ (تومان)``; None where none."""
    if in_brackets := _IN_BRACKETS.search(header):
        is_letter = len(in_brackets[1]) == 1 and in_brackets[1].isalpha() and in_brackets[1].isascii()
        return None if is_letter else meant_by(in_brackets[1], claim)
    last = _LAST_WORD.search(header)
    if not last or last[1].upper() in _ALSO_WORDS or (header.isupper() and " " in header.strip()):
        return None
    return meant_by(last[1], claim) if len(last[1]) > 2 or not last[1].isalpha() else None


def _known(given: str) -> str:
    code = given.strip().upper()
    if code not in CODES:
        raise ValueError(f"{given!r} is no currency; give an ISO 4217 code such as EUR, or IRT for the toman")
    return code


Currency = Annotated[str, AfterValidator(_known)]
"""A code, in any case."""


class CurrencyColumn(BaseModel):
    """The header that says for each row which currency its amounts are in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: str
    otherwise: Currency | None = None
    """What a row is in that does not say; KPI_CURRENCY where not given."""


def _known_or_reporting(given: str | None) -> str | None:
    return given if given is None or given == REPORTING else _known(given)


InCurrency = Annotated[
    Annotated[CurrencyColumn, Tag("column")] | Annotated[str | None, AfterValidator(_known_or_reporting), Tag("code")],
    Discriminator(lambda given: "column" if isinstance(given, dict | CurrencyColumn) else "code"),
]
"""What a layout says of the currency of its files."""
