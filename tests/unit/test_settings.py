"""The settings: each bad value is a sentence that names its environment variable."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.contracts.grain import GRAINS
from kpi_pipeline.contracts.settings import Settings, load_settings
from kpi_pipeline.errors import ConfigurationError

BAD = [
    ("KPI_TIMEZONE", "Tehran", "KPI_TIMEZONE: 'Tehran' is not a time zone; give an IANA name such as Asia/Tehran."),
    ("KPI_TIMEZONE", "../etc/passwd", "KPI_TIMEZONE: '../etc/passwd' is not a time zone"),
    ("KPI_WEEK_START", "friday", "KPI_WEEK_START: Input should be 'monday', 'saturday' or 'sunday'."),
    ("KPI_GRAINS", "month,fortnight,decade", "KPI_GRAINS: unknown grain fortnight, decade; choose from day, week, "),
    ("KPI_GRAINS", " , ", "KPI_GRAINS: unknown grain (none given); choose from day, "),
    ("KPI_CALENDAR_START", "soon", "KPI_CALENDAR_START: Input should be a valid date"),
    ("KPI_CALENDAR_END", "1999-12-31", "KPI_CALENDAR_END: the calendar ends on 1999-12-31, before it starts on 2000"),
    ("KPI_KEEP_RELEASES", "0", "KPI_KEEP_RELEASES: Input should be greater than or equal to 1."),
    ("KPI_COMPANY", "/nowhere", "KPI_COMPANY: there is no folder /nowhere; create it, or leave it unset."),
    ("KPI_RETRIES", "-1", "KPI_RETRIES: Input should be greater than or equal to 0."),
    ("KPI_KEEP_NIGHTS", "few", "KPI_KEEP_NIGHTS: Input should be a valid integer"),
    ("KPI_MEMORY_LIMIT", "lots", "KPI_MEMORY_LIMIT: 'lots' is no amount of memory; write it as 2GB or 500MB."),
    ("KPI_THREADS", "-1", "KPI_THREADS: Input should be greater than or equal to 1."),
    ("KPI_QUARANTINE_MAX_SHARE", "5", "KPI_QUARANTINE_MAX_SHARE: Input should be less than or equal to 1."),
    ("KPI_QUARANTINE_MAX_SHARE", "nan", "KPI_QUARANTINE_MAX_SHARE: Input should be "),
    ("KPI_MEMBER_LIMIT", "0", "KPI_MEMBER_LIMIT: Input should be greater than or equal to 1."),
    ("KPI_MEMBER_DAYS", "1.5", "KPI_MEMBER_DAYS: Input should be a valid integer"),
    ("KPI_MINIMUM_GROUP_SIZE", "", "KPI_MINIMUM_GROUP_SIZE: Input should be a valid integer"),
    ("KPI_AT_RISK_MARGIN", "-0.1", "KPI_AT_RISK_MARGIN: Input should be greater than or equal to 0."),
    ("KPI_PURCHASE_ACTIVITY_DAYS", "0", "KPI_PURCHASE_ACTIVITY_DAYS: Input should be greater than or equal to 1."),
]


@pytest.mark.parametrize(("name", "value", "words"), BAD)
def test_a_bad_value_is_a_sentence_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError) as raised:
        load_settings()
    assert str(raised.value).startswith(words)
    assert str(raised.value).count("\n") == 0
    assert str(raised.value).endswith(".")


def test_every_bad_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_THREADS", "many")
    monkeypatch.setenv("KPI_TIMEZONE", "Mars")

    with pytest.raises(ConfigurationError) as raised:
        load_settings()
    assert [line.split(":")[0] for line in str(raised.value).splitlines()] == ["KPI_TIMEZONE", "KPI_THREADS"]


@pytest.mark.parametrize(
    ("given", "grains"),
    [
        ("month", ("month",)),
        ("jalali_year, day ,month", ("day", "month", "jalali_year")),
        ("week,,week", ("week",)),
        (("year", "day"), ("day", "year")),
    ],
)
def test_grains_are_separated_by_commas_and_come_finest_first(given: Any, grains: tuple[str, ...]) -> None:
    assert load_settings(grains=given).grains == grains


def test_without_any_variable_every_setting_has_its_default() -> None:
    settings = load_settings()

    assert settings.grains == GRAINS
    assert (settings.timezone, settings.currency, settings.week_start) == ("UTC", "USD", "monday")
    assert settings.home == Path.cwd() / "var"


def test_a_dot_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("KPI_CURRENCY=IRR\nKPI_TIMEZONE=Asia/Tehran\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setenv("KPI_CURRENCY", "EUR")

    settings = load_settings()
    assert (settings.currency, settings.timezone) == ("EUR", "Asia/Tehran")


def test_folders_are_absolute_so_that_a_changed_directory_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_HOME", "~/kpi")
    monkeypatch.setenv("KPI_EXPORTS", "here")

    settings = load_settings()
    assert settings.home == Path.home() / "kpi"
    assert settings.exports == Path.cwd() / "here"


def test_a_company_without_a_folder_of_its_own_has_the_products_layouts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_COMPANY", "")
    without = load_settings()
    monkeypatch.setenv("KPI_COMPANY", ".")

    assert without.company is None
    assert without.layout_folders == (without.project / "layouts",)
    assert load_settings().layout_folders == (without.project / "layouts", Path.cwd() / "layouts")


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")] == []


def test_yesterday_is_that_of_the_companys_time_zone() -> None:
    east, west = load_settings(timezone="Pacific/Kiritimati"), load_settings(timezone="Pacific/Pago_Pago")

    # 25 hours apart: never the same day, never more than two days
    assert east.yesterday() - west.yesterday() in (dt.timedelta(days=1), dt.timedelta(days=2))
