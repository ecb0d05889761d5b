"""The catalogue: one page that says of every KPI what it means, how it is computed and what it has been.

It is made from the files in `kpi_models`, so it is right before the first night too; a release adds the last totals.
The page needs no network and holds nothing of a person: totals only, no members. It also names the files that nobody
reads, for a number that lacks one is too low.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from kpi_pipeline.contracts.domain import Title
from kpi_pipeline.contracts.grain import CADENCES
from kpi_pipeline.contracts.kpi import Kpi, read_registry
from kpi_pipeline.contracts.lineage import Lineage, Upstream
from kpi_pipeline.contracts.numbers import persian_number, shown_parts, shown_value
from kpi_pipeline.contracts.periods import period_label, persian_date
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.words import DIRECTIONS, LEVELS, Language
from kpi_pipeline.errors import ConfigurationError, PipelineError
from kpi_pipeline.release.store import current_release
from kpi_pipeline.tell.read import open_current, read_last_totals, read_left_alone

EXAMPLES = 6
"""Months of each KPI that the page shows."""


@dataclass(frozen=True)
class Example:
    """A published total, as people of either language write it."""

    period: str
    value: str
    parts: str
    is_complete: bool


@dataclass(frozen=True)
class Examples:
    """The last published totals of a KPI: Gregorian months for English, Jalali months for Persian."""

    en: Sequence[Example]
    fa: Sequence[Example]
    is_stale: bool
    as_of: dt.date
    version: int


@dataclass(frozen=True)
class Entry:
    """A KPI with everything that the page says of it beside its fields."""

    kpi: Kpi
    dated_by: str
    """Entity and column, also where the KPI names the entity alone."""
    sql: str
    exports: Sequence[str]
    entities: Sequence[str]
    from_kpis: Sequence[str]
    tests: Sequence[str]
    is_due: bool
    examples: Examples | None


@dataclass(frozen=True)
class Domain:
    """The entries of one folder of kpi_models."""

    name: str
    title: Title
    entries: Sequence[Entry]


def write_catalogue(settings: Settings, lineage: Lineage, to: Path | None = None, today: dt.date | None = None) -> Path:
    """Write the page, and return where it is.

    Args:
        settings: the company's settings.
        lineage: what each KPI is made of.
        to: the file to write; ``KPI_HOME/catalogue/index.html`` where none is given.
        today: the day on which reviews are due or not; today in KPI_TIMEZONE, where none is given.

    Raises:
        ConfigurationError: a KPI contract is wrong.
        PipelineError: the file cannot be written.
    """
    to = to or settings.home / "catalogue" / "index.html"
    page = render_catalogue(settings, lineage, today or dt.datetime.now(settings.zone).date())
    unfinished = to.with_name(f".{to.name}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(page, encoding="utf-8")
        unfinished.replace(to)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise PipelineError(f"The catalogue cannot be written to {to}: {error.strerror}. Name another file.") from error
    return to


def render_catalogue(settings: Settings, lineage: Lineage, today: dt.date) -> str:
    """The page as text: the same text for the same files, lineage, release and day."""
    release = current_release(settings)
    domains = _domains(settings, lineage, today)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("kpi_pipeline.tell"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("catalogue.html").render(
        domains=domains,
        count=sum(len(domain.entries) for domain in domains),
        due=sum(entry.is_due for domain in domains for entry in domain.entries),
        as_of=release.as_of if release else None,
        left_alone=_read_left_alone(settings) if release else {},
        today=today,
        currency=settings.currency,
        directions=DIRECTIONS,
        cadences=CADENCES,
        levels=LEVELS,
        persian_number=persian_number,
        persian_date=persian_date,
    )


def _domains(settings: Settings, lineage: Lineage, today: dt.date) -> list[Domain]:
    kpis = read_registry(settings.kpi_models)
    entities = {path.stem for path in (settings.dbt_project / "models" / "entities").rglob("*.sql")}
    examples = _read_examples(settings)
    names = {kpi.name for kpi in kpis}

    def entry(kpi: Kpi) -> Entry:
        above = lineage.upstream.get(kpi.name, Upstream(frozenset(), frozenset()))
        return Entry(
            kpi=kpi,
            dated_by=_dated_by(kpi, lineage),
            sql=kpi.sql_path.read_text(encoding="utf-8").strip() if kpi.sql_path.exists() else "",
            exports=sorted(above.exports),
            entities=sorted(above.models & entities),
            from_kpis=sorted(above.models & names),
            tests=[_sentence(name, kpi) for name in kpi.unit_tests],
            is_due=kpi.review_by < today and not kpi.has_ended(today),
            examples=examples.get(kpi.name),
        )

    return [
        Domain(name, group[0].domain_title, [entry(kpi) for kpi in group])
        for name, group in ((name, list(group)) for name, group in itertools.groupby(kpis, key=lambda kpi: kpi.domain))
    ]


def _dated_by(kpi: Kpi, lineage: Lineage) -> str:
    try:
        return ".".join(lineage.day_of(kpi.dated_by))
    except ConfigurationError:  # an entity that nobody knows: `kpi check` says so
        return kpi.dated_by


def _sentence(test: str, kpi: Kpi) -> str:
    """The name of a unit test as what it is, a sentence about its KPI."""
    words = test.removeprefix(kpi.name).strip("_").replace("_", " ")
    return f"{kpi.title.en} {words}." if test.startswith(kpi.name) else f"{words[:1].upper()}{words[1:]}."


def _read_examples(settings: Settings) -> dict[str, Examples]:
    if current_release(settings) is None:
        return {}
    with open_current(settings) as (_, connection):
        months = read_last_totals(connection, "month", EXAMPLES)
        jalali_months = read_last_totals(connection, "jalali_month", EXAMPLES)
    return {
        kpi: Examples(
            en=[_example(row, "en") for row in totals],
            fa=[_example(row, "fa") for row in jalali_months.get(kpi, totals)],
            is_stale=totals[-1]["is_stale"],
            as_of=totals[-1]["as_of"],
            version=totals[-1]["definition_version"],
        )
        for kpi, totals in months.items()
    }


def _read_left_alone(settings: Settings) -> dict[str, str]:
    with open_current(settings) as (_, connection):
        return read_left_alone(connection)


def _example(row: dict[str, Any], language: Language) -> Example:
    return Example(
        period=period_label(row["period_grain"], row["period_start"], language),
        value=shown_value(row["kpi_value"], row["unit"], row["currency"], language),
        parts=shown_parts(row["numerator"], row["denominator"], language),
        is_complete=row["is_complete"],
    )
