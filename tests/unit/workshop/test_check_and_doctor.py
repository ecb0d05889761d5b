"""`kpi check` and `kpi doctor`: what is wrong, each with what to do about it."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from company import project_with

from kpi_pipeline.build.build import build
from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.workshop import doctor
from kpi_pipeline.workshop.check import check
from kpi_pipeline.workshop.doctor import examine

SQL = """
with orders as (select ordered_on, channel from {{ ref('orders') }}),
by_channel as ({{ by_member('orders', ['channel'], day='ordered_on', size='count(*)') }})
select * from by_channel
"""


@pytest.fixture
def project(nights: Any) -> Any:
    """A project with an entity called orders, and one KPI in order as far as our own checks go."""
    entities = nights.settings.dbt_project / "models" / "entities"
    entities.mkdir(parents=True)
    (entities / "orders.sql").write_text("select 1", encoding="utf-8")
    write(nights)
    return nights


def write(
    nights: Any, name: str = "order_value", sql: str | None = SQL, *, unit_tests: bool = True, **meta: Any
) -> Path:
    given = {"dated_by": "orders.ordered_on", **meta}
    nights.declare(name, **given)
    path: Path = nights.settings.kpi_models / "sales" / f"{name}.yml"
    if unit_tests:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        document["unit_tests"] = [{"name": f"{name}_counts", "model": name, "given": [], "expect": {"rows": []}}]
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    if sql is not None:
        path.with_suffix(".sql").write_text(sql, encoding="utf-8")
    return path


def own_problems(nights: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `kpi check` finds before dbt reads the project, which has a test of its own."""
    monkeypatch.setattr("kpi_pipeline.workshop.check.model_problems", lambda *_: [])
    return check(nights.settings)


def test_a_kpi_in_order_has_no_problem(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_problems(project, monkeypatch) == []


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"sql": None}, "there is no order_rate.sql beside it; write the model."),
        ({"unit_tests": False}, "it has no unit test; write one per sentence of the definition, under unit_tests."),
        ({"kind": "sum"}, "a percent cannot be a sum: shares do not add up; choose ratio and return both parts."),
        ({"unit": "count"}, "a count is never negative; give it range: [0, null]."),
        ({"sql": SQL + "where ordered_on::date is not null"},
         "order_rate.sql has '::', which not both DuckDB and Spark read; write cast(value as type)."),
        ({"sql": SQL + "qualify row_number() over (order by channel) = 1"},
         "order_rate.sql has 'qualify', which not both DuckDB and Spark read"),
        ({"sql": SQL.replace("select ordered_on, channel", "select strftime(ordered_on) as ordered_on, channel")},
         "order_rate.sql calls strftime(), which is not in the SQL that DuckDB and Spark share"),
        ({"sql": SQL.replace("select * from", "select *, cast(null as bigint) as denominator from")},
         "a percent needs both its parts; return what it is a share of as denominator."),
    ],
)  # fmt: skip
def test_each_kind_of_mistake_is_a_sentence_that_names_the_file_and_what_to_do(
    project: Any, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any], words: str
) -> None:
    path = write(project, "order_rate", **how)
    problems = own_problems(project, monkeypatch)

    assert len(problems) == 1
    assert problems[0].startswith(f"{path}: {words}")


