"""The command line: ``kpi``. Every verb is a plain function of the package; this module only speaks with people."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from kpi_pipeline.contracts.export import SYSTEMS
from kpi_pipeline.contracts.grain import GRAINS
from kpi_pipeline.contracts.settings import Settings, load_settings
from kpi_pipeline.errors import ConfigurationError, PipelineError
from kpi_pipeline.release.store import list_releases, rollback
from kpi_pipeline.tell import terminal
from kpi_pipeline.tell.exports import print_ingest, print_left_alone
from kpi_pipeline.tell.read import (
    open_current,
    read_catalog,
    read_catalog_entry,
    read_left_alone,
    read_members,
    read_periods,
    read_scorecard,
)

if TYPE_CHECKING:
    from kpi_pipeline.ingest.ingest import IngestReport

app = typer.Typer(
    help="KPIs from exports: pulled in, computed, audited, and published in one piece.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

NOT_CARRIED_OUT, USAGE, HELD, NOTHING_LOADED = 1, 2, 3, 4
"""Exit codes beside 0: the run failed; wrong usage or configuration; published, but something is held back; there was
no export to load, and none was loaded before."""

# What is not a terminal (a log, a pipe) has room for every column.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
complaints = Console(stderr=True, highlight=False)


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """Turn the package's errors into a sentence and an exit code."""
    try:
        yield
    except ConfigurationError as error:
        complaints.print(Text(str(error), style="red"), soft_wrap=True)
        raise typer.Exit(USAGE) from error
    except PipelineError as error:
        complaints.print(Text(str(error), style="red"), soft_wrap=True)
        raise typer.Exit(NOT_CARRIED_OUT) from error


@contextlib.contextmanager
def _progress(*steps: str) -> Iterator[Callable[[], None]]:
    """Show how far long work is: a bar on a terminal; elsewhere the verbs' own log lines say it.

    Yields a function to call when a step is done. A single step of unknown length is a bar that moves.
    """
    if not complaints.is_terminal:
        yield lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=complaints, transient=True) as progress:
        task = progress.add_task(steps[0], total=len(steps) if len(steps) > 1 else None)
        done = 0

        def next_step() -> None:
            nonlocal done
            done += 1
            progress.update(task, completed=done, description=steps[min(done, len(steps) - 1)])

        yield next_step


@app.callback()
def _start() -> None:
    handler: logging.Handler
    if complaints.is_terminal:
        handler = RichHandler(console=complaints, show_path=False, show_level=False, show_time=False)
    else:
        handler = logging.StreamHandler(sys.stderr)
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[handler], force=True)


AsOf = Annotated[
    dt.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Last business day to take into account; yesterday where not given."),
]


def _day(as_of: dt.datetime | None) -> dt.date | None:
    return as_of.date() if as_of else None


@app.command()
def run(as_of: AsOf = None) -> None:
    """Carry out the whole night: ingest, build, audit, publish."""
    with _sentences(), _progress("ingest", "build", "audit", "publish") as next_step:
        from kpi_pipeline.audit.audit import audit
        from kpi_pipeline.build.build import build
        from kpi_pipeline.ingest.ingest import ingest
        from kpi_pipeline.release.publish import publish

        settings = load_settings()
        report = ingest(settings)
        next_step()
        build(settings, _day(as_of))
        next_step()
        audit(settings)
        next_step()
        release = publish(settings)
    print_ingest(console, report)
    console.print(terminal.sentence_of(release), soft_wrap=True)
    terminal.print_held(console, release.held)
    raise typer.Exit(HELD if release.held else NOTHING_LOADED if report.is_in_vain else 0)


