"""Every KPI of the sample company, against a second implementation of its definition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jdatetime
import pytest
from company import ROOT, Company

from kpi_pipeline.build.build import build
from kpi_pipeline.contracts.kpi import kpi_files
from kpi_pipeline.ingest.ingest import ingest
from kpi_sample import DEFAULT_AS_OF, write_sample
from oracle import definitions
from oracle.books import Books, Rules
from oracle.compare import differences, largest_members, published
from oracle.members import DIMENSIONS
from oracle.periods import GRAINS, YEAR_ZERO, jalali_month_start, month_index
from oracle.registry import DEFINITIONS, Value, value_in, values

KPIS = sorted(file.stem for file in kpi_files(ROOT / "kpi_models"))

LEAST_PERIODS = 40
"""Two years of months of two calendars, or nearly: a comparison of fewer has lost some."""
LEAST_FILLED = 20
"""Campaigns do not end, and projects are not completed, in every month."""


FEW_MEMBERS = 3

OTHER_WORDS = {"country"}
"""Dimensions whose members the tools of the sample call otherwise than its books do: Germany is DE there."""


@dataclass(frozen=True)
class Night:
    """What the pipeline computed, and the same company's books."""

    warehouse: Path
    values: Callable[[str], dict[tuple[str, str], Value]]
    """The totals of a KPI."""
    books_of: Callable[[str, str], Books]
    """What the books hold of a member."""
    is_canonical: bool
    """Whether the exports were in the books' own words."""


@pytest.fixture(scope="module")
def clean_exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company in our own columns, without dirt: what the books are read from."""
    folder = tmp_path_factory.mktemp("canonical")
    write_sample(folder, layouts="canonical", is_clean=True)
    return folder


@pytest.fixture(
    scope="module",
    params=[
        # The same company as its tools write it, with planted dirt: none of it may reach a number.
        pytest.param(("UTC", DEFAULT_AS_OF, False), id="everything-with-dirt"),
        # Rows wait, and what they say has not happened yet; a business day is not a day of UTC.
        pytest.param(("Asia/Tehran", dt.date(2026, 8, 15), True), id="earlier-in-tehran", marks=pytest.mark.long),
    ],
)
def night(request: pytest.FixtureRequest, clean_exports: Path, tmp_path_factory: pytest.TempPathFactory) -> Night:
    timezone, as_of, is_clean = request.param
    exports = clean_exports
    if not is_clean:
        exports = tmp_path_factory.mktemp("sample")
        write_sample(exports)
    return hold(tmp_path_factory.mktemp("night"), exports, Books(clean_exports, as_of, Rules(timezone=timezone)))


def hold(folder: Path, exports: Path, books: Books) -> Night:
    """A night on `exports`, beside the books of the same company, which may be of cleaner exports."""
    rules = books.rules
    settings = {"timezone": rules.timezone, "brand_terms": rules.brand_terms, "grains": tuple(GRAINS)}
    company = Company.at(folder, exports=exports, **settings)
    ingest(company.settings)
    build(company.settings, books.as_of)
    return Night(
        company.settings.warehouse, cache(lambda kpi: values(books, kpi)), cache(books.only), exports == books.folder
    )


@pytest.mark.timeout(1800)  # the first of them waits for the night
@pytest.mark.parametrize("kpi", KPIS)
def test_the_pipeline_and_the_oracle_agree(night: Night, kpi: str) -> None:
    expected, found = night.values(kpi), published(night.warehouse, kpi)
    told = differences(kpi, expected, found)
    assert not told, f"{len(told)} of {len(found)} periods differ:\n" + "\n".join(told)
    compared = [expected[period] for period in expected.keys() & found.keys()]
    assert len(compared) >= LEAST_PERIODS
    assert sum(value.kpi_value not in (None, 0) for value in compared) >= LEAST_FILLED


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kpi", sorted(set(KPIS) & DIMENSIONS.keys()))
def test_the_pipeline_and_the_oracle_agree_on_members(night: Night, kpi: str) -> None:
    told, compared = [], 0
    dimensions = {
        dimension: column
        for dimension, column in DIMENSIONS[kpi].items()
        if night.is_canonical or dimension not in OTHER_WORDS
    }
    assert dimensions
    for dimension, column in dimensions.items():
        for member in largest_members(night.warehouse, kpi, dimension, FEW_MEMBERS):
            books, found = night.books_of(column, member), published(night.warehouse, kpi, dimension, member)
            latest = {period: found[period] for period in sorted(found, key=lambda period: period[1])[-4:]}
            expected = {(grain, start): value_in(books, kpi, grain, start) for grain, start in latest}
            told += differences(f"{kpi} by {dimension} {member}", expected, latest)
            compared += len(latest)
    assert not told, f"{len(told)} of {compared} values of members differ:\n" + "\n".join(told)
    assert compared >= 2 * len(dimensions)


def test_every_kpi_has_a_second_implementation() -> None:
    assert definitions.__all__
    assert KPIS
    assert set(KPIS) == DEFINITIONS.keys()
    assert DIMENSIONS.keys() <= DEFINITIONS.keys()


@pytest.mark.parametrize(
    "there",
    [
        Value(1, 4, 0.25 + 1e-6),  # not what the parts come to
        Value(1.000001, 4, 0.25),
        Value(1, 4.000001, 0.25),
        Value(1, 4, None),
        Value(1, None, 1),
    ],
)
def test_a_difference_is_told_with_kpi_period_and_both_numbers(there: Value) -> None:
    here, period = Value(1, 4, 0.25), ("month", "2026-10-01")
    assert differences("a_rate", {period: here}, {period: here}) == []
    (sentence,) = differences("a_rate", {period: here}, {period: there})
    for part in ("a_rate", "month 2026-10-01", "1 / 4 = 0.25", str(there.kpi_value)):
        assert part in sentence


def test_a_period_that_one_of_them_lacks_is_told_unless_nothing_is_in_it() -> None:
    period = ("month", "2026-10-01")
    for nothing in (Value(0, 0, None), Value(0, None, 0)):
        assert differences("a_kpi", {period: nothing}, {}) == differences("a_kpi", {}, {period: nothing}) == []
    for something in (Value(0, 2, 0.0), Value(3, None, 3)):
        assert differences("a_kpi", {period: something}, {})
        assert differences("a_kpi", {}, {period: something})


def test_a_value_that_cannot_be_said_is_not_nought() -> None:
    period = ("month", "2026-10-01")
    unknown = Value(None, None, None, is_unknown=True)
    assert differences("a_kpi", {period: unknown}, {period: Value(0, 0, None)}) == []
    assert differences("a_kpi", {period: unknown}, {period: Value(0, None, 0)})


def test_jalali_months_are_those_of_another_calendar() -> None:
    first, last = month_index("jalali_month", dt.date(1990, 1, 1)), month_index("jalali_month", dt.date(2049, 12, 31))
    for index in range(first, last + 1):
        year, month = divmod(index, 12)
        assert jalali_month_start(index) == jdatetime.date(year, month + 1, 1).togregorian()
    assert YEAR_ZERO.keys() == GRAINS.keys()
