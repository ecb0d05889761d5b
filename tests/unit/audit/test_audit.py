"""The audit: Great Expectations judges hand-made tables, and a verdict follows from what it found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from expectations import Rule, rules_for_entities, rules_for_exports, rules_for_kpis
from kpi_pipeline.audit.audit import audit
from kpi_pipeline.audit.gx import _exception, judge, open_datasource
from kpi_pipeline.audit.verdicts import Finding, Verdict, verdicts_of
from kpi_pipeline.contracts.domain import Title
from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.kpi import Kpi
from kpi_pipeline.contracts.lineage import EntityModel, Lineage, Upstream, read_lineage
from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.contracts.tables import create_table
from kpi_pipeline.errors import PipelineError
from kpi_pipeline.warehouse.schema import create_raw_tables

AS_OF = dt.date(2024, 3, 31)


CANDIDATES = create_table("candidate.kpi_values", "kpi_values")
Ask = Callable[[str, list[Rule], list[str]], list[Finding]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Ask rules of a real warehouse through the real Great Expectations; imported once."""
    home = tmp_path_factory.mktemp("audit")
    settings = load_settings(home=home, exports=home, project=home)

    def asked(batch: str, rules: list[Rule], statements: list[str]) -> list[Finding]:
        with duckdb.connect(str(settings.warehouse)) as connection:
            for schema in ("candidate", "raw", "entities", "audit"):
                connection.execute(f"create schema if not exists {schema}")
            for statement in statements:
                connection.execute(statement)
        with open_datasource(settings) as datasource:
            return judge(datasource, batch, rules)

    return asked


# --- a KPI's values ---


def kpi_of(**given: Any) -> Kpi:
    meta = {
        "name": "rate", "domain": "sales", "description": "x", "path": "x.yml", "unit_tests": ["one"],
        "title": {"en": "x", "fa": "x"}, "description_fa": "x", "formula": "x", "why": "x", "unit": "percent",
        "range": (0, 1), "good": "up", "kind": "ratio", "dated_by": "facts.day", "cadence": "month",
        "dimensions": ["channel"], "owner": "x", "objective": "x", "success_factor": "x", "level": "kpi", "sets": [],
        "review_by": dt.date(2030, 1, 1), "version": 1,
        **dict.fromkeys(("domain_title", "owner_title", "objective_title"), Title(en="x", fa="x")), **given,
    }  # fmt: skip
    return Kpi.model_validate(meta)


def row(
    start: str = "2024-01-01",
    end: str = "2024-01-31",
    *,
    grain: str = "'month'",
    dimension: str = "'all'",
    member: str = "'all'",
    numerator: str = "1",
    denominator: str = "2",
    value: str = "0.5",
) -> str:
    return (
        f"('rate', {grain}, date '{start}', date '{end}', true, {dimension}, {member}, {numerator}, {denominator}, "
        f"{value}, 1, date '2024-03-31', false)"
    )


JANUARY, FEBRUARY, MARCH = row(), row("2024-02-01", "2024-02-29"), row("2024-03-01", "2024-03-31")
WEB = row(dimension="'channel'", member="'web'")
COUNT = {"kind": "sum", "unit": "count", "range": (0, None)}


def counted(numerator: str, **more: Any) -> str:
    return row(numerator=numerator, denominator="null", value=numerator, **more)


def failures(ask: Ask, rows: list[str], **meta: Any) -> list[str]:
    """What is wrong with candidates of these rows, as the audit says it."""
    findings = ask(
        "candidate.kpi_values",
        rules_for_kpis([kpi_of(**meta)], load_settings(grains="day,month")),
        [
            create_table("candidate.kpi_values", "kpi_values"),
            f"insert into candidate.kpi_values values {', '.join(rows)}",
        ],
    )
    assert [finding for finding in findings if finding.severity == "error"] == []
    assert all(finding.holds_back and finding.observed for finding in findings if not finding.success)
    assert len({(finding.subject, finding.expectation) for finding in findings}) == len(findings)
    return [finding.details for finding in findings if not finding.success]