@app.command()
def sample(
    to: Annotated[Path | None, typer.Option(help="Folder to write to; the exports folder where not given.")] = None,
    rows: Annotated[int | None, typer.Option(help="Web events to write; the rest of the company follows.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another company; the same seed writes the same bytes.")] = None,
    as_of: AsOf = None,
    canonical: Annotated[
        bool, typer.Option("--canonical", help="All in our own columns, with nothing planted.")
    ] = False,
    clean: Annotated[bool, typer.Option("--clean", help="Without the bad rows that are planted.")] = False,
) -> None:
    """Write the exports of a sample company: 24 months of all systems, as real tools write them.

    Some rows are bad, as in any export; sample_dirt.csv beside the files lists them.
    """
    with _sentences(), _progress("sample"):
        from kpi_sample import DEFAULT_AS_OF, DEFAULT_SEED, PLANTED, write_sample

        settings = load_settings()
        day = _day(as_of) or DEFAULT_AS_OF
        report = write_sample(
            to or settings.exports,
            rows=rows,
            seed=DEFAULT_SEED if seed is None else seed,
            as_of=day,
            layouts="canonical" if canonical else "tools",
            is_clean=clean,
            memory_limit=settings.memory_limit,
            threads=settings.threads,
        )
    console.print(f"{len(report.files)} files with {report.row_count:,} rows in {report.to}", soft_wrap=True)
    if report.planted:
        console.print(f"{len(report.planted):,} bad rows are planted among them: {PLANTED} there lists them")
    console.print(f"The last day in them is {day}: kpi run --as-of {day}")


@app.command()
def ingest(
    systems: Annotated[list[str] | None, typer.Argument(help=f"{', '.join(SYSTEMS)}; all where none is named.")] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="A snapshot (its path below the exports folder) that is right, though much smaller."),
    ] = None,
) -> None:
    """Load every export that is new."""
    with _sentences(), _progress("ingest"):
        from kpi_pipeline.ingest.ingest import ingest

        report = ingest(load_settings(), systems, accept=accept or ())
    _tell_of_ingest(report)


def _tell_of_ingest(report: IngestReport) -> None:
    print_ingest(console, report)
    raise typer.Exit(HELD if report.refused else NOTHING_LOADED if report.is_in_vain else 0)


@app.command()
def layout(
    file: Annotated[str, typer.Argument(help="Any file, or its path below the exports folder.")],
    entity: Annotated[str | None, typer.Option(help="What its rows are, such as orders; guessed otherwise.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write the draft of a layout here; shown otherwise.")] = None,
) -> None:
    """Say which layout fits a file and how its columns would be read; draft one for a tool that nobody knows."""
    with _sentences():
        from kpi_pipeline.workshop.layout_of_file import layout_of_file, lines_of, write_draft

        found = layout_of_file(load_settings(), file, entity)
        for line in lines_of(found):
            console.print(line, soft_wrap=True, markup=False)
        if found.draft and write:
            write_draft(found.draft, write)
    if found.draft:
        console.print(
            f"\nA draft of its layout{f', in {write}' if write else ''}; every guess is marked:", soft_wrap=True
        )
        console.print(found.draft.text, soft_wrap=True, markup=False, end="")


