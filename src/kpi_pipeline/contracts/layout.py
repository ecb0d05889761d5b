"""The layout of an export: how one tool writes the files of one entity.

A tool is one file, ``layouts/<tool>.yml``, with all that it writes. The product has a folder of them, and a company may
have its own beside it; dbt reads neither.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from kpi_pipeline.contracts.currencies import CURRENCY_NAMED, InCurrency
from kpi_pipeline.contracts.file_names import (
    as_if_unpacked,
    can_match_one_name,
    compiled,
    date_format,
    name_on,
    series_in,
    without_ending,
)
from kpi_pipeline.contracts.time_zone import TimeZone
from kpi_pipeline.contracts.yaml_files import read_yaml
from kpi_pipeline.errors import ConfigurationError, sentences_of

FileFormat = Literal["csv", "jsonl", "parquet", "xlsx"]
SUFFIXES: dict[FileFormat, str] = {
    "csv": r"\.(?:csv|tsv|txt)(?:\.gz|\.zip)?",
    "jsonl": r"\.(?:jsonl|ndjson|json)(?:\.gz|\.zip)?",
    "parquet": r"\.parquet",
    "xlsx": r"\.xlsx",
}
"""Format: what its files end in, in any case. No name ends in the suffixes of two formats."""

_DAY = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


class FirstOf(BaseModel):
    """The first of several headers that is not empty in a row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_of: list[str]


class ScaleBy(BaseModel):
    """A factor that depends on another header: a yearly price is a twelfth of it a month."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: str
    factors: dict[str, Fraction]
    """The other header's word and the factor: a number, or a fraction such as ``1/12``."""
    otherwise: Fraction | None = None
    """The factor of every other word; a row with one goes to quarantine where none is given."""


