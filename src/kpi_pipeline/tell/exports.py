"""What became of the files of the exports folder, in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from kpi_pipeline.ingest.ingest import IngestReport


def counts_of(report: IngestReport) -> str:
    """Every outcome with its number, in two sentences: of the files, and of the rows of those that were loaded now."""
    loaded = [file for file in report.files if file.status == "loaded"]
    known = sum(file.status == "known" for file in report.files)
    usual = {
        "known before": sum(file.rows_repeated for file in loaded),
        "in quarantine": sum(file.rows_quarantined for file in loaded),
        "left out": sum(file.rows_left_out for file in loaded),
        "with a word that no list has": sum(file.rows_otherwise for file in loaded),
    }
    seldom = {
        "added up within their files": sum(file.rows_added_up for file in loaded),
        "older than what is known": sum(file.rows_superseded for file in loaded),
        "gone": sum(file.rows_gone for file in loaded),
    }
    told = [*usual.items(), *((what, number) for what, number in seldom.items() if number)]
    others = "".join(f", {number:,} {what}" for what, number in told)
    return (
        f"{len(loaded)} files loaded, {known} known, {len(report.refused)} refused, {len(report.left_alone)} left "
        f"alone. {sum(file.rows_loaded for file in loaded):,} rows loaded{others}."
    )


def print_ingest(console: Console, report: IngestReport) -> None:
    """How many files and rows, and a line for each file about which somebody should do something."""
    from kpi_pipeline.ingest.left_out import about_left_out, is_mostly_left_out

    console.print(counts_of(report), soft_wrap=True)
    for file in report.files:
        if file.status != "loaded":
            continue
        about = [file.warnings] if file.warnings else []
        if is_mostly_left_out(file) and about_left_out(file) not in file.warnings:
            about.append(about_left_out(file))
        if about:
            console.print(Text(f"  {file.file} as {file.entity}: {'; '.join(about)}", style="yellow"), soft_wrap=True)
    for file in report.refused:
        console.print(Text(f"  {file.file} refused as {file.entity}: {file.reason}", style="magenta"), soft_wrap=True)
    for alone in report.left_alone:
        console.print(Text(f"  {alone.file} left alone: {alone.reason}", style="yellow"), soft_wrap=True)
    if report.is_in_vain:
        console.print(Text("Nothing was loaded, now or before: no file there is one that a layout reads.", style="red"))


def print_left_alone(console: Console, reasons: Mapping[str, str]) -> None:
    """The files that a night left alone, and why; nothing where there are none."""
    if not reasons:
        return
    console.print(Text(f"\nFiles that nobody reads: {len(reasons)}.", style="bold yellow"))
    for file, reason in reasons.items():
        console.print(Text.assemble(("  " + file, "yellow"), ": ", reason), soft_wrap=True)
