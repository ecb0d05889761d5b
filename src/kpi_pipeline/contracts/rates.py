"""Rates: what one unit of another currency is worth in the reporting currency, from a day on.

People keep them in ``rates.csv``. A rate holds until the next one of its currency. Rial and toman need none between
them, and one of either is one of both.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kpi_pipeline.contracts.currencies import FIXED, RIAL, TOMAN, Currency
from kpi_pipeline.contracts.domain import read_csv_rows
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError, sentences_of

TABLE = "rates.csv"
"""What the table is called in the folder of a company."""

PLACES = 12
"""Places of a rate after the point: a rial is worth less than a millionth of a dollar."""

ALWAYS = dt.date.min
"""From when what does not change holds."""


class _Line(BaseModel):
    """A line of ``rates.csv``."""

    model_config = ConfigDict(extra="ignore", frozen=True)  # a column of remarks does no harm

    currency: Currency
    valid_from: dt.date
    rate: Decimal = Field(gt=0, max_digits=24, decimal_places=PLACES, allow_inf_nan=False)


class Rate(NamedTuple):
    """What one unit of `currency` is worth in the reporting currency, from `valid_from` until before `until`."""

    currency: str
    valid_from: dt.date
    until: dt.date | None
    """None: for ever."""
    rate: Decimal


def read_rates(settings: Settings) -> list[Rate]:
    """The rates of the company into its reporting currency, by currency and day.

    Raises:
        ConfigurationError: a sentence per wrong line, with file and line.
    """
    given = _given(settings)
    rates = [
        Rate(currency, first, until, rate)
        for currency, by_day in sorted(given.items())
        for (first, rate), until in zip(sorted(by_day.items()), [*sorted(by_day)[1:], None], strict=True)
    ]
    fixed = [Rate(one, ALWAYS, None, rate) for (one, into), rate in FIXED.items() if into == settings.currency]
    return rates + fixed


def _given(settings: Settings) -> dict[str, dict[dt.date, Decimal]]:
    path = settings.rates_file
    found: dict[str, dict[dt.date, Decimal]] = {}
    if path is None:
        return found
    problems = []
    for where, row in read_csv_rows(path, list(_Line.model_fields)):
        try:
            line = _Line.model_validate({name: text.strip() for name, text in row.items()})
        except ValidationError as error:
            problems += [f"{where}: {sentence}" for sentence in sentences_of(error)]
            continue
        if line.currency == settings.currency:
            problems.append(f"{where}: {line.currency} is the reporting currency (KPI_CURRENCY), always worth 1.")
        elif (line.currency, settings.currency) in FIXED:
            problems.append(f"{where}: {line.currency} is always worth {FIXED[line.currency, settings.currency]}.")
        elif line.valid_from in found.setdefault(line.currency, {}):
            problems.append(f"{where}: another line has a rate of {line.currency} from {line.valid_from}.")
        else:
            found[line.currency][line.valid_from] = line.rate
    if {RIAL, TOMAN} <= set(found):
        problems.append(f"{path}: it has rates of {RIAL} and of {TOMAN}, which is ten {RIAL}; keep one of them.")
    if problems:
        raise ConfigurationError("\n".join(problems))
    for one, other in ((RIAL, TOMAN), (TOMAN, RIAL)):
        if one in found:
            of_other = {day: rate * FIXED[other, one] for day, rate in found[one].items()}
            return found | {other: of_other}
    return found