class Absorbs(BaseModel):
    """Where a row carries the identities that were merged into its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: str
    separator: str = ";"


class Layout(BaseModel):
    """How one tool writes one entity: the files' pattern and which header becomes which column.

    A header may go into a nested value: ``device.category`` is a field of an object, ``event_params[page_location]``
    the value of the named element of a list of keys and values.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    entity: str
    """The entity whose rows these files hold; a file that holds rows of two has two layouts."""
    files: str | list[str]
    """Path below the exports folder: ``*`` for anything, ``{date:%Y-%m-%d}`` for the day of the export; several where a
    tool gives its files other names too. A file in an archive is called as if it lay beside it."""
    format: FileFormat
    columns: dict[str, str | list[str] | FirstOf]
    """Entity column: the header it comes from; several headers are joined by a hyphen (a key made of two columns)."""
    documentation: str | None = None
    """Where the tool documents these headers."""
    beware: str | None = None
    """What people must know before they give a file this layout's name: it is read rightly under a condition that no
    header shows."""

    # what the file is like
    delimiter: str | None = None
    """Where not given, the one of comma, semicolon, tab and bar under which the header has the layout's headers."""
    encoding: Literal["utf-8", "utf-16", "windows-1252", "windows-1256"] = "utf-8"
    """Of text without a byte order mark; a mark is always obeyed."""
    preamble: bool = False
    """Whether a file without a line that has all columns is refused for it. Lines of a report's title may stand before
    the header of any file: it is the first line that has all columns, and the first line where none has."""
    sheet: str | None = None
    """Name of a workbook's sheet; where not given, every sheet with the header of the first that has one."""
    records: str | None = None
    """Key of the list of rows, where a JSON file may be one object around them, as APIs answer."""
    leave_out: dict[str, str] = {}
    """Header: rows whose value matches this regular expression are no rows of the entity, and never were."""
    only: dict[str, str] = {}
    """Header: rows whose value does not match this regular expression are no rows of the entity, and never were."""
    totals: dict[str, str] = {}
    """Header: rows whose value matches this regular expression are the report's totals: left out, and compared with the
    sum of the rows."""
    gone_when: dict[str, str] = {}
    """Header: a row whose value matches this regular expression says that the thing is deleted, merged away, archived
    or does not count any more; if it is its newest version, the thing is gone with all older ones."""
    gone_unless: dict[str, str] = {}
    """Header: the same of a row whose value does not match this regular expression."""
    absorbs: Absorbs | None = None
    """The header with the identities that were merged into the row's own, which are gone by that."""
    carried: dict[str, str] = {}
    """Header: another one. What the first row of a document has under the one, rows below it that leave it empty and
    have the same under the other have too (Shopify writes an order's Id once, and its Name in every row)."""
    new_columns: Literal["evolve", "freeze", "discard"] = "discard"
    """What becomes of headers that the layout does not name. They are recorded, and reported when they are new; evolve
    keeps their values beside the row, freeze refuses a file with new ones, discard drops the values."""
    replaces: Literal["same_name"] | None = None
    """Whether a file replaces what an earlier file of the same name brought, a browser's " (1)" aside."""
    report: str | None = None
    """What these files are an edition of, where several layouts write the same (a download and its Excel form): a newer
    edition replaces an older one whichever of them it came in. The layout's own name where not given."""
    provisional: str | None = None
    """A word in the name of a file that yields to the file of that name without it: an intraday table to the day's."""

    # what its values are like
    constants: dict[str, str] = {}
    """Entity column: the value that every row of this tool has; ``{date}`` is the day in the file's name."""
    values: dict[str, dict[str, str]] = {}
    """Entity column: the tool's word and ours. A word that is not listed passes unchanged; the word ``""`` says what it
    means that the tool writes nothing (no results are ``0``)."""
    otherwise: dict[str, str] = {}
    """Entity column: what every word becomes that neither `values` nor the words of a closed column list."""
    empty: list[str] = []
    """Words that mean that there is no value, such as ``--``."""
    formats: dict[str, str] = {}
    """Entity column, or ``updated_at``: how dates or times are written: a strptime format, ``jalali``, ``epoch_s``,
    ``epoch_ms`` or ``epoch_us``; ISO 8601 where not given."""
    decimal_mark: Literal[".", ","] = "."
    currency: InCurrency = None
    """What its amounts of money are in: a code, which a column of the file, a header or a mark in a cell can
    contradict; the column that says it; or ``reporting``: in KPI_CURRENCY, whatever another column says. Where not
    given, KPI_CURRENCY, unless the file says something else. A header with ``{currency}`` in it says it, too."""
    rated_on: str | None = None
    """Header of the day whose rate converts a row, where the entity has none of its own; else the day in the file's
    name."""
    scale: dict[str, Decimal] = {}
    """Entity column: factor to the unit of the column (0.01 for cents)."""
    scale_by: dict[str, ScaleBy] = {}
    """Entity column: factor to the unit of the column that depends on another header."""
    times: dict[str, str] = {}
    """Entity column: the header of a number that it is multiplied by, a price by its quantity; once where it is
    empty."""
    timezone: TimeZone | None = None
    """Time zone of timestamps that carry no offset; KPI_TIMEZONE where not given."""
    updated_at: str | None = None
    """Header of the moment at which a row was last changed: which version of a key is the newest."""
    row_key: str | None = None
    """Entity column that this tool has no key for: filled with the row's hash and its number among equal rows."""

    @field_validator("files")
    @classmethod
    def _has_one_day(cls, given: str | list[str]) -> str | list[str]:
        for pattern in [given] if isinstance(given, str) else given:
            if pattern.count("{date:") > 1:
                raise ValueError(f"{pattern} has two dates; the one that is not the day of the export is a *")
        return given

    @model_validator(mode="after")
    def _names_a_currency_where_headers_are_text(self) -> Layout:
        named = [header for headers in self.headers.values() for header in headers if CURRENCY_NAMED in header]
        if named and self.format not in ("csv", "xlsx"):
            raise ValueError(f"only a csv or xlsx file names a currency in a header, such as {named[0]}")
        return self

    @property
    def patterns(self) -> list[str]:
        """The patterns of its files' names, the one that is ours first."""
        return [self.files] if isinstance(self.files, str) else self.files

    @cached_property
    def _names(self) -> list[tuple[re.Pattern[str], str]]:
        """What matches the names of its files, each with the format of the date in them."""
        return [(compiled(pattern, SUFFIXES[self.format]), date_format(pattern)) for pattern in self.patterns]

    def _found(self, path: str) -> tuple[re.Match[str], str] | None:
        for pattern, date in self._names:
            for name in (path, as_if_unpacked(path)):
                if found := pattern.fullmatch(name):
                    return found, date
        return None

    def claims(self, path: str) -> bool:
        """Whether `path` (relative to the exports folder, with forward slashes) is a file of this layout."""
        return self._found(path) is not None

    def file_date(self, path: str) -> dt.datetime | None:
        """The date that the file's name carries, if the pattern captures one.

        Raises:
            ValueError: the name carries something in its place that is not such a date.
        """
        found = self._found(path)
        return dt.datetime.strptime(found[0]["date"], found[1]) if found and found[1] else None

    def name_for(self, day: dt.date) -> str:
        """A name, without its ending, under which a file exported on `day` is this layout's."""
        return name_on(self.patterns[0], day)

    def stem_of(self, path: str) -> str:
        """The name of the file at `path` without its ending, a browser's " (1)" and the word of a provisional file."""
        stem = without_ending(path, SUFFIXES[self.format])
        return re.sub(rf"[-_. ]?{re.escape(self.provisional)}", "", stem) if self.provisional else stem

    def is_provisional(self, path: str) -> bool:
        """Whether the file at `path` yields to another one."""
        return self.provisional is not None and self.provisional in path.rpartition("/")[2]

    @property
    def edition(self) -> str:
        """What its files are an edition of."""
        return self.report or self.name

    def series_of(self, path: str) -> str:
        """What tells the file at `path` from others of the layout, but for dates and a browser's " (1)".

        Two files of one series are two editions of one report. Two series (``spend_berlin_2026-10``,
        ``spend_paris_2026-10``) are two reports, and are added up.
        """
        found = self._found(path)
        return series_in(found[0]) if found else ""

    @property
    def headers(self) -> dict[str, list[str]]:
        """Entity column: the headers it is made from."""
        return {
            name: [given] if isinstance(given, str) else given.first_of if isinstance(given, FirstOf) else given
            for name, given in self.columns.items()
        }