def test_values_that_keep_every_promise_pass(ask: Ask) -> None:
    assert failures(ask, [JANUARY, FEBRUARY, MARCH, WEB]) == []
    empty = row("2024-02-01", "2024-02-29", numerator="0", denominator="0", value="null")
    assert failures(ask, [JANUARY, empty]) == []
    assert failures(ask, [counted("3"), counted("3", dimension="'channel'", member="'web'")], **COUNT) == []


@pytest.mark.parametrize(
    ("rows", "meta", "details"),
    [
        ([row(value="1.5", numerator="3")], {}, "kpi_value is a number from 0 to 1"),
        ([row(value="-0.5", numerator="-1")], {"range": (0, None)}, "kpi_value is a number of at least 0"),
        ([row(value="7", numerator="14")], {"range": (None, 5)}, "kpi_value is a number of at most 5"),
        ([row(value="'inf'", numerator="'inf'")], {"range": (None, None)}, "kpi_value is a number"),
        ([row(value="'-inf'", numerator="'-inf'")], {"range": (None, None)}, "kpi_value is a number"),
        ([row(value="'nan'", numerator="'nan'")], {"range": (None, None)}, "kpi_value is a number"),
        ([row(value="'nan'", numerator="'nan'")], {"range": (0, 1)}, "kpi_value is a number from 0 to 1"),
        ([JANUARY, JANUARY], {}, "there is one row per grain, period, dimension and member"),
        ([WEB, WEB, JANUARY], {}, "there is one row per grain, period, dimension and member"),
        ([JANUARY, MARCH], {}, "the periods of the total follow each other without a gap"),
        ([row(grain="'fortnight'")], {}, "every grain is a configured one"),
        ([row(grain="'month_to_date'")], {}, "every grain is a configured one"),
        ([JANUARY, row(dimension="'region'", member="'web'")], {}, "every dimension is one that the KPI names"),
        ([JANUARY, row(dimension="'channel'", member="null")], {}, "member is never empty"),
        ([JANUARY, row(dimension="null", member="'web'")], {}, "dimension is never empty"),
        ([JANUARY, row(grain="null")], {}, "period_grain is never empty"),
        ([row(numerator="null", value="null")], {}, "numerator is never empty"),
        ([row(denominator="-2", numerator="-1")], {}, "denominator is not negative"),
        ([row(denominator="0", value="0")], {}, "kpi_value is empty where the denominator is 0, and only there"),
        ([row(value="null")], {}, "kpi_value is empty where the denominator is 0, and only there"),
        ([counted("1.5")], COUNT, "a count is a whole number"),
        ([JANUARY, row(dimension="'channel'", member="'web'", numerator="0.5", value="0.25")], {},
         "the members of a dimension sum to the total numerator"),
        ([JANUARY, row(dimension="'channel'", member="'web'", denominator="1.999", value="0.5")], {},
         "the members of a dimension sum to the total denominator"),
        ([counted("3"), counted("1", dimension="'channel'", member="'web'"),
          counted("1", dimension="'channel'", member="'shop'")], COUNT,
         "the members of a dimension sum to the total numerator"),
    ],
)  # fmt: skip
def test_each_kind_of_fault_is_caught(ask: Ask, rows: list[str], meta: dict[str, Any], details: str) -> None:
    assert details in failures(ask, rows, **meta)


