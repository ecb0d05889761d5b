"""Every setting in one place: the environment (prefix ``KPI_``) and ``.env`` fill it, nothing else is configuration.

What a company decides about its numbers stands in `choices`; here is where things are and what a night may use.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from kpi_pipeline.contracts.choices import Choices, Listed, split_words
from kpi_pipeline.contracts.currencies import Currency
from kpi_pipeline.contracts.grain import GRAINS
from kpi_pipeline.contracts.time_zone import TimeZone
from kpi_pipeline.errors import ConfigurationError, sentences_of

Weekday = Literal["monday", "saturday", "sunday"]


class Settings(Choices):
    """The configuration of one company's pipeline.

    Raises:
        ConfigurationError: through `load_settings`, with a sentence per wrong setting.
    """

    model_config = SettingsConfigDict(env_prefix="KPI_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(Path("var"), description="Folder of warehouse.duckdb and published/.")
    exports: Path = Field(Path("exports"), description="Folder into which the source systems drop their exports.")
    project: Path = Field(
        Path(__file__).parents[3],
        description="Folder that holds dbt_project/, kpi_models/ and layouts/; rarely changed.",
    )
    company: Path | None = Field(
        None, description="Folder of what is a company's own: the layouts of tools that the product does not know."
    )
    rates: Path | None = Field(
        None, description="Table of exchange rates; where not given, rates.csv in KPI_COMPANY, or else in KPI_EXPORTS."
    )
    timezone: TimeZone = Field("UTC", description="Time zone of the business day, an IANA name such as Asia/Tehran.")
    currency: Currency = Field(
        "USD", description="Currency in which all money is reported: an ISO 4217 code, or IRT for the toman."
    )
    week_start: Weekday = Field("monday", description="First day of the week: monday, sunday, or saturday for Iran.")
    grains: Listed = Field(GRAINS, description="Period grains to publish.")
    calendar_start: dt.date = Field(dt.date(2000, 1, 1), description="First day that periods exist for.")
    calendar_end: dt.date = Field(dt.date(2049, 12, 31), description="Last day of the published calendar.")
    keep_releases: int = Field(14, ge=1, description="How many releases stay on disk, the current one included.")
    keep_nights: int = Field(400, ge=1, description="How many nights kpi_runs and kpi_audits remember.")
    memory_limit: str = Field("2GB", description="Memory that DuckDB may use, in DuckDB's notation.")
    threads: int = Field(2, ge=1, description="Threads that DuckDB may use.")

    schedule: str = Field("0 2 * * *", description="When a night runs, as cron, in KPI_TIMEZONE.")
    retries: int = Field(3, ge=0, description="How often the scheduler tries a failed step again.")

    quarantine_max_share: float = Field(
        0.05, ge=0, le=1, description="A file with a larger share of rows that cannot be loaded is refused whole."
    )
    quarantine_max_rows: int = Field(
        100_000, ge=0, description="A file with more rows that cannot be loaded is refused whole."
    )
    snapshot_min_share: float = Field(
        0.5, ge=0, le=1, description="A snapshot with a smaller share of the rows of the last one waits for a word."
    )
    member_days: int = Field(92, ge=1, description="Days for which members are published at day and week grain.")
    at_risk_margin: float = Field(
        0.1, ge=0, description="How far (share of the target) a value may miss a target that sets no off_track_at."
    )

    @field_validator("grains", mode="before")
    @classmethod
    def _split_grains(cls, given: Any) -> Any:
        return split_words(given)

    @field_validator("grains")
    @classmethod
    def _known_grains(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [grain for grain in given if grain not in GRAINS]
        if unknown or not given:
            raise ValueError(f"unknown grain {', '.join(unknown) or '(none given)'}; choose from {', '.join(GRAINS)}")
        return tuple(grain for grain in GRAINS if grain in given)

    @field_validator("calendar_end")
    @classmethod
    def _after_its_start(cls, given: dt.date, info: ValidationInfo) -> dt.date:
        start = info.data.get("calendar_start", given)
        if given < start:
            raise ValueError(f"the calendar ends on {given}, before it starts on {start}")
        return given

    @field_validator("memory_limit")
    @classmethod
    def _known_amount(cls, given: str) -> str:
        if not re.fullmatch(r"\d+(\.\d+)?\s*[KMGT]i?B", given.strip(), re.IGNORECASE):
            raise ValueError(f"{given!r} is no amount of memory; write it as 2GB or 500MB")
        return given.strip()

    @field_validator("company", "rates", mode="before")
    @classmethod
    def _empty_is_none(cls, given: Any) -> Any:
        return None if given == "" else given

    @field_validator("home", "exports", "project", "company", "rates")
    @classmethod
    def _absolute(cls, given: Path | None) -> Path | None:
        return None if given is None else given.expanduser().absolute()

    @field_validator("company")
    @classmethod
    def _is_a_folder(cls, given: Path | None) -> Path | None:
        # a folder that is not there has no layouts, and every file of theirs would be left alone
        if given is not None and not given.is_dir():
            raise ValueError(f"there is no folder {given}; create it, or leave it unset")
        return given

    @field_validator("rates")
    @classmethod
    def _is_a_file(cls, given: Path | None) -> Path | None:
        if given is not None and not given.is_file():
            raise ValueError(f"there is no file {given}; create it, or leave it unset")
        return given

    @property
    def rates_file(self) -> Path | None:
        """The table of exchange rates; None where the company keeps none."""
        kept = [folder / "rates.csv" for folder in (self.company, self.exports) if folder]
        return self.rates or next((path for path in kept if path.is_file()), None)

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that only the pipeline opens."""
        return self.home / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The folder that BI tools mount: ``current`` and ``releases/``."""
        return self.home / "published"

    @property
    def current(self) -> Path:
        """The symlink that names the release in force."""
        return self.published / "current"

    @property
    def dbt_project(self) -> Path:
        """The dbt project: staging, entities, periods."""
        return self.project / "dbt_project"

    @property
    def kpi_models(self) -> Path:
        """The KPI contracts: one SQL file and one YAML file each."""
        return self.project / "kpi_models"

    @property
    def layout_folders(self) -> tuple[Path, ...]:
        """Where tools are described, the product's folder first; a company's layout replaces one of the same name."""
        return (self.project / "layouts", *([self.company / "layouts"] if self.company else []))

    @property
    def dbt_target(self) -> Path:
        """Where dbt writes its manifest and run results."""
        return self.home / "dbt" / "target"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the business day."""
        return ZoneInfo(self.timezone)

    def yesterday(self) -> dt.date:
        """The last business day that has ended: the `as_of` of a run that names none."""
        return dt.datetime.now(self.zone).date() - dt.timedelta(days=1)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` win over the environment.

    Raises:
        ConfigurationError: one sentence per setting that is wrong, naming its environment variable.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = sentences_of(error, lambda field: f"KPI_{field.upper()}")
        raise ConfigurationError("\n".join(lines)) from error
