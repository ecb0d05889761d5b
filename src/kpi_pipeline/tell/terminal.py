"""How KPIs look in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from kpi_pipeline.contracts.unit import COMPARED_BY_DIFFERENCE, UNITS
from kpi_pipeline.contracts.words import DIRECTIONS
from kpi_pipeline.release.store import Release
from kpi_pipeline.tell.read import ScorecardLine, period_label

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


def shown(value: float | None, unit: str, currency: str | None = None) -> str:
    """`value` as a person writes it, with its unit: ``26.54 %``, ``29.16 USD``, ``12,721``; a dash for no value."""
    if value is None:
        return "–"
    suffix = currency or "" if unit == "currency" else UNITS[unit].suffix.en
    return f"{shown_number(value, unit)} {suffix}".rstrip()


def shown_number(value: float, unit: str) -> str:
    """`value` without its unit, with as many digits as tell something."""
    size = abs(value)
    match unit:
        case "percent":
            return f"{value * 100:,.2f}"
        case "count" if value == round(value) or size >= 1000:
            return f"{value:,.0f}"
        case "count" | "units_per_hour":
            return f"{value:,.2f}" if size < 10 else f"{value:,.1f}"
        case "currency":
            return f"{value:,.2f}" if size < 10_000 else f"{value:,.0f}"
        case "score" | "position":
            return f"{value:,.2f}" if size < 1000 else f"{value:,.0f}"
        case _:
            return f"{value:,.1f}"


def shown_change(change: float | None, unit: str, good: str) -> Text:
    """A change with its direction, green where it is the good one."""
    if change is None:
        return Text("–", style="dim")
    is_difference = unit in COMPARED_BY_DIFFERENCE
    amount = shown_number(abs(change), unit) if is_difference and unit != "percent" else f"{abs(change) * 100:.1f}"
    amount += " pt" if is_difference else " %"
    if round(change, 6) == 0:
        return Text("= " + amount, style="dim")
    arrow = "▲" if change > 0 else "▼"
    is_good = {"up": change > 0, "down": change < 0}.get(good)
    return Text(f"{arrow} {amount}", style="dim" if is_good is None else "green" if is_good else "red")


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


def scorecard(console: Console, connection: duckdb.DuckDBPyConnection, lines: Sequence[ScorecardLine]) -> Table:
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
            period_label(connection, line.period_grain, line.period_start) if line.period_start else "–",
            shown(line.kpi_value, line.unit, line.currency),
        ]
        if is_wide:
            cells.append(shown_change(line.change, line.unit, line.good))
            cells.append(shown(line.target, line.unit, line.currency))
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
        table.add_row("  " + entry["kpi"], *(entry[name] for name in columns if name != "kpi"))
    return table


def kpi_panel(entry: dict[str, Any]) -> Panel:
    """What a KPI means, on a card."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    facts.add_row("formula", entry["formula"])
    facts.add_row("why", entry["why"])
    facts.add_row("good", f"{DIRECTIONS[entry['good']].en}; {entry['level']}, {entry['kind']}, by {entry['cadence']}")
    facts.add_row("owner", f"{entry['owner']}; review by {entry['review_by']}; definition {entry['version']}")
    if entry["dimensions"]:
        facts.add_row("dimensions", entry["dimensions"])
    return Panel(
        Group(Text(entry["description_en"]), Text(entry["description_fa"], style="dim"), "", facts),
        title=f"[bold]{entry['title_en']}[/bold] · {entry['title_fa']}",
        title_align="left",
        border_style="cyan",
        padding=(1, 2),
    )


def periods_table(
    console: Console, connection: duckdb.DuckDBPyConnection, entry: dict[str, Any], periods: Sequence[dict[str, Any]]
) -> RenderableType:
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
        label = period_label(connection, row["period_grain"], row["period_start"])
        cells: list[RenderableType] = [
            label + ("" if row["is_complete"] else " …"),
            shown(row["kpi_value"], unit, currency),
            bar(row["kpi_value"], largest),
            shown_change(row["change"], unit, entry["good"]),
        ]
        if has_year_ago:
            cells.append(shown_change(row["year_ago_change"], unit, entry["good"]))
        if has_parts:
            cells.append(shown_parts(row["numerator"], row["denominator"]))
        if has_target:
            cells += [shown(row["target"], unit, currency), shown_status(row["status"])]
        table.add_row(*cells)
    notes = []
    if any(not row["is_complete"] for row in periods):
        notes.append("… is still running; its change compares as many days of the period before.")
    if any(row["is_stale"] for row in periods):
        notes.append(f"Held back: these are the last good values, as of {periods[-1]['as_of']}.")
    return Group(table, *(Text(note, style="dim") for note in notes))


def shown_parts(numerator: float | None, denominator: float | None) -> str:
    """The two parts of a value, ``1,204 / 88,018``; nothing for a KPI without a denominator."""
    if numerator is None or denominator is None:
        return ""
    return " / ".join(f"{part:,.0f}" if abs(part) >= 100 else f"{part:,.4g}" for part in (numerator, denominator))


def members_table(
    connection: duckdb.DuckDBPyConnection, entry: dict[str, Any], grain: str, members: Sequence[dict[str, Any]]
) -> RenderableType:
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
        table.add_column(period_label(connection, grain, start), justify="right", no_wrap=True)
    for member in sorted(sizes, key=lambda name: (name == "other", -sizes[name], name)):
        table.add_row(
            member, *(shown(values.get((member, start)), entry["unit"], entry["currency"]) for start in starts)
        )
    return table