@pytest.mark.parametrize(
    ("rows", "meta"),
    [
        # distinct counts do not add up
        ([JANUARY, row(dimension="'channel'", member="'web'", numerator="0.9", value="0.45")], {"kind": "distinct"}),
        # small groups of employees are missing from the sum
        ([JANUARY, row(dimension="'channel'", member="'web'", numerator="0.9", value="0.45")], {"domain": "hr"}),
        # targets of reps need not add up to the company's, says the KPI
        ([JANUARY, row(dimension="'channel'", member="'web'", numerator="0.9", value="0.45")],
         {"exceptions": [{"rule": "members sum to the total", "because": "targets", "since": "2026-10-31"}]}),
        # members of a day are published for the last days only
        ([row("2024-01-01", "2024-01-01", grain="'day'"),
          row("2024-01-01", "2024-01-01", grain="'day'", dimension="'channel'", member="'web'", numerator="0.9")], {}),
        # a derived KPI may lack a part, an amount may have a fraction
        ([row(numerator="null", denominator="null", value="null")], {"kind": "derived"}),
        ([counted("1.5")], {"kind": "sum", "unit": "currency", "range": (0, None)}),
        # the sums of the same rows differ by rounding
        ([counted("1000000"), counted("1000000.0001", dimension="'channel'", member="'web'")],
         {"kind": "sum", "unit": "currency", "range": (0, None)}),
        ([row(value="-1", denominator="-2", numerator="2")], {"kind": "change", "range": (None, None)}),
    ],
)  # fmt: skip
def test_what_a_kind_does_not_promise_is_no_fault(ask: Ask, rows: list[str], meta: dict[str, Any]) -> None:
    assert failures(ask, rows, **meta) == []


def test_one_rule_judges_all_kpis_and_each_has_its_own_finding(ask: Ask) -> None:
    kpis = [kpi_of(name=f"rate_{number}", range=(0, number)) for number in range(1, 301)]
    rows = [JANUARY.replace("'rate'", f"'rate_{number}'").replace("0.5", "2.5") for number in range(1, 301)]
    rules = rules_for_kpis(kpis, load_settings(grains="month"))
    findings = ask(
        "candidate.kpi_values",
        [rule for rule in rules if rule.name == "kpi_value is in range"],
        [
            create_table("candidate.kpi_values", "kpi_values"),
            f"insert into candidate.kpi_values values {', '.join(rows)}",
        ],
    )

    assert len(findings) == 300
    # more of them than the rows that Great Expectations hands out
    assert [finding.subject for finding in findings if not finding.success] == ["kpi:rate_1", "kpi:rate_2"]
    assert findings[1].sentence == "not true that kpi_value is a number from 0 to 2: 1 of 1 rows, such as 2.5"
    wrong = [row.replace("2.5", "999") for row in rows]
    findings = ask(
        "candidate.kpi_values",
        [rule for rule in rules if rule.name == "kpi_value is in range"],
        [CANDIDATES, f"insert into candidate.kpi_values values {', '.join(wrong)}"],
    )
    assert sum(not finding.success for finding in findings) == 300


# --- exports and entities ---


def sales_of(**given: Any) -> Entity:
    columns = [
        Column(name="id", data_type="text", required=True, meaning="x"),
        Column(name="day", data_type="timestamp", required=False, meaning="x"),
    ]
    return Entity.model_validate(
        {"system": "crm", "name": "sales", "rows": "events", "key": ["id"], "dated_by": "day", "late_after_days": 2,
         "layouts": [], "columns": columns, **given}
    )  # fmt: skip


def ask_of_exports(ask: Ask, entity: Entity, *statements: str) -> list[Finding]:
    with duckdb.connect() as connection:
        create_raw_tables(connection, [entity])
        ddl = connection.execute("select sql from duckdb_tables() where schema_name = 'raw'").fetchall()
    return ask(
        "audit.exports",
        rules_for_exports([entity], load_settings(), AS_OF),
        [
            *(sql.replace("CREATE TABLE", "create or replace table") for (sql,) in ddl),
            "create or replace table audit.exports as select 'sales' as entity",
            *statements,
        ],
    )


def findings_of_export(ask: Ask, values: str, **given: Any) -> list[tuple[str, str, bool]]:
    findings = ask_of_exports(
        ask, sales_of(**given), *([f"insert into raw.sales (id, day) values {values}"] if values else [])
    )
    return [(finding.severity, finding.details, finding.success) for finding in findings if finding.details != LIKE]


