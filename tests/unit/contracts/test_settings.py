"""The settings: each bad value is a sentence that names its environment variable."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from kpi_pipeline.contracts.choices import Choices
from kpi_pipeline.contracts.grain import GRAINS
from kpi_pipeline.contracts.settings import Settings, load_settings
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.warehouse.run import Run, begin_run

ROOT = Path(__file__).parents[3]

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


# --- one place per choice: what else speaks of them follows ---

SETTINGS_SOURCE = ROOT / "dbt_project" / "models" / "_settings__sources.yml"


def test_the_sql_is_told_every_choice_under_its_own_name() -> None:
    settings = load_settings(brand_terms="a,b", grains="month")
    with duckdb.connect() as connection:
        begin_run(connection, settings, Run("r", dt.date(2024, 12, 31), is_partial=False))
        made = dict(
            connection.execute(
                "select table_name, list(column_name order by column_index) from duckdb_columns() "
                "where schema_name = 'settings' and table_name <> 'calendar' group by all"
            ).fetchall()
        )
        terms = connection.execute("select brand_term from settings.brand_terms order by all").fetchall()
        told = connection.execute("select member_limit, ranked_before from settings.run").fetchall()

    [source] = yaml.safe_load(SETTINGS_SOURCE.read_text(encoding="utf-8"))["sources"]
    declared = {table["name"]: [column["name"] for column in table["columns"]] for table in source["tables"]}
    assert {name: set(columns) for name, columns in made.items()} == {
        name: set(columns) for name, columns in declared.items() if name != "calendar"
    }
    assert set(settings.values()) < set(made["run"])
    assert terms == [("a",), ("b",)]
    assert told == [(50, dt.date(2025, 1, 1))]


def test_the_sources_say_of_a_choice_what_the_choice_says() -> None:
    [source] = yaml.safe_load(SETTINGS_SOURCE.read_text(encoding="utf-8"))["sources"]
    [run] = [table for table in source["tables"] if table["name"] == "run"]
    said = {column["name"]: column["description"] for column in run["columns"]}

    assert {name: said[name] for name in Choices().values()} == {
        name: Choices.model_fields[name].description for name in Choices().values()
    }


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_example_of_a_dot_env_file_has_every_setting_with_its_sentence_and_default(name: str) -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    [number] = [number for number, line in enumerate(lines) if line.startswith(f"# KPI_{name.upper()}=")]
    begin = number
    while lines[begin - 1].startswith("# ") and not re.match(r"# (---|KPI_[A-Z_]+=)", lines[begin - 1]):
        begin -= 1
    field = Settings.model_fields[name]

    assert " ".join(line.removeprefix("# ") for line in lines[begin:number]).startswith(field.description)
    default = ",".join(field.default) if isinstance(field.default, tuple) else field.default
    if name not in ("project", "company", "rates"):  # where the package lies; none
        assert lines[number].partition("=")[2] == str(default)