class CanonicalLayout(Layout):
    """Our own column names, which every entity is read by without being asked.

    The name of a file may carry the day of the export, as in ``employees_2026-10-31.csv``; the last one counts.
    """

    def name_for(self, day: dt.date) -> str:
        """A name with the day in it, without its ending."""
        return f"{super().name_for(day)}_{day}"

    def file_date(self, path: str) -> dt.datetime | None:
        """The day that the file's name carries, if it carries one.

        Raises:
            ValueError: it carries what looks like a day and is none.
        """
        days = _DAY.findall(path.rpartition("/")[2]) or (_DAY.findall(path) if as_if_unpacked(path) != path else [])
        return dt.datetime.strptime(days[-1], "%Y-%m-%d") if days else None


@dataclass(frozen=True)
class DeclaredLayout:
    """A layout and the file that declares it."""

    path: Path
    layout: Layout

    def __str__(self) -> str:
        return f"{self.path}: layout {self.layout.name}"


def read_layouts(folders: Sequence[Path]) -> list[DeclaredLayout]:
    """The layouts of every tool in `folders`; a folder that is not there has none.

    A layout of a later folder replaces that of the same entity and name in an earlier one.

    Raises:
        ConfigurationError: a file cannot be read, a layout is incomplete, two of an entity have one name or can claim
            the same file; a line each, with file and layout.
    """
    layouts: dict[tuple[str, str], DeclaredLayout] = {}
    problems: list[str] = []
    for folder in folders:
        of_folder: dict[tuple[str, str], DeclaredLayout] = {}
        for path in sorted(path for path in folder.glob("*") if path.suffix in (".yml", ".yaml")):
            try:
                declared = [DeclaredLayout(path, layout) for layout in _read_file(path)]
            except ConfigurationError as error:
                problems.append(str(error))
                continue
            for each in declared:
                key = (each.layout.entity, each.layout.name)
                if key in of_folder:
                    problems.append(
                        f"{each}: {of_folder[key].path} has a layout of {each.layout.entity} with this name; "
                        "give one of them another."
                    )
                of_folder[key] = each
        layouts |= of_folder
    found = list(layouts.values())
    problems += [
        f"{other}: it can claim the same file as layout {one.layout.name} in {one.path}; make "
        f"{' or '.join(other.layout.patterns)} and {' or '.join(one.layout.patterns)} exclude each other."
        for one, other in itertools.combinations(found, 2)
        if one.layout.entity == other.layout.entity and can_claim_one_file(one.layout, other.layout)
    ]
    if problems:
        raise ConfigurationError("\n".join(problems))
    return found


def _read_file(path: Path) -> list[Layout]:
    try:
        document = read_yaml(path)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 0000-00-00, or no UTF-8
        raise ConfigurationError(f"{path}: this is not YAML: {error}") from error
    given = document.get("layouts") if isinstance(document, dict) else None
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise ConfigurationError(f"{path}: it needs a list of layouts.")
    layouts: list[Layout] = []
    problems: list[str] = []
    for number, each in enumerate(given, start=1):
        try:
            layouts.append(Layout.model_validate(each))
        except ValidationError as error:
            problems += [f"{path}: layout {each.get('name', number)}: {line}" for line in sentences_of(error)]
    if problems:
        raise ConfigurationError("\n".join(problems))
    return layouts


def can_claim_one_file(one: Layout, other: Layout) -> bool:
    """Whether there is a file name that both layouts claim, decided from their patterns."""
    return one.format == other.format and any(
        can_match_one_name(first, second) for first in one.patterns for second in other.patterns
    )