LIKE = "its newest files have the columns and about the size of those before them"


def test_an_export_with_an_empty_required_column_is_critical(ask: Ask) -> None:
    found = findings_of_export(ask, "(null, '2024-03-31')")

    assert ("critical", "id is never empty", False) in found


def test_implausible_and_late_rows_are_warned_about_not_held(ask: Ask) -> None:
    plausible = "day is not before 2000-01-01, and not in the future"
    late = "the newest row is not older than 2 days"

    assert findings_of_export(ask, "('a', '2024-03-30')")[1:] == [
        ("warning", plausible, True),
        ("warning", late, True),
    ]
    assert findings_of_export(ask, "('a', '1999-12-31'), ('b', '2024-03-31')")[1:] == [
        ("warning", plausible, False), ("warning", late, True),
    ]  # fmt: skip
    assert findings_of_export(ask, "('a', '2024-03-28')")[1:] == [
        ("warning", plausible, True),
        ("warning", late, False),
    ]


def test_an_export_that_never_came_is_late_too(ask: Ask) -> None:
    assert ("warning", "the newest row is not older than 2 days", False) in findings_of_export(ask, "")


def test_an_export_that_comes_irregularly_is_never_late(ask: Ask) -> None:
    found = findings_of_export(ask, "('a', '2020-01-01')", late_after_days=None)

    assert [success for _, _, success in found] == [True, True]


def test_an_end_before_its_beginning_is_warned_about_by_key_and_not_held(ask: Ask) -> None:
    columns = [
        Column(name="id", data_type="text", required=True, meaning="x"),
        Column(name="day", data_type="date", required=True, meaning="x"),
        Column(name="ended_on", data_type="date", required=False, meaning="x"),
    ]
    entity = sales_of(columns=columns, ended_by="ended_on", late_after_days=None)
    rows = "('a', '2024-02-01', '2023-06-30'), ('b', '2024-02-01', '2024-02-01'), ('c', '2024-02-01', null)"
    findings = ask_of_exports(ask, entity, f"insert into raw.sales (id, day, ended_on) values {rows}")
    [finding] = [finding for finding in findings if finding.details.startswith("ended_on")]

    assert finding.details == "ended_on is not before day; it ended an earlier time"
    assert (finding.severity, finding.success, finding.observed) == ("warning", False, "1 of 3 rows, such as a")


@pytest.mark.parametrize(
    ("loads", "observed"),
    [
        ([], []),
        (["('crm/a.csv', 'sales', 'loaded', '', '2024-03-31 02:00:00')"], []),
        (["('crm/a.csv', 'sales', 'loaded', 'it is small', '2024-03-31 02:00:00')"], ["crm/a.csv: it is small"]),
        # another file of the same night does not hide it, the files of the next night do
        (["('crm/a.csv', 'sales', 'loaded', 'it is small', '2024-03-31 02:00:00')",
          "('crm/b.csv', 'sales', 'loaded', '', '2024-03-31 02:10:00')"], ["crm/a.csv: it is small"]),
        (["('crm/a.csv', 'sales', 'loaded', 'it is small', '2024-03-31 02:00:00')",
          "('crm/b.csv', 'sales', 'loaded', '', '2024-04-01 02:00:00')"], []),
        (["('crm/a.csv', 'orders', 'loaded', 'it is small', '2024-03-31 02:00:00')",
          "('crm/b.csv', 'sales', 'refused', 'it is small', '2024-03-31 02:00:00')"], []),
    ],
)  # fmt: skip
def test_a_file_unlike_those_before_it_is_warned_about_by_its_name(
    ask: Ask, loads: list[str], observed: list[str]
) -> None:
    findings = ask_of_exports(
        ask,
        sales_of(dated_by=None, late_after_days=None),
        *(f"insert into raw.loads (file, entity, status, warnings, loaded_at) values {values}" for values in loads),
    )
    [finding] = [finding for finding in findings if finding.details == LIKE]

    assert (finding.severity, finding.success, finding.holds_back) == ("warning", not observed, False)
    assert [finding.observed] == (observed or [""])


