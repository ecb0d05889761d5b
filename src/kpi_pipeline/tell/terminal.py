"""How KPIs look in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from kpi_pipeline.contracts.numbers import NO_NUMBER, is_no_change, shown_change, shown_parts, shown_value
from kpi_pipeline.contracts.periods import period_label
from kpi_pipeline.contracts.words import DIRECTIONS
from kpi_pipeline.release.store import Release
from kpi_pipeline.tell.read import ScorecardLine

STATUS_STYLE = {
    "on_track": ("● on track", "green"),
    "at_risk": ("● at risk", "yellow"),
    "off_track": ("● off track", "red"),
    "no_target": ("no target", "dim"),
    "no_data": ("no data", "dim"),
    "held": ("■ held", "magenta"),
}
_BLOCKS = "▏▎▍▌▋▊▉█"
BAR_WIDTH = 14
WIDE, VERY_WIDE = 100, 140
"""Columns from which a terminal has room for what is nice to know."""


def coloured_change(change: float | None, unit: str, good: str) -> Text:
    """A change with its direction, green where it is the good one."""
    if change is None:
        return Text(NO_NUMBER, style="dim")
    is_good = {"up": change > 0, "down": change < 0}.get(good)
    style = "dim" if is_good is None or is_no_change(change) else "green" if is_good else "red"
    return Text(shown_change(change, unit), style=style)


def shown_status(status: str) -> Text:
    """A status with its colour."""
    words, style = STATUS_STYLE[status]
    return Text(words, style=style)


def bar(value: float | None, largest: float) -> str:
    """A bar whose full width is `largest`; nothing for negative or missing values."""
    if value is None or value <= 0 or largest <= 0:
        return ""
    eighths = round(value / largest * BAR_WIDTH * 8)
    return "█" * (eighths // 8) + (_BLOCKS[eighths % 8 - 1] if eighths % 8 else "")


def sentence_of(release: Release) -> str:
    """Where the release is and what day it stands for."""
    return f"Release {release.name}, as of {release.as_of}\n{release.path}"


def scorecard(console: Console, lines: Sequence[ScorecardLine]) -> Table:
    """The scorecard as a table, a section per domain; as many columns as the terminal has room for."""
    is_wide = console.width >= WIDE
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("KPI", no_wrap=True, min_width=max((len(line.kpi) for line in lines), default=0) + 2)
    table.add_column("period", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    if is_wide:
        table.add_column("change", justify="right", no_wrap=True)
        table.add_column("target", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    domain = ""
    for line in lines:
        if line.domain != domain:
            domain = line.domain
            table.add_row(Text(domain, style="bold cyan"))
        cells: list[RenderableType] = [
            "  " + line.kpi,
            period_label(line.period_grain, line.period_start) if line.period_start else NO_NUMBER,
            shown_value(line.kpi_value, line.unit, line.currency),
        ]
        if is_wide:
            cells.append(coloured_change(line.change, line.unit, line.good))
            cells.append(shown_value(line.target, line.unit, line.currency))
        since = f" ({line.streak})" if is_wide and line.streak and line.streak > 1 else ""
        cells.append(shown_status("held" if line.verdict == "held" else line.status) + Text(since, style="dim"))
        table.add_row(*cells)
    return table


def print_held(console: Console, held: dict[str, str]) -> None:
    """What is held back and why; nothing where nothing is."""
    if not held:
        return
    console.print(Text(f"\nHeld back: {len(held)}. Their last good values stay, marked stale.", style="bold magenta"))
    for name, reason in held.items():
        console.print(Text.assemble(("  " + name, "magenta"), ": ", reason), soft_wrap=True)


def kpi_list(console: Console, entries: Sequence[dict[str, Any]]) -> Table:
    """The KPIs of the catalogue, a section per domain; a name is never cut, because people type it."""
    columns = {"kpi": "KPI", "title_en": "title", "unit": "unit"}
    if console.width >= WIDE:
        columns |= {"cadence": "cadence", "owner": "owner"}
    if console.width >= VERY_WIDE:
        columns |= {"sets": "sets"}
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    longest = max((len(entry["kpi"]) for entry in entries), default=0)
    for name, heading in columns.items():
        table.add_column(heading, no_wrap=name != "title_en", min_width=longest + 2 if name == "kpi" else None)
    domain = ""
    for entry in entries:
        if entry["domain"] != domain:
            domain = entry["domain"]
            table.add_row(Text(domain, style="bold cyan"))
        cells = {**entry, "title_en": entry["title_en"] + end_of(entry)}
        table.add_row("  " + entry["kpi"], *(cells[name] for name in columns if name != "kpi"))
    return table


def end_of(entry: dict[str, Any]) -> str:
    """Behind the title of a KPI that ends: its last day, and where to look from then on."""
    if not entry.get("retired_on"):
        return ""
    return f" (until {entry['retired_on']}" + (f", then {entry['successor']})" if entry["successor"] else ")")


def kpi_panel(entry: dict[str, Any]) -> Panel:
    """What a KPI means, on a card."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    facts.add_row("formula", entry["formula"])
    facts.add_row("why", entry["why"])
    facts.add_row("good", f"{DIRECTIONS[entry['good']].en}; {entry['level']}, {entry['kind']}, by {entry['cadence']}")
    # a release of an older version, and a row that is held since then, know the owner's key only
    owner = entry.get("owner_en") or entry["owner"]
    facts.add_row("owner", f"{owner}; review by {entry['review_by']}; definition {entry['version']}")
    if entry["dimensions"]:
        facts.add_row("dimensions", entry["dimensions"])
    return Panel(
        Group(Text(entry["description_en"]), Text(entry["description_fa"], style="dim"), "", facts),
        title=f"[bold]{entry['title_en']}[/bold] · {entry['title_fa']}{end_of(entry)}",
        title_align="left",
        border_style="cyan",
        padding=(1, 2),
    )