@pytest.mark.parametrize(
    "sql",
    [
        SQL + "-- ordered_on::date, qualify and strftime(x) stand in a comment",
        SQL + "{# strftime(x) #}",
        SQL.replace("select * from", "select *, count(*) filter (where channel = 'web') as web_orders from"),
        SQL.replace("select * from", "select *, regexp_replace(channel, '^www[.]', '') as site from"),
        SQL.replace("select * from by_channel", "select site from (values ('a')) as sites (site)"),
        SQL.replace("select * from", "select *, 'a::b, qualify (x)' as words from"),
        SQL.replace("ordered_on, channel", "{{ dbt.dateadd('day', 1, 'ordered_on') }} as ordered_on, channel"),
    ],
)
def test_what_both_engines_read_is_no_problem(project: Any, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    write(project, "order_rate", sql)

    assert own_problems(project, monkeypatch) == []


def test_a_replacement_that_the_engines_do_a_different_number_of_times_is_told(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(project, "order_rate", SQL + "where regexp_replace(channel, '-', '') = 'web'")

    [problem] = own_problems(project, monkeypatch)
    assert problem.startswith(f"{path}: order_rate.sql calls regexp_replace(), which is not in the SQL")


def test_entities_and_macros_are_for_both_engines_too_but_for_macros_of_one(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = project.settings.dbt_project / "models" / "entities" / "orders.sql"
    entity.write_text("select strftime(day) from days", encoding="utf-8")
    macro = project.settings.dbt_project / "macros" / "day.sql"
    macro.parent.mkdir()
    macro.write_text(
        "{% macro duckdb__day(moment) %}{{ moment }}::date{% endmacro %}\n"
        "{% macro last(moment) %}list_last({{ moment }}){% endmacro %}", encoding="utf-8",
    )  # fmt: skip

    assert [problem.split(", which")[0] for problem in own_problems(project, monkeypatch)] == [
        f"{macro}: day.sql calls list_last()", f"{entity}: orders.sql calls strftime()",
    ]  # fmt: skip


def test_an_objective_is_followed_by_five_kpis_at_most(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        write(project, f"order_rate_{number}", objective="sell_more", level="kpi")
    write(project, "order_metric", objective="sell_more", level="metric")
    before = own_problems(project, monkeypatch)
    write(project, "order_rate_5", objective="sell_more", level="kpi")

    assert before == []
    [problem] = own_problems(project, monkeypatch)
    assert problem.startswith(
        "the objective sell_more (sell_more) has 6 KPIs of level kpi, more than 5: order_rate_0, order_rate_1"
    )


def test_sql_without_a_contract_is_an_orphan(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project.settings.kpi_models / "sales" / "forgotten.sql"
    path.write_text("select 1", encoding="utf-8")

    assert own_problems(project, monkeypatch) == [
        f"{path}: there is no forgotten.yml beside it; without one it means nothing to anybody."
    ]


def test_a_broken_contract_is_told_with_the_problems_of_the_others(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, "order_rate", unit_tests=False)
    broken = project.settings.kpi_models / "sales" / "broken.yml"
    broken.write_text("models: []", encoding="utf-8")

    assert [problem.split(": ")[0] for problem in own_problems(project, monkeypatch)] == [
        str(broken), str(broken.with_name("order_rate.yml")),
    ]  # fmt: skip


def test_names_and_targets_are_checked_too(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project.targets("nobody,all,all,month,2024-01-01,,,1,,,", "order_value,region,x,month,2024-01-01,,,1,,,")

    assert [problem.split("targets.csv ")[1] for problem in own_problems(project, monkeypatch)] == [
        "line 2: there is no KPI called nobody.", "line 3: order_value has no dimension region.",
    ]  # fmt: skip


# --- what dbt and DuckDB find: one project with a KPI for each mistake ---

RATE = """
with daily as (
    select ordered_on as date_day, channel, count_if(is_completed) as numerator, count(*) as denominator
    from {{ ref('orders') }} group by all
)
{{ add_up('daily', ['channel']) }}
"""
RAW = RATE.replace("ordered_on", "cast(ordered_at as date)").replace("is_completed", "status = 'completed'")
GROWTH = "select * from {{ ref('average_order_value') }}"
MISTAKES: dict[str, tuple[str, dict[str, Any], str]] = {
    "nothing": (RATE, {}, ""),
    "members_of_others": (GROWTH, {"dimensions": ["channel"]}, ""),
    "source": (RAW.replace("ref('orders')", "source('crm', 'orders')"), {},
               "source.sql reads a source; read an entity instead, with ref()."),
    "staging": (RAW.replace("ref('orders')", "ref('stg_crm__orders')"), {},
                "staging.sql reads a staging model; read an entity instead."),
    "too_many": (RATE, {"dimensions": ["channel", "region"]},
                 "the dimensions are channel, region, and by_member in too_many.sql counts by channel; make them the "
                 "same."),
    "none_at_all": (RATE.replace("['channel']", "[]"), {},
                    "the dimensions are channel, and by_member in none_at_all.sql counts by none; make them the same."),
    "no_column": (RATE.replace("date_day, channel", "date_day"), {},
                  "the dimension channel is no column of no_column.sql; select it there, or name a column that is."),
    "no_entity": (RATE, {"dated_by": "visits.day"},
                  "dated_by names the entity visits, which does not exist; name one of models/entities."),
    "no_day": (RATE, {"dated_by": "orders.seen_on"},
               "dated_by names orders.seen_on, which does not exist; it has order_id, "),
    "no_own_day": (RATE, {"dated_by": "shops"},
                   "dated_by: shops is no entity with a day of its own; name its column too."),
    "no_parts": (RATE.replace("{{ add_up", "select 1 as one from ({{ add_up").replace("']) }}", "']) }}) as parts"), {},
                 "the result of no_parts.sql is no KPI: it returns no period_grain, "),
    "no_sql": (RATE.replace("count_if(is_completed)", "count_if(was_completed)"), {},
               'DuckDB cannot read no_sql.sql: Binder Error: Referenced column "was_completed" not found'),
}  # fmt: skip
"""KPI: its SQL, what differs in its contract, and what is told of it."""


@pytest.fixture(scope="module")
def check_models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    """What `kpi check` says of each KPI of a project, given its SQL and what differs in its contract."""

    def check_models(models: Mapping[str, Any]) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("mistakes")
        project = project_with(folder / "project", ["sales/average_order_value"])
        shops = project / "dbt_project" / "models" / "entities" / "shops.sql"
        shops.write_text("select 'a shop has no day' as shop", encoding="utf-8")
        domain = project / "kpi_models" / "sales"
        shipped = yaml.safe_load((domain / "average_order_value.yml").read_text(encoding="utf-8"))["models"][0]
        shipped["config"]["meta"]["kpi"] |= {"unit": "percent", "dated_by": "orders", "dimensions": ["channel"]}
        shipped["config"]["meta"]["kpi"]["level"] = "metric"
        for name, (sql, meta, *_) in models.items():
            model = copy.deepcopy(shipped) | {"name": name}
            model["config"]["meta"]["kpi"] |= meta
            test = {"name": f"{name}_counts", "model": name, "given": [], "expect": {"rows": []}}
            (domain / f"{name}.sql").write_text(sql, encoding="utf-8")
            (domain / f"{name}.yml").write_text(
                yaml.safe_dump({"models": [model], "unit_tests": [test]}, allow_unicode=True), encoding="utf-8"
            )
        problems = check(load_settings(_env_file=None, home=folder / "home", project=project))
        assert not (folder / "home" / "dbt").exists(), "what belongs to a night is left alone"
        assert all(problem.startswith(f"{domain}/") for problem in problems), problems
        return dict(problem.removeprefix(f"{domain}/").split(".yml: ", 1) for problem in problems)

    return check_models


@pytest.fixture(scope="module")
def told(check_models: Callable[[Mapping[str, Any]], dict[str, str]]) -> dict[str, str]:
    return check_models(MISTAKES)


@pytest.mark.parametrize("name", [name for name, (_, _, words) in MISTAKES.items() if words])
def test_each_mistake_in_a_model_is_a_sentence(told: dict[str, str], name: str) -> None:
    assert told[name].startswith(MISTAKES[name][2])


def test_a_model_in_order_is_not_spoken_of(told: dict[str, str]) -> None:
    assert told.keys() == {name for name, (_, _, words) in MISTAKES.items() if words}


def test_a_dimension_that_the_contract_does_not_name_is_told(
    check_models: Callable[[Mapping[str, Any]], dict[str, str]],
) -> None:
    assert check_models({"too_few": (RATE, {"dimensions": []}), "no_entity": (RATE, {"dated_by": "visits.day"})}) == {
        "no_entity": "dated_by names the entity visits, which does not exist; name one of models/entities.",
        "too_few": "too_few.sql counts by channel, which too_few.yml does not name among its dimensions (none); "
        "make the two the same.",
    }


def test_what_dbt_cannot_parse_is_told_in_its_words(project: Any, real_project: Path) -> None:
    (project.settings.dbt_project / "dbt_project.yml").write_text(
        "name: p\nconfig-version: 2\nprofile: kpi_pipeline\nmodel-paths: [models, ../kpi_models]\n"
        "flags: {send_anonymous_usage_stats: false}\n", encoding="utf-8",
    )  # fmt: skip
    shutil.copy(real_project / "dbt_project" / "profiles.yml", project.settings.dbt_project)
    write(project, sql=SQL.replace("ref('orders')", "ref('oders')"))
    [problem] = check(project.settings)

    assert problem.startswith("dbt cannot parse the project: ")
    assert "depends on a node named 'oders' which was not found" in problem


# --- build, as far as it goes without dbt ---


@pytest.mark.parametrize(
    ("day", "words"),
    [(dt.date(1999, 1, 1), "as_of 1999-01-01 is outside the calendar, 2022-01-01 to 2026-12-31"),
     (dt.date(2050, 1, 1), "as_of 2050-01-01 is outside the calendar")],
)  # fmt: skip
def test_a_build_outside_the_calendar_is_a_sentence(project: Any, day: dt.date, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        build(project.settings, day)


def test_a_build_of_tomorrow_is_a_sentence(new_nights: Callable[..., Any]) -> None:
    nights = new_nights(calendar_end=dt.date(2199, 12, 31))

    with pytest.raises(ConfigurationError, match=r"as_of 2198-01-01 has not been yet: it is .* in UTC"):
        build(nights.settings, dt.date(2198, 1, 1))


# --- doctor ---


@pytest.fixture
def declare_facts() -> Callable[[Any], None]:
    def declare(nights: Any, **export: Any) -> None:
        given = {"rows": "things", "key": ["id"], "dated_by": None, "late_after_days": None, **export}
        table = {
            "name": "facts",
            "columns": [{"name": "id", "data_type": "text"}],
            "config": {"meta": {"export": given}},
        }
        folder = nights.settings.dbt_project / "models" / "staging" / "crm"
        folder.mkdir(parents=True, exist_ok=True)
        source = {"sources": [{"name": "crm", "tables": [table]}]}
        (folder / "_crm__sources.yml").write_text(yaml.safe_dump(source), encoding="utf-8")

    return declare


@pytest.fixture
def healthy(nights: Any, declare_facts: Callable[[Any], None]) -> Any:
    declare_facts(nights)
    nights.declare("orders", kind="sum", unit="count")
    for system in ("analytics", "crm", "hr"):
        (nights.settings.exports / system).mkdir()
    return nights


def symptoms(nights: Any, severity: str) -> list[str]:
    return [symptom.sentence for symptom in examine(nights.settings) if symptom.severity == severity]


def calendar_that_ends_soon(sentences: list[str]) -> list[str]:
    """Without the note that a test's short calendar gets once its end comes near."""
    return [sentence for sentence in sentences if "KPI_CALENDAR_END" not in sentence]


def test_a_healthy_machine_has_nothing_broken(healthy: Any) -> None:
    assert calendar_that_ends_soon(symptoms(healthy, "broken")) == []
    assert symptoms(healthy, "note") == [
        "There is no warehouse yet: the first `kpi run` makes it.", "Nothing is published yet: run `kpi run`.",
    ]  # fmt: skip
    assert "1 exports, 1 KPIs and 0 targets are declared" in symptoms(healthy, "fine")


def test_a_missing_exports_folder_is_broken(healthy: Any) -> None:
    shutil.rmtree(healthy.settings.exports)

    assert f"There is no exports folder at {healthy.settings.exports}: create it or set KPI_EXPORTS." in symptoms(
        healthy, "broken"
    )


def test_a_system_that_sends_nothing_is_a_note(healthy: Any) -> None:
    (healthy.settings.exports / "hr").rmdir()

    assert f"{healthy.settings.exports} has no folder hr: that system sends nothing." in symptoms(healthy, "note")


def test_a_home_that_takes_no_files_is_broken(healthy: Any) -> None:
    shutil.rmtree(healthy.settings.home)
    healthy.settings.home.write_text("a file", encoding="utf-8")

    [sentence] = calendar_that_ends_soon(symptoms(healthy, "broken"))
    assert sentence.startswith(f"KPI_HOME {healthy.settings.home} must take files and symlinks, and does not: ")
    assert sentence.endswith("Give this user the right to, or set KPI_HOME to a local disk.")


def test_a_full_disk_is_broken(healthy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=1024**3))

    [sentence] = calendar_that_ends_soon(symptoms(healthy, "broken"))
    assert sentence.startswith("Only 1.0 GB are free at ")
    assert sentence.endswith("a night needs 2 GB. Make room, or lower KPI_KEEP_RELEASES.")


def test_another_duckdb_and_a_missing_package_are_broken(healthy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "dbt-core":
            raise doctor.importlib.metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(doctor.duckdb, "__version__", "9.9.9")
    monkeypatch.setattr(doctor.importlib.metadata, "version", version)

    assert calendar_that_ends_soon(symptoms(healthy, "broken")) == [
        f"duckdb is 9.9.9, not {doctor.pinned_duckdb()}: run `make setup`.",
        "dbt-core is not installed: run `make setup`.",
    ]  # fmt: skip


def test_a_calendar_that_ends_within_a_year_is_broken(new_nights: Callable[..., Any]) -> None:
    today = dt.date.today()
    soon, later = (new_nights(calendar_end=today + dt.timedelta(days=days)) for days in (300, 400))

    assert any("KPI_CALENDAR_END" in sentence for sentence in symptoms(soon, "broken"))
    assert not any("KPI_CALENDAR_END" in sentence for sentence in symptoms(later, "broken"))


def test_a_table_of_rates_is_read_and_an_old_rate_is_a_note(new_nights: Callable[..., Any], tmp_path: Path) -> None:
    table = tmp_path / "rates.csv"
    today = dt.date.today()
    days = {"EUR": today, "GBP": today - dt.timedelta(days=100)}
    lines = "".join(f"{currency},{day},1.1\n" for currency, day in days.items())
    table.write_text("currency,valid_from,rate\n" + lines, encoding="utf-8")
    nights = new_nights(rates=table)

    assert f"{table} has rates of EUR, GBP" in symptoms(nights, "fine")
    assert [note for note in symptoms(nights, "note") if "last rate" in note] == [
        f"The last rate of GBP in {table} is of {days['GBP']}, and converts all days since: add a newer one."
    ]
    table.write_text("currency,valid_from,rate\nEURO,2026-01-01,1.1\nGBP,2026-01-01,0\n", encoding="utf-8")
    assert len([line for line in symptoms(nights, "broken") if line.startswith(f"{table} line ")]) == 2


def test_wrong_declarations_are_broken_a_line_each(healthy: Any) -> None:
    path = healthy.settings.kpi_models / "sales" / "orders.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("owner: tests", "colour: red"), encoding="utf-8")

    assert calendar_that_ends_soon(symptoms(healthy, "broken")) == [
        f"{path}: the field owner is missing; every field is required.",
        f"{path}: the field colour is unknown; remove it or correct its name.",
    ]


def test_a_review_that_is_due_is_a_note(healthy: Any) -> None:
    healthy.declare("orders", kind="sum", unit="count", review_by=dt.date(2020, 1, 1))

    assert "orders was to be reviewed by 2020-01-01: ask tests." in symptoms(healthy, "note")


def test_a_file_that_no_layout_reads_is_a_note(healthy: Any) -> None:
    (healthy.settings.exports / "crm" / "mystery.csv").write_text("a\n", encoding="utf-8")

    told = "crm/mystery.csv is left alone: no layout reads it: docs/add-an-export.md"
    assert any(note.startswith(told) for note in symptoms(healthy, "note"))


def test_a_refused_file_is_broken_until_it_is_mended(healthy: Any) -> None:
    from kpi_pipeline.ingest.ingest import ingest

    path = healthy.settings.exports / "crm" / "facts.csv"
    path.write_text("", encoding="utf-8")
    ingest(healthy.settings)
    assert any(
        sentence.startswith("crm/facts.csv is refused: the file is empty") for sentence in symptoms(healthy, "broken")
    )

    path.write_text("id\n1\n", encoding="utf-8")
    ingest(healthy.settings)
    assert calendar_that_ends_soon(symptoms(healthy, "broken")) == []


def test_a_layout_that_cannot_tell_the_newest_is_a_note(healthy: Any, declare_facts: Callable[..., None]) -> None:
    from kpi_pipeline.ingest.ingest import ingest

    note = "facts: which row of a key is the newest depends on the order of loading"
    (healthy.settings.exports / "crm" / "facts.csv").write_text("id\n1\n", encoding="utf-8")
    ingest(healthy.settings)
    assert any(sentence.startswith(note) for sentence in symptoms(healthy, "note"))

    declare_facts(healthy, rows="events")
    assert not any(sentence.startswith(note) for sentence in symptoms(healthy, "note"))


def test_a_warehouse_that_is_none_is_broken(healthy: Any) -> None:
    healthy.settings.warehouse.write_text("not a database", encoding="utf-8")

    assert any(sentence.startswith("The warehouse ") for sentence in symptoms(healthy, "broken"))


def test_what_a_release_holds_back_is_a_note(healthy: Any) -> None:
    parts = {"orders": [("month", "2024-01-01", "all", "all", 1.0, None)]}
    release = healthy.night("2024-01-31", parts)
    assert f"release {release.name} is current, nothing is held back" in symptoms(healthy, "fine")

    release = healthy.night("2024-01-31", parts, held={"orders": "wrong"})
    assert f"1 held back in {release.name}: `kpi status` says why." in symptoms(healthy, "note")

    (release.path / "manifest.json").unlink()
    assert any("has no readable manifest.json" in sentence for sentence in symptoms(healthy, "broken"))