@app.command()
def quarantine(
    file: Annotated[str | None, typer.Argument(help="Show the rows of this file (path below the exports).")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Read the files again: their layout was mended.")] = False,
    last: Annotated[int, typer.Option(min=1, help="How many rows to show.")] = 100,
) -> None:
    """List, show or retry the rows that could not be loaded."""
    with _sentences():
        from kpi_pipeline.ingest.quarantine import list_quarantine, show_quarantine

        settings = load_settings()
        if retry:
            from kpi_pipeline.ingest.ingest import ingest

            with _progress("ingest"):
                report = ingest(settings, retry=True)
            _tell_of_ingest(report)
        if file is None:
            files = list_quarantine(settings)
            table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
            for column in ("file", "entity", "status", "rows", "the first of them"):
                table.add_column(column, justify="right" if column == "rows" else "left")
            for each in files:
                table.add_row(each.file, each.entity, each.status, f"{each.row_count:,}", each.first_reason)
            console.print(table if files else "Nothing is in quarantine.")
            return
        for row in show_quarantine(settings, file, last):
            where = f"line {row.line}" + (f", {row.column_name}" if row.column_name else "")
            console.print(Text.assemble((f"{row.entity} {where}: ", "bold"), row.reason), soft_wrap=True)
            console.print(Text("  " + row.raw_text, style="dim"), soft_wrap=True)


@app.command()
def build(
    as_of: AsOf = None,
    select: Annotated[
        list[str] | None, typer.Option(help="Only this KPI and what it is made of; may be repeated. Not publishable.")
    ] = None,
) -> None:
    """Compute the KPIs."""
    with _sentences(), _progress("build"):
        from kpi_pipeline.build.build import build

        builds = build(load_settings(), _day(as_of), select or ())
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("KPI", "result", "rows", "data through"):
        table.add_column(column, justify="right" if column == "rows" else "left")
    for each in builds:
        table.add_row(each.kpi, each.status, f"{each.row_count:,}", str(each.data_through or "–"))
    console.print(table)
    failed = [each for each in builds if each.status == "failed"]
    for each in failed:
        console.print(Text(f"{each.kpi}: {each.reason}", style="magenta"), soft_wrap=True)
    raise typer.Exit(HELD if failed else 0)


@app.command()
def audit() -> None:
    """Judge what was built."""
    with _sentences(), _progress("audit"):
        from kpi_pipeline.audit.audit import audit

        verdicts = audit(load_settings())
    held = {verdict.kpi: verdict.reason for verdict in verdicts if verdict.verdict == "held"}
    console.print(f"{len(verdicts) - len(held)} of {len(verdicts)} KPIs may be published.")
    for name, reason in held.items():
        console.print(Text(f"  {name}: {reason}", style="magenta"), soft_wrap=True)
    raise typer.Exit(HELD if held else 0)


@app.command()
def publish() -> None:
    """Publish what passed the audit, as a new release."""
    with _sentences(), _progress("publish"):
        from kpi_pipeline.release.publish import publish

        release = publish(load_settings())
    console.print(terminal.sentence_of(release), soft_wrap=True)
    terminal.print_held(console, release.held)
    raise typer.Exit(HELD if release.held else 0)


@app.command()
def status() -> None:
    """Show the scorecard of the current release, what is held back, and which files nobody reads."""
    with _sentences(), open_current(load_settings()) as (release, connection):
        console.print(terminal.sentence_of(release), soft_wrap=True)
        console.print()
        console.print(terminal.scorecard(console, read_scorecard(connection)))
        terminal.print_held(console, release.held)
        print_left_alone(console, read_left_alone(connection))
    raise typer.Exit(HELD if release.held else 0)


@app.command("list")
def list_kpis(
    domain: Annotated[str | None, typer.Option(help="Only this domain.")] = None,
    kpi_set: Annotated[str | None, typer.Option("--set", help="Only KPIs of this set, such as b2b.")] = None,
) -> None:
    """List the KPIs of the current release, by domain."""
    with _sentences(), open_current(load_settings()) as (_, connection):
        catalog = read_catalog(connection)
    found = [
        entry
        for entry in catalog
        if domain in (None, entry["domain"]) and (kpi_set is None or kpi_set in entry["sets"].split(", "))
    ]
    if found:
        console.print(terminal.kpi_list(console, found))
    console.print(Text(f"{len(found)} KPIs", style="dim"))
    if not found:
        domains = sorted({entry["domain"] for entry in catalog})
        sets = sorted({name for entry in catalog for name in entry["sets"].split(", ") if name})
        console.print(f"There are the domains {', '.join(domains)}; and the sets {', '.join(sets)}.", soft_wrap=True)


@app.command()
def show(
    kpi: Annotated[str, typer.Argument(help="Name of the KPI, as `kpi list` shows it.")],
    grain: Annotated[str | None, typer.Option(help=f"{', '.join(GRAINS)}; the KPI's cadence where not given.")] = None,
    last: Annotated[int, typer.Option(min=1, help="How many periods.")] = 12,
    by: Annotated[str | None, typer.Option(help="A dimension of the KPI: one row per member.")] = None,
) -> None:
    """Show what a KPI means and how it has done."""
    with _sentences(), open_current(load_settings()) as (_, connection):
        entry = read_catalog_entry(connection, kpi)
        grain = grain or str(entry["cadence"])
        if grain not in GRAINS:
            raise ConfigurationError(f"{grain} is no period grain; choose from {', '.join(GRAINS)}.")
        console.print(terminal.kpi_panel(entry))
        if by is None:
            console.print(terminal.periods_table(console, entry, read_periods(connection, kpi, grain, last)))
            return
        if by not in entry["dimensions"].split(", "):
            raise ConfigurationError(f"{kpi} has no dimension {by}; it has {entry['dimensions'] or 'none'}.")
        members = read_members(connection, kpi, grain, by, min(last, 6))
        console.print(terminal.members_table(entry, grain, members))


@app.command()
def catalogue(
    to: Annotated[
        Path | None, typer.Option(help="File to write; KPI_HOME/catalogue/index.html where not given.")
    ] = None,
) -> None:
    """Write the catalogue: a page with what every KPI means, in English and Persian."""
    with _sentences(), _progress("catalogue"):
        from kpi_pipeline.tell.catalogue import write_catalogue
        from kpi_pipeline.workshop.models import project_lineage

        settings = load_settings()
        written = write_catalogue(settings, project_lineage(settings), to)
    console.print(str(written), soft_wrap=True)
    console.print("Open it in a browser; it needs no network.")


@app.command()
def releases() -> None:
    """List the releases on disk, newest first."""
    with _sentences():
        found = list_releases(load_settings())
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("", "release", "as of", "values", "held"):
        table.add_column(column)
    for release in found:
        mark = "→" if release.is_current else ""
        values = f"{release.manifest['rows']['kpi_values']:,}"
        table.add_row(mark, release.name, str(release.as_of), values, str(len(release.held) or ""))
    console.print(table if found else "There is no release yet. Run `kpi run`.")


@app.command("rollback")
def roll_back(
    release: Annotated[str | None, typer.Argument(help="Name of the release; the one before where not given.")] = None,
) -> None:
    """Move `current` to an earlier release. The next night publishes anew."""
    with _sentences():
        now = rollback(load_settings(), release)
    console.print(f"current is now {now.name}, as of {now.as_of}.")


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="DOMAIN/NAME", help="Such as sales/orders_per_visit.")],
) -> None:
    """Begin a new KPI: one SQL file and one YAML file to fill in; in a new domain, a file for that too."""
    with _sentences():
        from kpi_pipeline.workshop.scaffold import scaffold

        written = scaffold(load_settings(), name)
    for path in written:
        console.print(str(path), soft_wrap=True)
    console.print("Fill them in, then run `kpi check`. It says what is still missing.")