def periods_table(console: Console, entry: dict[str, Any], periods: Sequence[dict[str, Any]]) -> RenderableType:
    """A KPI over time: value, bar, change, target and status; parts beside a ratio."""
    if not periods:
        return Text("Nothing is published at this grain.", style="yellow")
    unit, currency = entry["unit"], entry["currency"]
    is_wide = console.width >= WIDE
    has_parts = is_wide and any(row["denominator"] is not None for row in periods)
    has_year_ago = is_wide or any(row["year_ago_change"] is not None for row in periods)
    has_target = any(row["target"] is not None for row in periods)
    largest = max((row["kpi_value"] or 0 for row in periods), default=0)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("period", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan", min_width=BAR_WIDTH)
    table.add_column("change", justify="right", no_wrap=True)
    if has_year_ago:
        table.add_column("a year ago", justify="right", no_wrap=True)
    if has_parts:
        table.add_column("parts", justify="right", style="dim", no_wrap=True)
    if has_target:
        table.add_column("target", justify="right", no_wrap=True)
        table.add_column("status", no_wrap=True)
    for row in periods:
        label = period_label(row["period_grain"], row["period_start"])
        cells: list[RenderableType] = [
            label + ("" if row["is_complete"] else " …"),
            shown_value(row["kpi_value"], unit, currency),
            bar(row["kpi_value"], largest),
            coloured_change(row["change"], unit, entry["good"]),
        ]
        if has_year_ago:
            cells.append(coloured_change(row["year_ago_change"], unit, entry["good"]))
        if has_parts:
            cells.append(shown_parts(row["numerator"], row["denominator"]))
        if has_target:
            cells += [shown_value(row["target"], unit, currency), shown_status(row["status"])]
        table.add_row(*cells)
    notes = []
    if any(not row["is_complete"] for row in periods):
        notes.append("… is still running; its change compares as many days of the period before.")
    if any(row["is_stale"] for row in periods):
        notes.append(f"Held back: these are the last good values, as of {periods[-1]['as_of']}.")
    return Group(table, *(Text(note, style="dim") for note in notes))


def members_table(entry: dict[str, Any], grain: str, members: Sequence[dict[str, Any]]) -> RenderableType:
    """A KPI by the members of a dimension: a row per member, the largest first, a column per period."""
    if not members:
        return Text("Nothing is published for this dimension at this grain.", style="yellow")
    starts = sorted({row["period_start"] for row in members})
    values = {(row["member"], row["period_start"]): row["kpi_value"] for row in members}
    sizes: dict[str, float] = {}
    for row in members:
        sizes[row["member"]] = sizes.get(row["member"], 0) + (row["size"] or 0)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("member", no_wrap=True)
    for start in starts:
        table.add_column(period_label(grain, start), justify="right", no_wrap=True)
    for member in sorted(sizes, key=lambda name: (name == "other", -sizes[name], name)):
        table.add_row(
            member, *(shown_value(values.get((member, start)), entry["unit"], entry["currency"]) for start in starts)
        )
    return table