@pytest.mark.parametrize(
    ("key", "rows", "wrong"),
    [
        (["id"], "('a', 'x', '2024-03-31')", []),
        (["id"], "('a', 'x', '2024-03-31'), ('a', 'y', '2024-03-31')", ["id is unique"]),
        (["id"], "(null, 'x', '2024-03-31')", ["id is never empty"]),
        (["id", "part"], "('a', 'x', '2024-03-31'), ('a', 'y', '2024-03-31')", []),
        (["id", "part"], "('a', 'x', '2024-03-31'), ('a', 'x', '2024-03-31')", ["id, part together name one row"]),
        (["id", "part"], "('a', null, '2024-03-31'), ('a', null, '2024-03-31')", ["id, part together name one row"]),
        (["id"], "('a', 'x', null)", ["day is never empty"]),
        (["id"], "('a', 'x', '2024-04-01')", ["day is not after 2024-03-31"]),
    ],
)
def test_an_entity_has_one_row_per_key_on_a_day_that_has_been(
    ask: Ask, key: list[str], rows: str, wrong: list[str]
) -> None:
    findings = ask(
        "audit.entities",
        rules_for_entities([EntityModel("thing", tuple(key), "day")], AS_OF),
        ["create or replace table entities.thing (id text, part text, day date)",
         f"insert into entities.thing values {rows}",
         "create or replace table audit.entities as select 'thing' as entity"],
    )  # fmt: skip

    assert [finding.details for finding in findings if not finding.success] == wrong
    assert {finding.severity for finding in findings} == {"critical"}


# --- an audit that breaks is no pass ---

CLAIMS = {("kpi:one", ""): "it is so", ("kpi:two", ""): "it is so"}


@pytest.mark.parametrize(
    ("batch", "query", "words"),
    [
        ("candidate.kpi_values", "select no_such_column from {batch}", "no_such_column"),
        ("candidate.no_such_table", "select '' as subject, '' as about, '' as observed from {batch}", "no_such_table"),
        (
            "candidate.kpi_values",
            "select 'kpi:three' as subject, '' as about, 'x' as observed",
            "it speaks of kpi:three",
        ),
    ],
)
def test_a_rule_that_cannot_be_asked_holds_all_that_it_speaks_of_and_says_so(
    ask: Ask, batch: str, query: str, words: str
) -> None:
    findings = ask(batch, [Rule("a rule", "warning", CLAIMS, query)], [CANDIDATES])

    assert [(finding.subject, finding.severity, finding.success, finding.holds_back) for finding in findings] == [
        ("kpi:one", "error", False, True), ("kpi:two", "error", False, True),
    ]  # fmt: skip
    assert all(finding.sentence.startswith("its audit could not be carried out (a rule): ") for finding in findings)
    assert all(words in finding.details for finding in findings)


def test_a_rule_that_breaks_leaves_the_others_alone(ask: Ask) -> None:
    good = Rule("good", "critical", CLAIMS, "select 'kpi:one' as subject, '' as about, 'seen' as observed")
    findings = ask(
        "candidate.kpi_values", [Rule("bad", "critical", CLAIMS, "select x from {batch}"), good], [CANDIDATES]
    )

    assert [(finding.expectation, finding.subject, finding.severity, finding.success) for finding in findings] == [
        ("bad", "kpi:one", "error", False), ("bad", "kpi:two", "error", False),
        ("good", "kpi:one", "critical", False), ("good", "kpi:two", "critical", True),
    ]  # fmt: skip


def test_a_rule_without_anything_to_judge_finds_nothing(ask: Ask) -> None:
    assert ask("candidate.kpi_values", [Rule("a rule", "critical", {}, "select 1")], [CANDIDATES]) == []
    assert ask("candidate.kpi_values", [], [CANDIDATES]) == []