@app.command()
def retire(
    kpi: Annotated[str, typer.Argument(help="Name of the KPI.")],
    on: Annotated[
        dt.datetime, typer.Option(formats=["%Y-%m-%d"], help="Its last day; best the end of a month or year.")
    ],
    because: Annotated[str, typer.Option(help="Why, for people who will ask.")],
    successor: Annotated[str | None, typer.Option(help="The KPI to look at from then on.")] = None,
) -> None:
    """End a KPI: what was published of it stays, nothing is added."""
    with _sentences():
        from kpi_pipeline.workshop.retire import retire

        ended = retire(load_settings(), kpi, on.date(), because, successor)
    console.print(str(ended.path), soft_wrap=True)
    console.print(
        f"{kpi} ends on {ended.retired_on}. Its values stay; from the night after on there is none of a period that "
        "goes on beyond that day, and nobody waits for one."
        + (f" Whoever looks for it is sent to {successor}." if successor else ""),
        soft_wrap=True,
    )


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[KPI]...", help="Whose unit tests to run.")] = None,
    tests: Annotated[bool, typer.Option("--tests", help="Run the unit tests too, of all KPIs or the named.")] = False,
) -> None:
    """Say what is wrong with the KPI models, and what to do about it."""
    with _sentences(), _progress("check"):
        from kpi_pipeline.workshop.check import check
        from kpi_pipeline.workshop.unit_tests import run_unit_tests

        settings = load_settings()
        problems = check(settings)
        passed, words = run_unit_tests(settings, names or ()) if tests and not problems else (True, "")
    for problem in problems:
        console.print(Text(problem, style="red"), soft_wrap=True)
    console.print(words, end="", soft_wrap=True, markup=False)
    console.print(f"{len(problems)} problems." if problems else "All KPI models are in order.")
    if not passed:
        console.print(Text("Unit tests did not pass; dbt says above which.", style="red"))
    raise typer.Exit(USAGE if problems or not passed else 0)


@app.command()
def doctor() -> None:
    """Say what on this machine or in this configuration will not work, and how to mend it."""
    with _sentences():
        from kpi_pipeline.workshop.doctor import examine

        settings: Settings = load_settings()
        symptoms: list[Any] = examine(settings)
    styles = {"fine": ("✓", "green"), "note": ("•", "yellow"), "broken": ("✗", "red")}
    for symptom in symptoms:
        mark, style = styles[symptom.severity]
        console.print(Text.assemble((mark + " ", style), symptom.sentence), soft_wrap=True)
    raise typer.Exit(USAGE if any(symptom.severity == "broken" for symptom in symptoms) else 0)
