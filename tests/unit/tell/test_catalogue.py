"""The catalogue page: what it says of every KPI, in both languages, and what it must never say."""

from __future__ import annotations

import datetime as dt
import html
import itertools
import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from typer.testing import CliRunner

from kpi_pipeline.cli import app
from kpi_pipeline.contracts.grain import CADENCES, Cadence
from kpi_pipeline.contracts.kind import KINDS, KindName
from kpi_pipeline.contracts.kpi import Direction, Level, read_registry
from kpi_pipeline.contracts.lineage import EntityModel, Lineage, Upstream
from kpi_pipeline.contracts.settings import Settings, load_settings
from kpi_pipeline.contracts.unit import UNITS, UnitName
from kpi_pipeline.contracts.words import DIRECTIONS, LEVELS
from kpi_pipeline.errors import ConfigurationError, PipelineError
from kpi_pipeline.tell.catalogue import render_catalogue, write_catalogue
from kpi_pipeline.workshop.models import project_lineage

DAY = dt.date(2026, 5, 1)
UNKNOWN = Lineage({}, ())
"""Of a project that nobody has asked dbt about."""
HOSTILE = "<script>alert('x')</script> & \"quoted\" {{ 7 * 7 }} </p>"


class Page(HTMLParser):
    """The page as a browser reads it: what stands in each article, and which elements are open at the end."""

    VOID = frozenset({"meta", "input", "wbr", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self.open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        article = next((str(given["id"]) for tag, given in self.open if tag == "article"), "")
        language = next((str(given["lang"]) for _, given in reversed(self.open) if "lang" in given), "")
        if not {"script", "style", "title"} & {tag for tag, _ in self.open}:
            self.words.append((article, language, data))

    @property
    def articles(self) -> list[str]:
        return [str(given["id"]) for tag, given in self.elements if tag == "article"]

    def all(self, article: str) -> str:
        return "".join(data for name, _, data in self.words if name == article)

    def read(self, article: str, language: str = "en") -> str:
        """What stands there in one language, on one line."""
        return plain("".join(data for name, given, data in self.words if (name, given) == (article, language)))


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def total() -> Callable[..., Any]:
    return lambda start, value, denominator=None, grain="month": (grain, start, "all", "all", value, denominator)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The project that ships, before its first night."""
    project = Path(__file__).parents[3]
    return load_settings(_env_file=None, home=tmp_path_factory.mktemp("home"), project=project)


@pytest.fixture(scope="module")
def lineage(shipped: Settings) -> Lineage:
    """What dbt says of it before any build."""
    return project_lineage(shipped)


@pytest.fixture(scope="module")
def page(shipped: Settings, lineage: Lineage) -> Page:
    return Page(render_catalogue(shipped, lineage, DAY))


def test_every_kpi_is_there_with_its_meaning_in_both_languages_and_its_sql(shipped: Settings, page: Page) -> None:
    kpis = read_registry(shipped.kpi_models)

    assert page.articles == [kpi.name for kpi in kpis]
    assert not page.open, "every element is closed"
    for kpi in kpis:
        article = page.all(kpi.name)
        said = [
            kpi.title.en, kpi.title.fa, kpi.description, kpi.description_fa, kpi.formula, kpi.why, kpi.owner_title.en,
            kpi.owner_title.fa, kpi.objective_title.en, kpi.objective_title.fa, kpi.success_factor, kpi.dated_by,
            str(kpi.review_by), *kpi.sets, *kpi.dimensions, *(exception.because for exception in kpi.exceptions),
            UNITS[kpi.unit].words.en, DIRECTIONS[kpi.good].fa, KINDS[kpi.kind].words.en, KINDS[kpi.kind].meaning.fa,
            CADENCES[kpi.cadence].fa,
        ]  # fmt: skip
        assert [words for words in said if plain(words) not in plain(article)] == []
        sql = kpi.sql_path.read_text(encoding="utf-8").strip()
        assert sql in article, "the SQL stands there as it is"
        assert html.escape(sql, quote=False) in page.text.replace("&#39;", "'").replace("&#34;", '"')
        assert f"({len(kpi.unit_tests)}" in plain(article)


def test_what_it_is_made_of_is_the_exports_the_entities_and_other_kpis(page: Page) -> None:
    made_of = page.read("customer_lifetime_value").split("Made from ")[1].split(" What its tests prove")[0]

    exports, entities, kpis = re.fullmatch(
        "exports (.*) entities (.*) KPIs (.*) this KPI customer_lifetime_value", made_of
    ).groups()  # type: ignore[union-attr]
    assert {"orders", "subscriptions"} <= set(exports.split())
    assert {"customer_earnings", "customer_days"} <= set(entities.split())
    assert kpis == "average_revenue_per_user churn_rate"


def test_the_name_of_a_unit_test_is_a_sentence_about_its_kpi(page: Page) -> None:
    assert "First response time leaves tickets out that have no response." in page.read("first_response_time")


def test_a_kpi_that_lineage_does_not_know_is_made_of_nothing(nights: Any) -> None:
    nights.declare("rate")
    nights.declare("value")
    known = Lineage({"rate": Upstream(frozenset({"visits"}), frozenset({"stg_crm__visits"}))}, ())
    page = Page(render_catalogue(nights.settings, known, DAY))

    assert "Made from exports visits entities – this KPI rate" in page.read("rate")
    assert "Made from exports – entities – this KPI value" in page.read("value")


def test_a_kpi_that_names_an_entity_alone_is_dated_by_the_day_of_that(nights: Any) -> None:
    nights.declare("rate", dated_by="orders")
    nights.declare("value", dated_by="orders.paid_on")
    known = Lineage({}, (EntityModel("orders", ("order_id",), "ordered_on"),))
    page = Page(render_catalogue(nights.settings, known, DAY))

    assert "Dated byorders.ordered_on" in page.read("rate")
    assert "Dated byorders.paid_on" in page.read("value")


def test_lineage_is_that_of_the_last_build_while_the_files_are_the_same(
    new_nights: Callable[..., Any], total: Any
) -> None:
    nights = new_nights(grains="month")
    kpi = nights.declare("rate")
    nights.night("2024-01-31", {"rate": [total("2024-01-01", 1, 2)]})
    assert project_lineage(nights.settings).upstream["rate"].exports == {"facts"}

    os.utime(kpi.path)
    with pytest.raises(ConfigurationError, match="dbt cannot parse the project: "):
        project_lineage(nights.settings)


@pytest.mark.parametrize("field", ["description_fa", "formula", "why", "owner", "objective", "success_factor"])
def test_what_is_written_in_a_contract_is_text_and_never_markup(nights: Any, field: str) -> None:
    nights.declare("rate", **{field: HOSTILE})
    page = Page(render_catalogue(nights.settings, UNKNOWN, DAY))

    assert "<script>alert" not in page.text
    assert plain(HOSTILE) in plain(page.all("rate"))
    assert not page.open
    assert [tag for tag, _ in page.elements].count("script") == 1, "our own"


def test_hostile_titles_sets_tests_and_sql_are_text_too(nights: Any) -> None:
    kpi = nights.declare("rate", title={"en": HOSTILE, "fa": HOSTILE}, sets=[HOSTILE])
    kpi.sql_path.write_text(f"-- {HOSTILE}\n</code></pre><img src=x onerror=alert(1)>", encoding="utf-8")
    with kpi.path.open("a", encoding="utf-8") as file:
        file.write(yaml.safe_dump({"unit_tests": [{"name": HOSTILE}]}))
    page = Page(render_catalogue(nights.settings, UNKNOWN, DAY))

    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert page.all("rate").count("{{ 7 * 7 }}") == 5, "two titles, a set, a test, the SQL"


def test_without_a_release_there_are_no_example_rows_and_the_page_says_so(page: Page) -> None:
    assert "nothing is published yet, so there are no example rows" in page.text
    assert "هنوز چیزی منتشر نشده است" in page.text
    assert "table" not in {tag for tag, _ in page.elements}
    assert "Last months" not in page.text


def test_the_last_six_months_of_the_release_are_shown_gregorian_and_jalali(
    new_nights: Callable[..., Any], total: Any
) -> None:
    nights = new_nights(grains="month,jalali_month")
    nights.declare("rate")
    months = [total(f"2024-0{month}-01", month, 8) for month in range(1, 8)] + [total("2024-08-01", -1, 3)]
    jalali = [total("2024-06-21", 1, 4, "jalali_month"), total("2024-07-22", 2, 4, "jalali_month")]
    nights.night("2024-08-10", {"rate": [*months, *jalali]})
    nights.declare("unpublished")
    page = Page(render_catalogue(nights.settings, UNKNOWN, DAY))
    english, persian = page.read("rate"), page.read("rate", "fa")

    assert page.read("").endswith("values as of 2024-08-10 Sales 2")
    assert english.split("Month Value Parts ")[1].split(" Made from")[0] == (
        "Mar 2024 37.50 % 3 / 8 Apr 2024 50.00 % 4 / 8 May 2024 62.50 % 5 / 8 Jun 2024 75.00 % 6 / 8 "
        "Jul 2024 87.50 % 7 / 8 Aug 2024 … -33.33 % -1 / 3"
    )
    assert "تیر ۱۴۰۳ ۲۵٫۰۰ ٪ ۱ / ۴" in persian
    assert "مرداد ۱۴۰۳ … ۵۰٫۰۰ ٪ ۲ / ۴" in persian
    assert "Nothing is published of it by month yet." in page.read("unpublished")


def test_a_held_kpi_and_a_newer_definition_are_told(new_nights: Callable[..., Any], total: Any) -> None:
    nights = new_nights(grains="month")
    nights.declare("rate")
    nights.night("2024-01-31", {"rate": [total("2024-01-01", 1, 2)]})
    nights.declare("rate", version=2)
    nights.night("2024-02-29", {"rate": [total("2024-01-01", 2, 2)]}, held={"rate": "not true"})
    article = Page(render_catalogue(nights.settings, UNKNOWN, DAY)).read("rate")

    assert "50.00 %" in article
    assert "Held back: these are the last good values, as of 2024-01-31" in article
    assert "Published by definition 1" in article


def test_a_review_is_due_from_the_day_after_on(nights: Any) -> None:
    nights.declare("rate", review_by=DAY)

    on_the_day = render_catalogue(nights.settings, UNKNOWN, DAY)
    the_day_after = render_catalogue(nights.settings, UNKNOWN, DAY + dt.timedelta(days=1))

    assert "review due<" not in on_the_day
    assert "review due<" in the_day_after


def test_the_same_files_release_and_day_make_the_same_bytes(new_nights: Callable[..., Any], total: Any) -> None:
    nights = new_nights(grains="month")
    nights.declare("rate")
    nights.night("2024-01-31", {"rate": [total("2024-01-01", 1, 2)]})
    first = write_catalogue(nights.settings, UNKNOWN, today=DAY).read_bytes()

    assert write_catalogue(nights.settings, UNKNOWN, today=DAY).read_bytes() == first
    assert [path.name for path in (nights.settings.home / "catalogue").iterdir()] == ["index.html"]


def test_the_page_of_what_ships_is_the_same_twice(shipped: Settings, lineage: Lineage) -> None:
    assert render_catalogue(shipped, lineage, DAY) == render_catalogue(shipped, lineage, DAY)


def test_nothing_of_a_person_or_of_this_machine_is_in_it(new_nights: Callable[..., Any], total: Any) -> None:
    nights = new_nights(grains="month")
    nights.declare("rate", dimensions=["rep"])
    member = ("month", "2024-01-01", "rep", "maryam@example.com", 1.0, 2.0)
    nights.night("2024-01-31", {"rate": [total("2024-01-01", 1, 2), member]})
    text = render_catalogue(nights.settings, UNKNOWN, DAY)

    assert nights.published("select count(*) from kpi_values where dimension = 'rep'") == [(1,)]
    assert "maryam" not in text
    assert str(nights.settings.home) not in text
    assert str(nights.settings.project) not in text
    assert str(Path.home()) not in text


def test_the_page_that_ships_has_no_address_of_a_person(page: Page) -> None:
    assert re.findall(r"[\w.]+@[\w.]+", re.sub(r"<style>.*?</style>", "", page.text, flags=re.DOTALL)) == []


def test_the_page_needs_no_network(page: Page) -> None:
    links = [given[name] for _, given in page.elements for name in ("src", "href", "action") if name in given]

    assert links
    assert [link for link in links if not str(link).startswith("#")] == []
    assert not {"link", "img", "iframe"} & {tag for tag, _ in page.elements}
    assert "url(" not in page.text
    assert "@import" not in page.text


def test_every_link_leads_somewhere_and_every_name_is_given_once(page: Page) -> None:
    ids = [given["id"] for _, given in page.elements if "id" in given]

    assert len(ids) == len(set(ids))
    assert {str(given["href"])[1:] for tag, given in page.elements if tag == "a"} <= set(ids)


def test_headings_go_down_one_step_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(after - before for before, after in itertools.pairwise(levels)) == 1


def test_persian_text_is_marked_as_persian_and_runs_from_right_to_left(page: Page) -> None:
    unmarked = [data for _, language, data in page.words if language != "fa" and re.search(r"[\u0600-\u06ff]", data)]
    persian = [given for _, given in page.elements if given.get("lang") == "fa"]

    assert unmarked == []
    assert persian
    assert [given for given in persian if given.get("dir") != "rtl"] == []


@pytest.mark.parametrize(
    ("words", "type_"),
    [
        ({name: unit.words for name, unit in UNITS.items()}, UnitName), (DIRECTIONS, Direction), (LEVELS, Level),
        ({name: kind.words for name, kind in KINDS.items()}, KindName), (CADENCES, Cadence),
        ({name: kind.meaning for name, kind in KINDS.items()}, KindName),
    ],
)  # fmt: skip
def test_whatever_a_contract_can_say_has_words_in_both_languages(words: Any, type_: Any) -> None:
    assert set(words) == set(get_args(type_))
    assert all(pair.en and pair.fa for pair in words.values())


def test_a_domain_that_nobody_has_named_has_its_own_name(nights: Any) -> None:
    kpi = nights.declare("rate", "field_service")

    assert (kpi.domain_title.en, kpi.domain_title.fa) == ("Field service", "Field service")


def test_the_command_writes_the_page_and_says_where(new_nights: Callable[..., Any], total: Any, tmp_path: Path) -> None:
    nights = new_nights(grains="month")
    nights.declare("rate")
    nights.night("2024-01-31", {"rate": [total("2024-01-01", 1, 2)]})
    environment = {"KPI_HOME": str(nights.settings.home), "KPI_PROJECT": str(nights.settings.project)}
    there = CliRunner().invoke(app, ["catalogue", "--to", str(tmp_path / "new" / "page.html")], env=environment)
    home = CliRunner().invoke(app, ["catalogue"], env=environment)

    assert (there.exit_code, home.exit_code) == (0, 0)
    assert (tmp_path / "new" / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert home.output.startswith(f"{nights.settings.home}/catalogue/index.html\n")


def test_a_place_that_cannot_be_written_is_a_sentence(nights: Any, tmp_path: Path) -> None:
    nights.declare("rate")

    with pytest.raises(PipelineError, match=r"The catalogue cannot be written to .*: Is a directory"):
        write_catalogue(nights.settings, UNKNOWN, tmp_path)
    assert not list(tmp_path.parent.glob(".*.part"))
