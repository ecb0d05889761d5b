"""The end of a KPI: what is written down, what stays published, and what nobody waits for any more."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from kpi_pipeline.audit.audit import audit
from kpi_pipeline.audit.verdicts import Verdict, verdicts_of
from kpi_pipeline.cli import app
from kpi_pipeline.contracts.kpi import read_registry
from kpi_pipeline.contracts.lineage import Lineage, Upstream
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.tell.catalogue import render_catalogue
from kpi_pipeline.tell.read import open_current, read_scorecard
from kpi_pipeline.warehouse.connection import connect
from kpi_pipeline.workshop import check as check_module
from kpi_pipeline.workshop.check import check
from kpi_pipeline.workshop.doctor import examine
from kpi_pipeline.workshop.retire import retire

LAST_DAY = dt.date(2024, 2, 29)
RETIRED = {"last_day": LAST_DAY, "successor": None, "because": "Nobody asked for it."}


def months(*values: float, grain: str = "month") -> list[Any]:
    return [(grain, f"2024-{number:02}-01", "all", "all", value, None) for number, value in enumerate(values, start=1)]


@pytest.fixture
def count(new_nights: Callable[..., Any]) -> Any:
    """A company that counts, with a year and a quarter, so that some period goes on beyond any day."""
    nights = new_nights(grains="day,month,quarter,year")
    nights.declare("count", kind="sum", unit="count", range=[0, None])
    return nights


# --- what is written down ---


def test_the_yaml_takes_the_end_and_keeps_the_rest_of_its_text(nights: Any) -> None:
    kpi = nights.declare("rate")
    nights.declare("value")
    text = "# a word to the reader\n" + kpi.path.read_text(encoding="utf-8").replace(
        "  name: rate", "  name: rate  # by which we steer"
    )
    kpi.path.write_text(text + "\nunit_tests: []\n", encoding="utf-8")
    ended = retire(nights.settings, "rate", LAST_DAY, 'We ask "value": it is simpler.', "value")

    assert (ended.retired_on, ended.successor) == (LAST_DAY, "value")
    assert ended.retired is not None
    assert ended.retired.because == 'We ask "value": it is simpler.'
    written = kpi.path.read_text(encoding="utf-8").splitlines()
    added = [line.strip() for line in written if line not in [*text.splitlines(), "unit_tests: []", ""]]
    assert added == [
        "retired:", "last_day: 2024-02-29", "successor: value", r'because: "We ask \"value\": it is simpler."',
    ]  # fmt: skip
    assert [line for line in written if line.strip() not in added] == [*text.splitlines(), "", "unit_tests: []"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_kpi_that_ships_can_be_ended(real_project: Path, tmp_path: Path, nights: Any, newline: str) -> None:
    shutil.copytree(real_project / "kpi_models", tmp_path / "kpi_models")
    settings = nights.settings.model_copy(update={"project": tmp_path})
    kpis = read_registry(settings.kpi_models)
    for kpi in kpis[:: 1 if newline == "\n" else 20]:
        kpi.path.write_bytes(kpi.path.read_bytes().replace(b"\n", newline.encode()))
        before = kpi.path.read_bytes()
        ended = retire(settings, kpi.name, LAST_DAY, "It ends.")
        assert ended == kpi.model_copy(update={"retired": ended.retired})
        after = kpi.path.read_bytes()
        assert len(after.splitlines()) == len(before.splitlines()) + 4
        assert after.count(b"\r\n") == (0 if newline == "\n" else len(after.splitlines()))
        kpi.path.write_bytes(before)

    assert len(kpis) > 100


@pytest.mark.parametrize(
    ("name", "successor", "words"),
    [
        ("nobody", None, "There is no KPI called nobody"),
        ("rate", "nobody", "There is no KPI called nobody"),
        ("rate", "rate", "rate cannot follow rate: it does not go on after 2024-02-29."),
        ("rate", "old", "old cannot follow rate: it does not go on after 2024-02-29."),
        ("old", None, r"old ends on 2024-02-29 already: change it in .*old.yml"),
    ],
)
def test_an_end_that_cannot_be_is_a_sentence_and_nothing_is_written(
    nights: Any, name: str, successor: str | None, words: str
) -> None:
    kpi = nights.declare("rate")
    nights.declare("old", retired=RETIRED)
    before = kpi.path.read_bytes()

    with pytest.raises(ConfigurationError, match=words):
        retire(nights.settings, name, LAST_DAY, "It ends.", successor)
    assert kpi.path.read_bytes() == before


def test_a_yaml_that_cannot_take_the_end_stays_as_it_is(nights: Any) -> None:
    kpi = nights.declare("rate")
    before = kpi.path.read_bytes()

    with pytest.raises(ConfigurationError, match=r"retired\.because: String should have at least 1 character"):
        retire(nights.settings, "rate", LAST_DAY, "  ")
    assert kpi.path.read_bytes() == before


def test_the_command_says_what_it_did(nights: Any) -> None:
    kpi = nights.declare("rate")
    nights.declare("value")
    environment = {"KPI_HOME": str(nights.settings.home), "KPI_PROJECT": str(nights.settings.project)}
    told = CliRunner().invoke(
        app, ["retire", "rate", "--on", "2024-02-29", "--successor", "value", "--because", "x"], env=environment
    )

    assert told.exit_code == 0, told.output
    assert told.output.splitlines() == [
        str(kpi.path),
        "rate ends on 2024-02-29. Its values stay; from the night after on there is none of a period that goes on "
        "beyond that day, and nobody waits for one. Whoever looks for it is sent to value.",
    ]


@pytest.mark.parametrize(
    ("retired", "words"),
    [
        ({**RETIRED, "successor": "nobody"}, "its successor nobody does not exist; name a KPI, or null."),
        ({**RETIRED, "successor": "old"}, "its successor old ends on 2024-02-01, no later than itself; name one that"),
        ({**RETIRED, "successor": "value"}, ""),
        (RETIRED, ""),
    ],
)
def test_check_asks_that_a_successor_goes_on(
    nights: Any, monkeypatch: pytest.MonkeyPatch, retired: dict[str, Any], words: str
) -> None:
    monkeypatch.setattr(check_module, "model_problems", lambda *_: [])
    kpi = nights.declare("rate", retired=retired)
    nights.declare("value")
    nights.declare("old", retired={**RETIRED, "last_day": dt.date(2024, 2, 1)})
    for path in nights.settings.kpi_models.glob("sales/*.yml"):
        path.with_suffix(".sql").write_text("select 1", encoding="utf-8")
        path.write_text(path.read_text(encoding="utf-8") + "unit_tests: [{name: one}]\n", encoding="utf-8")
    problems = check(nights.settings)

    assert len(problems) == bool(words)
    assert all(problem.startswith(f"{kpi.path}: {words}") for problem in problems)


# --- what is published ---


def test_no_period_goes_on_beyond_its_last_day_once_that_is_over(count: Any) -> None:
    parts = {"count": [*months(1, 2, 4), ("quarter", "2024-01-01", "all", "all", 7, None)]}
    asked = "period_grain, period_start, kpi_value", "period_grain in ('month', 'quarter', 'year')"
    count.build("2024-03-31", parts)
    whole = count.candidate("count", *asked)
    count.declare("count", kind="sum", unit="count", range=[0, None], retired=RETIRED)
    count.build("2024-02-29", {"count": months(1, 2)})
    on_its_last_day = count.candidate("count", *asked)
    count.build("2024-03-31", parts)

    january, february, march = (("month", dt.date(2024, number, 1)) for number in (1, 2, 3))
    assert [row[:2] for row in whole] == [
        january, february, march, ("quarter", dt.date(2024, 1, 1)), ("year", dt.date(2024, 1, 1)),
    ]  # fmt: skip
    assert [row[0] for row in on_its_last_day] == ["month", "month", "quarter", "year"]
    assert count.candidate("count", *asked) == [(*january, 1.0), (*february, 2.0)]
    assert count.candidate("count", "max(period_start)", "period_grain = 'day'") == [(LAST_DAY,)]


def test_the_release_says_since_when_and_what_follows(count: Any) -> None:
    count.declare("value", kind="sum", unit="count", range=[0, None])
    count.declare("count", kind="sum", unit="count", range=[0, None], retired={**RETIRED, "successor": "value"})
    count.night("2024-02-29", {"count": months(1, 2), "value": months(1, 2)})

    def status() -> list[str]:
        with open_current(count.settings) as (_, connection):
            return [line.kpi for line in read_scorecard(connection)]

    environment = {"KPI_HOME": str(count.settings.home), "KPI_PROJECT": str(count.settings.project)}
    assert status() == ["count", "value"]
    count.night("2024-03-31", {"count": months(1, 2, 4), "value": months(1, 2, 4)})

    assert status() == ["value"]
    assert count.published("select kpi, retired_on, successor from kpi_catalog order by kpi") == [
        ("count", LAST_DAY, "value"), ("value", None, None),
    ]  # fmt: skip
    assert count.published("select kpi_value from kpi_values where kpi = 'count' and period_grain = 'month'") == [
        (1.0,), (2.0,),
    ]  # fmt: skip
    listed = CliRunner().invoke(app, ["list"], env=environment).output
    assert "A KPI (until 2024-02-29, then value)" in " ".join(listed.split())
    shown = CliRunner().invoke(app, ["show", "count"], env=environment).output
    assert "(until 2024-02-29, then value)" in shown


def test_a_release_that_knows_no_end_can_be_read(count: Any) -> None:
    release = count.night("2024-02-29", {"count": months(1, 2)})
    with duckdb.connect(str(release.path / "kpi.duckdb")) as connection:
        connection.execute(
            "alter table kpi_catalog drop column retired_on; alter table kpi_catalog drop column successor"
        )
    environment = {"KPI_HOME": str(count.settings.home), "KPI_PROJECT": str(count.settings.project)}

    for command in (["status"], ["list"], ["show", "count"]):
        assert CliRunner().invoke(app, command, env=environment).exit_code == 0


# --- what nobody waits for ---


def test_a_refused_export_does_not_hold_what_has_ended() -> None:
    lineage = Lineage({"rate": Upstream(frozenset({"orders"}), frozenset())}, ())
    builds = [{"kpi": "rate", "status": "built", "reason": ""}]

    assert verdicts_of(builds, lineage, [], {"orders": "it is empty"}, {"rate"}) == [Verdict("rate", "published", "")]


def test_an_export_that_only_ended_kpis_read_is_not_late(count: Any) -> None:
    facts = {
        "name": "facts",
        "columns": [{"name": "id", "data_type": "text"}, {"name": "day", "data_type": "date"}],
        "config": {"meta": {"export": {"rows": "events", "key": ["id"], "dated_by": "day", "late_after_days": 1}}},
    }
    staging = count.settings.dbt_project / "models" / "staging" / "crm"
    staging.mkdir(parents=True)
    (staging / "facts.yml").write_text(
        yaml.safe_dump({"sources": [{"name": "crm", "tables": [facts]}]}), encoding="utf-8"
    )
    for retired in (None, RETIRED):
        count.declare("count", kind="sum", unit="count", range=[0, None], retired=retired)
        count.build("2024-03-31", {"count": months(1, 2, 4)})
        with connect(count.settings) as connection:
            connection.execute(
                "create or replace table raw.facts as select '1' as id, date '2024-01-05' as day, 1 as _load"
            )
        audit(count.settings)
        with connect(count.settings) as connection:
            found = connection.execute(
                "select success from audit.findings where subject = 'export:facts' and expectation like '%on time'"
            ).fetchall()
        assert found == ([] if retired else [(False,)])


def test_nobody_is_asked_to_review_what_has_ended(nights: Any) -> None:
    long_ago = dt.date(2020, 1, 1)
    nights.declare("rate", review_by=long_ago)
    nights.declare("old", review_by=long_ago, retired={**RETIRED, "last_day": long_ago})
    page = render_catalogue(nights.settings, Lineage({}, ()), dt.date(2024, 1, 1))

    assert page.count("review due<") == 1
    assert "Nobody asked for it." in page
    sentences = [symptom.sentence for symptom in examine(nights.settings)]
    assert not [sentence for sentence in sentences if sentence.startswith("old was to be reviewed")]