@pytest.mark.parametrize(
    ("info", "message"),
    [
        (None, ""),
        ({}, ""),
        ({"raised_exception": False, "exception_message": None, "exception_traceback": None}, ""),
        ({"raised_exception": True, "exception_message": "boom\nmore", "exception_traceback": "t"}, "boom"),
        ({"raised_exception": True, "exception_message": None, "exception_traceback": "t"}, "it raised"),
        ({"('metric', 'a')": {"exception_message": "b"}, "('metric', 'b')": {"exception_message": "a"}}, "a; b"),
        ({"('metric', 'a')": {"exception_message": ""}}, "it raised"),
    ],
)
def test_what_an_expectation_raised_is_read_from_every_shape_of_its_report(info: Any, message: str) -> None:
    assert _exception(info) == message


# --- verdicts ---


def lineage_of(**upstream: Upstream) -> Lineage:
    return Lineage(upstream, ())


ORDERS = Upstream(frozenset({"orders"}), frozenset({"stg_orders", "orders"}))
BUILT = {"kpi": "rate", "status": "built", "reason": ""}


def verdict_of(build: dict[str, str], found: list[Finding], refused: dict[str, str] | None = None) -> Verdict:
    [verdict] = verdicts_of([build], lineage_of(rate=ORDERS), found, refused or {})
    return verdict


def finding(subject: str, severity: str = "critical", success: bool = False) -> Finding:
    return Finding(subject, "expectation", severity, success, "seen", "it is so")


@pytest.mark.parametrize(
    ("found", "verdict", "reason"),
    [
        ([], "published", ""),
        ([finding("kpi:rate")], "held", "not true that it is so: seen"),
        ([finding("kpi:rate", success=True)], "published", ""),
        ([finding("kpi:rate", "warning")], "published", ""),
        ([finding("kpi:rate", "error")], "held", "its audit could not be carried out (expectation): it is so"),
        ([finding("export:orders")], "held", "export orders: not true that it is so: seen"),
        (
            [finding("entity:orders", "error")],
            "held",
            "entity orders: its audit could not be carried out (expectation): it is so",
        ),
        ([finding("entity:sessions"), finding("export:sessions"), finding("kpi:other")], "published", ""),
    ],
)
def test_a_kpi_is_held_by_what_it_is_made_of_and_by_nothing_else(
    found: list[Finding], verdict: str, reason: str
) -> None:
    assert verdict_of(BUILT, found) == Verdict("rate", verdict, reason)


def test_a_refused_export_holds_the_kpis_that_are_made_of_it() -> None:
    refused = {"orders": "a.csv: it is empty", "sessions": "b.csv: it is text"}

    assert verdict_of(BUILT, [], refused) == Verdict(
        "rate", "held", "the export orders was refused: a.csv: it is empty"
    )


def test_a_failed_build_is_held_and_an_empty_one_is_no_data() -> None:
    empty = {**BUILT, "status": "no_data", "reason": "none yet"}

    assert verdict_of({**BUILT, "status": "failed", "reason": "its SQL failed: x"}, []).verdict == "held"
    assert verdict_of(empty, []) == Verdict("rate", "no_data", "none yet")
    assert verdict_of(empty, [], {"orders": "r"}).verdict == "held"


def test_dependants_of_a_held_kpi_are_held_with_it_over_every_step() -> None:
    lineage = lineage_of(
        first=Upstream(frozenset(), frozenset()),
        second=Upstream(frozenset(), frozenset({"first"})),
        third=Upstream(frozenset(), frozenset({"first", "second"})),
        apart=Upstream(frozenset(), frozenset({"entity"})),
    )
    verdicts = [{**BUILT, "kpi": name} for name in ("first", "second", "third", "apart")]

    assert verdicts_of(verdicts, lineage, [finding("kpi:first")], {}) == [
        Verdict("first", "held", "not true that it is so: seen"),
        Verdict("second", "held", "it is computed from first, which is held"),
        Verdict("third", "held", "it is computed from first, which is held"),
        Verdict("apart", "published", ""),
    ]


