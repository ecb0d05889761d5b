"""The command line: exit codes and sentences, and how things look in a terminal."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from kpi_pipeline.cli import app
from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.errors import ConfigurationError, PipelineError
from kpi_pipeline.schedule import as_of, as_of_of, backfill_days, held_sentence
from kpi_pipeline.tell.read import open_current, read_catalog, read_members, read_periods, read_scorecard
from kpi_pipeline.tell.terminal import bar, coloured_change, kpi_list, print_held, scorecard, shown_status
from kpi_pipeline.workshop.scaffold import scaffold


def total(start: str, value: float | None, denominator: float | None = None) -> Any:
    return ("month", start, "all", "all", value, denominator)


@pytest.fixture
def company(new_nights: Callable[..., Any]) -> Any:
    """Three KPIs, published for February and a running March: one on track, one held, one that counts nothing."""
    nights = new_nights(grains="month")
    nights.declare("orders", kind="sum", unit="count", sets=["shop", "b2b"], title={"en": "Orders", "fa": "سفارش‌ها"})
    nights.declare("rate", domain="web", dimensions=["channel"])
    nights.declare("visits", domain="web", kind="sum", unit="count", dimensions=[])
    nights.targets("orders,all,all,month,2024-01-01,,,100,,,")
    parts = {
        "orders": [total("2024-01-01", 120), total("2024-02-01", 110), total("2024-03-01", 1)],
        "rate": [total("2024-01-01", 1, 2), total("2024-02-01", 1, 4), ("month", "2024-02-01", "channel", "web", 1, 4)],
    }  # fmt: skip
    nights.build("2024-03-02", {**parts, "visits": []})
    nights.judge({"rate": "export sessions: not true that id is unique"})
    from kpi_pipeline.release.publish import publish

    publish(nights.settings)
    return nights


def kpi(nights: Any, *arguments: str) -> Result:
    """Call `kpi` as a person does, in the environment of this company."""
    settings = nights.settings
    environment = {
        "KPI_HOME": str(settings.home), "KPI_EXPORTS": str(settings.exports), "KPI_PROJECT": str(settings.project),
        "KPI_GRAINS": ",".join(settings.grains), "KPI_CALENDAR_START": "2022-01-01", "KPI_CALENDAR_END": "2026-12-31",
    }  # fmt: skip
    return CliRunner().invoke(app, list(arguments), env=environment)


def test_the_status_of_a_release_with_something_held_is_3_and_says_what_and_why(company: Any) -> None:
    result = kpi(company, "status")

    assert result.exit_code == 3
    assert "as of 2024-03-02" in result.output
    assert "Held back: 1. Their last good values stay, marked stale." in result.output
    assert "rate: export sessions: not true that id is unique" in result.output


def test_the_status_of_a_release_without_anything_held_is_0(new_nights: Callable[..., Any]) -> None:
    nights = new_nights(grains="month")
    nights.declare("orders", kind="sum", unit="count")
    nights.night("2024-01-31", {"orders": [total("2024-01-01", 12)]}, days=("2024-01-01", "2024-01-31"))

    assert kpi(nights, "status").exit_code == 0


@pytest.mark.parametrize("command", [["status"], ["list"], ["show", "orders"]])
def test_reading_before_the_first_release_is_1_and_says_what_to_run(nights: Any, command: list[str]) -> None:
    result = kpi(nights, *command)

    assert result.exit_code == 1
    assert "Nothing is published in " in result.stderr
    assert "Run `kpi run`" in result.stderr


@pytest.mark.parametrize("command", [["publish"], ["audit"]])
def test_a_step_without_the_one_before_it_is_1_and_says_what_to_run(nights: Any, command: list[str]) -> None:
    result = kpi(nights, *command)

    assert result.exit_code == 1
    assert "Run `kpi " in result.stderr
    assert "Traceback" not in result.output


def test_a_wrong_setting_is_2_and_names_its_variable(nights: Any) -> None:
    result = CliRunner().invoke(app, ["status"], env={"KPI_THREADS": "many"})

    assert result.exit_code == 2
    assert "KPI_THREADS: Input should be a valid integer" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["no-such-verb"], ["show"], ["run", "--as-of", "yesterday"], ["show", "orders", "--last", "0"], ["ingest", "erp"],
     ["rollback", "no-such-release"], ["show", "orders", "--grain", "fortnight"], ["show", "orders", "--by", "region"]],
)  # fmt: skip
def test_wrong_usage_is_2(company: Any, arguments: list[str]) -> None:
    result = kpi(company, *arguments)

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_an_unknown_kpi_is_2_and_the_nearest_name_is_suggested(company: Any) -> None:
    near, far = kpi(company, "show", "oders"), kpi(company, "show", "xyz")

    assert (near.exit_code, far.exit_code) == (2, 2)
    assert "There is no KPI called oders in this release. Did you mean orders?" in near.stderr
    assert "`kpi list` names them all." in far.stderr


def test_list_shows_every_kpi_or_those_of_a_domain_or_set(company: Any) -> None:
    def names(*arguments: str) -> list[str]:
        output = kpi(company, "list", *arguments).output
        return [name for name in ("orders", "rate", "visits") if f" {name} " in output]

    assert names() == ["orders", "rate", "visits"]
    assert names("--domain", "web") == ["rate", "visits"]
    assert names("--set", "b2b") == ["orders"]
    assert names("--set", "b2") == []
    assert "0 KPIs" in kpi(company, "list", "--set", "b2").output


def test_list_of_nothing_says_what_there_is(company: Any) -> None:
    result = kpi(company, "list", "--domain", "hr")

    assert result.exit_code == 0
    assert result.output == "0 KPIs\nThere are the domains sales, web; and the sets b2b, shop.\n"


@pytest.mark.parametrize("width", [80, 120, 160])
def test_no_list_cuts_a_name_or_is_wider_than_the_terminal(new_nights: Callable[..., Any], width: int) -> None:
    nights = new_nights(grains="month")
    names = ["customer_lifetime_value_net_of_cac", "rate"]
    title = {"en": "Customer lifetime value net of acquisition cost", "fa": "یک شاخص"}
    for name in names:
        nights.declare(name, unit="units_per_hour", title=title, owner="digital-marketing", sets=["b2c", "online"])
    nights.night("2024-02-02", {name: [total("2024-01-01", 1234, 1)] for name in names})

    with open_current(nights.settings) as (_, connection):
        for table in (
            kpi_list(Console(width=width), read_catalog(connection)),
            scorecard(Console(width=width), read_scorecard(connection)),
        ):
            console = Console(width=width, record=True, file=io.StringIO())
            console.print(table)
            lines = console.export_text().splitlines()
            assert max(len(line) for line in lines) <= width
            assert [line.split()[0] for line in lines if line.startswith("  ") and line.split()[0] in names] == names
            assert not any("…" in line for line in lines)


def test_show_says_what_a_kpi_means_and_how_it_has_done(company: Any) -> None:
    result = kpi(company, "show", "orders")

    assert result.exit_code == 0
    for words in ("Orders", "سفارش‌ها", "higher is better", "Jan 2024", "Feb 2024", "Mar 2024 …", "● on track", "120"):
        assert words in result.output
    assert "… is still running; its change compares as many days of the period before." in result.output


def test_show_names_the_owner_by_its_title_and_by_its_key_where_the_release_has_no_title(company: Any) -> None:
    (company.settings.kpi_models / "owners.csv").write_text(
        "key,title_en,title_fa\ntests,The testers,آزمون‌گران\n", encoding="utf-8"
    )
    company.night("2024-03-03", {"orders": [], "rate": [], "visits": []})

    assert "The testers; review by 2030-01-01" in kpi(company, "show", "orders").output
    with duckdb.connect(str(company.settings.current / "kpi.duckdb")) as connection:
        connection.execute("alter table kpi_catalog drop column owner_en")
    assert "tests; review by 2030-01-01" in kpi(company, "show", "orders").output


def test_show_by_a_dimension_has_a_row_per_member(company: Any) -> None:
    company.night("2024-03-02", {
        "orders": [], "visits": [],
        "rate": [total("2024-02-01", 1, 4), ("month", "2024-02-01", "channel", "web", 1.0, 4.0),
                 ("month", "2024-02-01", "channel", "shop", 3.0, 6.0)],
    })  # fmt: skip
    lines = [line.split() for line in kpi(company, "show", "rate", "--by", "channel").output.splitlines()]

    assert lines[-2:] == [["shop", "50.00", "%"], ["web", "25.00", "%"]]


def test_show_of_a_grain_without_rows_says_so(company: Any) -> None:
    result = kpi(company, "show", "orders", "--grain", "jalali_year")

    assert result.exit_code == 0
    assert "Nothing is published at this grain." in result.output


def test_releases_and_rollback_move_current(company: Any) -> None:
    first = company.settings.current.resolve().name
    second = company.night("2024-03-03", {"orders": [], "rate": [], "visits": []}).name

    assert [line.split()[:2] for line in kpi(company, "releases").output.splitlines()[1:]] == [
        ["→", second], [first, "2024-03-02"],
    ]  # fmt: skip
    result = kpi(company, "rollback")
    assert (result.exit_code, result.output) == (0, f"current is now {first}, as of 2024-03-02.\n")
    assert company.settings.current.resolve().name == first


def test_releases_before_the_first_says_what_to_run(nights: Any) -> None:
    assert kpi(nights, "releases").output == "There is no release yet. Run `kpi run`.\n"


def test_ingest_counts_what_it_loaded_and_is_3_where_a_file_is_refused(
    new_company: Callable[..., Any], declared_table: Callable[..., dict[str, Any]]
) -> None:
    company = new_company()
    company.declare("crm", declared_table("sales", {"sale_id": "text!"}))
    company.put("crm/sales_1.csv", "sale_id\na\nb\n")
    good = kpi(company, "ingest")
    company.put("crm/sales_2.csv", "")
    bad = kpi(company, "ingest", "crm")

    assert (good.exit_code, bad.exit_code) == (0, 3)
    assert "1 files loaded, 0 known, 0 refused, 0 left alone. 2 rows loaded, 0 known before" in good.output
    assert "0 files loaded, 1 known, 1 refused, 0 left alone. 0 rows loaded" in bad.output
    assert "crm/sales_2.csv refused as sales: the file is empty" in bad.output


# --- new ---


@pytest.mark.parametrize(
    "name", ["orders", "Sales/orders", "sales/Orders", "sales/orders per visit", "sales/../x", "/x", "sales/", "a/b/c",
             "", "_template/x", "sales/1st", "sales/سفارش"],
)  # fmt: skip
def test_a_bad_name_for_a_new_kpi_is_2_and_shows_a_good_one(company: Any, name: str) -> None:
    before = sorted(company.settings.project.rglob("*"))
    result = kpi(company, "new", name)

    assert result.exit_code == 2
    assert "Give domain/name in small letters, such as sales/orders_per_visit." in result.stderr
    assert sorted(company.settings.project.rglob("*")) == before


@pytest.fixture
def templates(nights: Any, real_project: Path) -> Any:
    shutil.copytree(real_project / "kpi_models" / "_template", nights.settings.kpi_models / "_template")
    return nights


def test_a_new_kpi_is_two_files_with_its_name_in_them_and_a_new_domain_a_third(templates: Any) -> None:
    result = kpi(templates, "new", "sales/orders_per_visit")
    folder = templates.settings.kpi_models / "sales"

    assert result.exit_code == 0
    assert [path.name for path in sorted(folder.iterdir())] == [
        "_sales.yml", "orders_per_visit.sql", "orders_per_visit.yml",
    ]  # fmt: skip
    assert "- name: orders_per_visit\n" in (folder / "orders_per_visit.yml").read_text(encoding="utf-8")
    assert "- name: sales\n" in (folder / "_sales.yml").read_text(encoding="utf-8")
    assert "__" not in "".join(path.read_text(encoding="utf-8").replace("___", "_") for path in folder.iterdir())

    (folder / "_sales.yml").write_text("as it was filled in", encoding="utf-8")
    result = kpi(templates, "new", "sales/orders_per_day")
    assert result.output.splitlines()[:2] == [str(folder / f"orders_per_day.{suffix}") for suffix in ("sql", "yml")]
    assert (folder / "_sales.yml").read_text(encoding="utf-8") == "as it was filled in"


def test_check_says_what_a_new_domain_and_then_a_new_kpi_still_miss(templates: Any) -> None:
    folder = templates.settings.kpi_models / "sales"
    for file in ("owners", "objectives"):
        titles = templates.settings.kpi_models / f"{file}.csv"
        titles.write_text("key,title_en,title_fa\nsales,Sales,فروش\n", encoding="utf-8")
    scaffold(templates.settings, "sales/orders_per_visit")
    domain = folder / "_sales.yml"
    of_the_domain = kpi(templates, "check")
    text = domain.read_text(encoding="utf-8").replace('{name: ""}', "{name: sales}")
    text = text.replace('{en: "", fa: ""}', "{en: Sales, fa: فروش}").replace('review_by: ""', "review_by: 2030-01-01")
    domain.write_text(text, encoding="utf-8")
    of_the_kpi = kpi(templates, "check")

    def told(result: Any, path: Path) -> list[str]:
        assert result.exit_code == 2
        return [line.removeprefix(f"{path}: ").split(":")[0] for line in result.output.splitlines()[:-1]]

    assert told(of_the_domain, domain) == ["title.en", "title.fa", "owner", "review_by"]
    assert told(of_the_kpi, folder / "orders_per_visit.yml") == [
        "title.en", "title.fa", "description_fa", "formula", "why", "unit", "good", "success_factor", "level",
        "description", "there is no objective '' in objectives.csv; name one of its keys, or add a line there.",
    ]  # fmt: skip


def test_a_name_that_is_taken_in_any_domain_is_refused(templates: Any) -> None:
    scaffold(templates.settings, "sales/orders_per_visit")

    with pytest.raises(ConfigurationError, match=r"orders_per_visit exists already: .* unique over all domains"):
        scaffold(templates.settings, "web/orders_per_visit")
    assert not (templates.settings.kpi_models / "web").exists()


# --- how things look ---


@pytest.mark.parametrize(
    ("change", "unit", "good", "words", "style"),
    [
        (None, "count", "up", "–", "dim"), (0.1, "count", "up", "▲ 10.0 %", "green"),
        (-0.1, "count", "up", "▼ 10.0 %", "red"),
        (-0.1, "count", "down", "▼ 10.0 %", "green"), (0.1, "count", "down", "▲ 10.0 %", "red"),
        (0.1, "count", "zero", "▲ 10.0 %", "dim"), (0.021, "percent", "up", "▲ 2.1 pt", "green"),
        (5.2, "score", "up", "▲ 5.20 pt", "green"), (-0.3, "position", "down", "▼ 0.30 pt", "green"),
        (0.0, "count", "up", "= 0.0 %", "dim"), (1e-9, "percent", "up", "= 0.0 pt", "dim"),
    ],
)  # fmt: skip
def test_a_change_is_shown_with_its_direction_green_where_it_is_good(
    change: float | None, unit: str, good: str, words: str, style: str
) -> None:
    text = coloured_change(change, unit, good)

    assert (text.plain, str(text.style)) == (words, style)


@pytest.mark.parametrize(
    ("value", "largest", "drawn"),
    [(None, 10, ""), (0, 10, ""), (-5, 10, ""), (5, 0, ""), (10, 10, "█" * 14), (5, 10, "█" * 7), (0.5, 10, "▊"),
     (0.01, 10, ""), (10 / 14 / 8, 10, "▏")],
)  # fmt: skip
def test_a_bar_is_as_long_as_its_share_of_the_largest(value: float | None, largest: float, drawn: str) -> None:
    assert bar(value, largest) == drawn


def test_every_status_has_words_of_its_own() -> None:
    statuses = ("on_track", "at_risk", "off_track", "no_target", "no_data", "held")

    assert [shown_status(status).plain for status in statuses] == [
        "● on track", "● at risk", "● off track", "no target", "no data", "■ held",
    ]  # fmt: skip


def test_nothing_held_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_held(Console(), {})

    assert capsys.readouterr().out == ""


# --- what is read from a release ---


def test_the_scorecard_has_the_last_complete_period_of_each_kpi_at_its_cadence(company: Any) -> None:
    with open_current(company.settings) as (_, connection):
        lines = {line.kpi: line for line in read_scorecard(connection)}

    assert list(lines) == ["orders", "rate", "visits"]
    orders = lines["orders"]
    assert (orders.period_start, orders.kpi_value, orders.status, orders.streak) == (
        dt.date(2024, 2, 1),
        110,
        "on_track",
        2,
    )
    assert (lines["rate"].verdict, lines["rate"].kpi_value, lines["rate"].status) == ("held", None, "no_data")
    assert (lines["visits"].period_start, lines["visits"].kpi_value) == (dt.date(2024, 2, 1), 0)


def test_a_complete_period_that_the_data_do_not_cover_is_not_the_last_one(new_nights: Callable[..., Any]) -> None:
    nights = new_nights(grains="month")
    nights.declare("orders", kind="sum", unit="count")
    parts = {"orders": [total("2024-01-01", 12), total("2024-02-01", 3)]}

    nights.night("2024-02-29", parts, days=("2024-01-01", "2024-02-15"))
    with open_current(nights.settings) as (_, connection):
        assert read_scorecard(connection)[0].period_start == dt.date(2024, 1, 1)

    # a quiet last day is no gap
    nights.night("2024-02-29", parts, days=("2024-01-01", "2024-02-27"))
    with open_current(nights.settings) as (_, connection):
        assert read_scorecard(connection)[0].period_start == dt.date(2024, 2, 1)


def test_periods_are_the_last_ones_oldest_first(company: Any) -> None:
    with open_current(company.settings) as (_, connection):
        periods = read_periods(connection, "orders", "month", 2)

    assert [(row["period_start"].month, row["numerator"]) for row in periods] == [(2, 110), (3, 1)]


def test_members_are_those_of_the_last_periods_that_have_any(company: Any) -> None:
    rows = [("month", f"2024-0{month}-01", "channel", "web", float(month), 10.0) for month in (1, 2)]
    company.night("2024-03-31", {"orders": [], "visits": [], "rate": [total("2024-03-01", 1, 2), *rows]})
    with open_current(company.settings) as (_, connection):
        members = read_members(connection, "rate", "month", "channel", 1)

    assert members == [{"member": "web", "period_start": dt.date(2024, 2, 1), "kpi_value": 0.2, "size": 10.0}]


# --- days of backfills and nights ---


def test_a_backfill_has_every_day_of_its_range(nights: Any) -> None:
    first, last = dt.date(2024, 2, 28), dt.date(2024, 3, 1)

    assert backfill_days(nights.settings, first, last) == [first, dt.date(2024, 2, 29), last]
    assert backfill_days(nights.settings, last, last) == [last]


def test_a_backfill_ends_with_the_day_of_the_newest_release(company: Any) -> None:
    day = dt.date(2024, 1, 5)

    assert backfill_days(company.settings, day, day) == [day, dt.date(2024, 3, 2)]
    assert backfill_days(company.settings, dt.date(2024, 3, 2), dt.date(2024, 3, 2)) == [dt.date(2024, 3, 2)]


def test_a_backfill_that_ends_before_it_starts_is_a_sentence(nights: Any) -> None:
    with pytest.raises(ConfigurationError, match="The range ends on 2024-01-01, before it starts on 2024-01-02"):
        backfill_days(nights.settings, dt.date(2024, 1, 2), dt.date(2024, 1, 1))


TEHRAN = load_settings(timezone="Asia/Tehran").zone
DUE = dt.datetime(2024, 3, 20, 22, 30, tzinfo=dt.UTC)  # 2 o'clock on the 21st in Tehran
ASKED = dt.datetime(2024, 5, 1, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("given", "run_type", "day"),
    [
        (None, "scheduled", "2024-03-20"), ("", "scheduled", "2024-03-20"), (None, "backfill", "2024-03-20"),
        (None, "manual", "2024-04-30"), ("2024-01-31", "manual", "2024-01-31"),
        ("2024-01-31", "scheduled", "2024-01-31"),
    ],
)  # fmt: skip
def test_a_night_takes_into_account_the_day_before_it_in_the_companys_zone(
    given: str | None, run_type: str, day: str
) -> None:
    found = as_of(given, run_type=run_type, data_interval_end=DUE, logical_date=ASKED, zone=TEHRAN)

    assert found == dt.date.fromisoformat(day)


def test_a_run_by_hand_without_a_date_takes_yesterday() -> None:
    before = dt.datetime.now(TEHRAN).date() - dt.timedelta(days=1)
    found = as_of(None, run_type="manual", data_interval_end=DUE, logical_date=None, zone=TEHRAN)

    assert found in (before, before + dt.timedelta(days=1))


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Invalid isoformat string: '31.1.2024'"):
        as_of("31.1.2024", run_type="manual", data_interval_end=None, logical_date=None, zone=TEHRAN)


def test_airflows_context_is_read_without_airflow() -> None:
    from types import SimpleNamespace

    context = {"params": {"as_of": None}, "dag_run": SimpleNamespace(run_type="scheduled"), "data_interval_end": DUE}

    assert as_of_of(context, TEHRAN) == dt.date(2024, 3, 20)


def test_a_red_night_says_each_reason() -> None:
    sentence = held_sentence({"orders": "wrong", "export:crm": "empty"})

    assert sentence.splitlines() == [
        "Published, but 2 held back; the last good rows stay, marked stale:", "  orders: wrong", "  export:crm: empty",
    ]  # fmt: skip


def test_errors_of_configuration_are_errors_of_the_pipeline() -> None:
    assert issubclass(ConfigurationError, PipelineError)