def test_a_dependant_with_a_reason_of_its_own_keeps_it() -> None:
    lineage = lineage_of(first=Upstream(frozenset(), frozenset()), second=Upstream(frozenset(), frozenset({"first"})))
    builds = [{**BUILT, "kpi": "first"}, {**BUILT, "kpi": "second", "status": "failed", "reason": "also wrong"}]

    assert verdicts_of(builds, lineage, [finding("kpi:first")], {})[1] == Verdict("second", "held", "also wrong")


def test_lineage_is_closed_over_every_step_and_leaves_the_settings_out(tmp_path: Any) -> None:
    import json

    nodes = {
        "model.p.stg": {"resource_type": "model", "name": "stg", "config": {}},
        "model.p.orders": {"resource_type": "model", "name": "orders",
                           "config": {"meta": {"entity": {"key": ["id"], "dated_by": None}}}},
        "model.p.sales": {"resource_type": "model", "name": "sales", "config": {}},
        "model.p.growth": {"resource_type": "model", "name": "growth", "config": {}},
        "unit_test.p.t": {"resource_type": "unit_test", "name": "t", "config": {}},
    }  # fmt: skip
    parents = {
        "model.p.stg": ["source.p.crm.orders", "source.p.settings.run"], "model.p.orders": ["model.p.stg"],
        "model.p.sales": ["model.p.orders"], "model.p.growth": ["model.p.sales"], "unit_test.p.t": ["model.p.sales"],
    }  # fmt: skip
    sources = {
        "source.p.crm.orders": {"name": "orders", "source_name": "crm"},
        "source.p.settings.run": {"name": "run", "source_name": "settings"},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": nodes, "parent_map": parents, "sources": sources}))
    lineage = read_lineage(tmp_path)

    assert lineage.upstream["growth"] == Upstream(frozenset({"orders"}), frozenset({"stg", "orders", "sales"}))
    assert [entity.name for entity in lineage.entities] == ["orders"]
    assert set(lineage.upstream) == {"stg", "orders", "sales", "growth"}


def test_without_a_build_there_is_nothing_to_audit_and_a_sentence_says_what_to_run(nights: Any) -> None:
    with pytest.raises(PipelineError, match=r"There is no dbt manifest at .* Run `kpi build` first"):
        audit(nights.settings)


def test_the_audit_of_a_night_writes_findings_and_verdicts_that_the_release_shows(nights: Any) -> None:
    from kpi_pipeline.release.publish import publish

    nights.declare("good", range=[0, 1])
    nights.declare("bad", range=[0, 1])
    staging = nights.settings.dbt_project / "models" / "staging" / "crm"
    staging.mkdir(parents=True)
    (staging / "_crm__sources.yml").write_text(
        "sources: [{name: crm, tables: [{name: facts, columns: [{name: id, data_type: text}], config: {meta: {export: "
        "{rows: events, key: [id], dated_by: null, late_after_days: null}}}}]}]",
        encoding="utf-8",
    )
    parts = {
        "good": [("month", "2024-01-01", "all", "all", 1.0, 2.0)],
        "bad": [("month", "2024-01-01", "all", "all", 4.0, 2.0)],
    }  # fmt: skip
    nights.build("2024-01-31", parts, days=("2024-01-01", "2024-01-31"))
    verdicts = audit(nights.settings)
    release = publish(nights.settings)

    assert [(verdict.kpi, verdict.verdict) for verdict in verdicts] == [("bad", "held"), ("good", "published")]
    assert list(release.held) == ["bad"]
    assert release.held["bad"].startswith("not true that kpi_value is a number from 0 to 1: 1 of ")
    assert release.held["bad"].endswith(" rows, such as 2.0")
    assert nights.published("select subject, details from kpi_audits where not success and severity = 'critical'") == [
        ("kpi:bad", "kpi_value is a number from 0 to 1")
    ]
    assert nights.published("select count(*) > 10 from kpi_audits where success") == [(True,)]
