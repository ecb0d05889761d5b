"""The contract of an export: the entities that systems write, and which layouts bring their rows.

An entity is a dbt source, declared beside the model that reads it in ``stg_<system>__<entity>.yml``.
This module reads the same YAML that dbt reads, so that a column, its type and its meaning stand in one place.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from kpi_pipeline.contracts.currencies import CurrencyColumn, marked_in_header
from kpi_pipeline.contracts.layout import SUFFIXES, CanonicalLayout, Layout, read_layouts
from kpi_pipeline.contracts.yaml_files import read_yaml
from kpi_pipeline.errors import ConfigurationError, sentences_of

System = Literal["analytics", "crm", "hr"]

Rows = Literal["things", "lines", "reports", "readings", "events", "snapshot"]
"""What a row of an entity is, and so what a second row of its key means; docs/what-a-row-is.md has it in full.

things: a row is a version of something that its tool gives an identity; the newest counts.
lines: a row is a part of a document, and a newer version of the document brings all of its lines.
reports: a row is a part of what a tool says about a day; parts are added up, and a newer report of the day replaces it.
readings: a row is a number read off on a day, one for each key; replaced as reports are.
events: a row is something that happened; the first of an id stays.
snapshot: a file is the whole of what its layout tells.
"""

SYSTEMS: tuple[System, ...] = get_args(System)
"""The systems that feed the pipeline, in the order in which their exports arrive."""

CODE = "code"
"""A data type of the declarations: text whose Persian and Arabic digits are made Latin, so that codes can be joined."""


class Column(BaseModel):
    """One column of an entity, as typed rows hold it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    data_type: Literal["text", "timestamp", "date", "bigint", "double", "boolean", "decimal(18,4)"]
    """Its type in the database."""
    required: bool
    meaning: str
    is_code: bool = False
    """Whether it is declared as `CODE`, which is text in the database."""
    words: dict[str, list[str]] = {}
    """Of a closed column: every word that it may hold, with what else certainly means the same; none of an open one."""
    names: str = ""
    """The kind of name that people write into it: a campaign, a region. Of each, one spelling is shown."""

    is_money: bool = False
    """Whether it is an amount of money: it becomes one of the reporting currency while it is loaded."""

    @model_validator(mode="after")
    def _money_is_exact(self) -> Column:
        if self.is_money and self.data_type != "decimal(18,4)":
            raise ValueError(f"it is money and {self.data_type}; money is decimal(18,4)")
        return self

    @model_validator(mode="after")
    def _words_are_text(self) -> Column:
        if self.words and (self.data_type != "text" or self.is_code):
            raise ValueError(f"it has words and is {CODE if self.is_code else self.data_type}; only text can have them")
        return self


class Entity(BaseModel):
    """One kind of row that a system exports: its columns, its key, and how versions of a key are told apart."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: System
    name: str
    rows: Rows
    key: list[str]
    """Columns that tell one row from another; of a report, which parts of a day can be told apart."""
    of: str | None = None
    """Of lines: the column with the identity of their document."""
    dated_by: str | None
    """Column whose day decides whether a row is known at `as_of`; None where rows have no day of their own."""
    ended_by: str | None = None
    """Column with the day that ends what `dated_by` began: one before it is warned about, and whoever is missing from a
    snapshot without one has vanished."""
    late_after_days: int | None
    """An export whose newest row is older than this at `as_of` is late; None where it comes irregularly."""
    quarantine_max_share: float | None = None
    """This entity's own limit in place of KPI_QUARANTINE_MAX_SHARE."""
    quarantine_max_rows: int | None = None
    """This entity's own limit in place of KPI_QUARANTINE_MAX_ROWS."""
    columns: list[Column]
    layouts: list[Layout] = []
    """How tools write it; no two of them claim the same file."""

    @model_validator(mode="after")
    def _columns_exist(self) -> Entity:
        names = [column.name for column in self.columns]
        for column in filter(None, [*self.key, self.dated_by, self.ended_by, self.of]):
            if column not in names:
                raise ValueError(f"{column!r} is no column of {self.name}")
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the column {', '.join(repeated)} is declared twice")
        if (self.rows == "lines") != (self.of is not None):
            raise ValueError("rows that are lines, and only those, say under `of` which column names their document")
        if self.rows in ("reports", "readings") and (
            not self.dated_by or self.column(self.dated_by).data_type != "date"
        ):
            raise ValueError(f"its rows are {self.rows}, which are replaced by day: dated_by must be a column of dates")
        return self

    @property
    def money(self) -> list[Column]:
        """Its columns that are amounts of money."""
        return [column for column in self.columns if column.is_money]

    def column(self, name: str) -> Column:
        """The column called `name`."""
        return next(column for column in self.columns if column.name == name)

    def problems_with(self, layout: Layout) -> list[str]:
        """What of `layout` does not fit the columns, a sentence each."""
        names = {column.name for column in self.columns}
        required = {column.name for column in self.columns if column.required}
        filled = {*layout.columns, *layout.constants, *([layout.row_key] if layout.row_key else [])}
        says_gone = layout.gone_when or layout.gone_unless or layout.absorbs
        scaled = {*layout.scale, *layout.scale_by, *layout.times}
        moments = {"updated_at": layout.updated_at, "rated_on": layout.rated_on}
        dated = {*layout.formats} - {name for name, header in moments.items() if header}
        problems = []
        if unknown := sorted((filled | {*layout.values, *layout.otherwise} | scaled | dated) - names):
            problems.append(f"it names {', '.join(unknown)}, which is no column of {self.name}.")
        if missing := sorted(required - filled):
            problems.append(f"it does not say where {', '.join(missing)} comes from.")
        if says_gone and self.rows != "things":
            problems.append(
                f"it says which rows are gone, and those of {self.name} are {self.rows}; only things can go."
            )
        if layout.absorbs and len(self.key) > 1:
            problems.append(
                f"it says what a row absorbs, and {self.name} is known by {len(self.key)} columns, not one."
            )
        if layout.provisional and self.rows != "events":
            problems.append(f"it is provisional, and the rows of {self.name} are {self.rows}; only events can be.")
        problems += [
            f"it scales {name}, which is {kind}; only decimal(18,4) can be scaled."
            for name in sorted(scaled & names)
            if (kind := self.column(name).data_type) != "decimal(18,4)"
        ]
        problems += [
            f"it gives a date format for {name}, which is {kind}."
            for name in sorted(dated & names)
            if (kind := self.column(name).data_type) not in ("date", "timestamp")
        ]
        if (layout.currency or layout.rated_on) and not self.money:
            problems.append(f"it says a currency, and {self.name} has no money.")
        for column in self.money:
            marked = {marked_in_header(header, "") for header in layout.headers.get(column.name, [])} - {None}
            if len(marked) > 1:
                problems.append(f"its headers of {column.name} are in {' and '.join(sorted(map(str, marked)))}.")
        return problems

    @cached_property
    def canonical_layouts(self) -> list[Layout]:
        """The layouts that every entity has without being asked: its own column names, in each format."""
        return [
            CanonicalLayout(
                name=f"canonical_{file_format}",
                entity=self.name,
                report="canonical",
                files=f"{self.system}/{self.name}*",
                format=file_format,
                columns={column.name: column.name for column in self.columns},
                currency=CurrencyColumn(header="currency") if self.money else None,
            )
            for file_format in SUFFIXES
        ]

    def layouts_of(self, path: str) -> list[Layout]:
        """The layouts that claim the file at `path` by its name: declared ones first, then the canonical one."""
        return [layout for layout in [*self.layouts, *self.canonical_layouts] if layout.claims(path)]

    def layout_of(self, path: str) -> Layout | None:
        """The layout that reads the file at `path`: a declared one first, else the canonical one."""
        return next(iter(self.layouts_of(path)), None)


def read_entities(dbt_project: Path, layout_folders: Sequence[Path]) -> list[Entity]:
    """Every entity that the dbt sources declare, by system and name, with its layouts.

    Args:
        dbt_project: the folder with ``models/staging``.
        layout_folders: those of ``<tool>.yml``, `Settings.layout_folders`.

    Raises:
        ConfigurationError: a declaration is incomplete or contradicts itself; the message names file and field.
    """
    entities: dict[str, Entity] = {}
    for path in sorted((dbt_project / "models" / "staging").glob("*/*.yml")):
        try:
            document = read_yaml(path)
        except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 0000-00-00, or no UTF-8
            raise ConfigurationError(f"{path}: this is not YAML: {error}") from error
        for system, table in _tables(path, document):
            entity = _entity(f"{path}: source {system}.{table.get('name')}", system, table)
            if entity.name in entities:
                raise ConfigurationError(
                    f"{dbt_project}: {entity.name} is declared by {entities[entity.name].system} and {system}; "
                    f"both would be raw.{entity.name}. Give one another name."
                )
            entities[entity.name] = entity
    if not entities:
        raise ConfigurationError(f"{dbt_project}: no export is declared there; is KPI_PROJECT right?")
    layouts = _layouts_by_entity(layout_folders, entities)
    return [
        entity.model_copy(update={"layouts": layouts[entity.name]})
        for entity in sorted(entities.values(), key=lambda entity: (SYSTEMS.index(entity.system), entity.name))
    ]


def _layouts_by_entity(folders: Sequence[Path], entities: dict[str, Entity]) -> dict[str, list[Layout]]:
    found: dict[str, list[Layout]] = {name: [] for name in entities}
    problems: list[str] = []
    for declared in read_layouts(folders):
        layout = declared.layout
        if layout.entity in entities:
            problems += [f"{declared}: {problem}" for problem in entities[layout.entity].problems_with(layout)]
            found[layout.entity].append(layout)
        else:
            near = difflib.get_close_matches(layout.entity, entities, n=1)
            hint = f"the nearest is {near[0]}" if near else f"there are {', '.join(sorted(entities))}"
            problems.append(f"{declared}: there is no entity {layout.entity}; {hint}.")
    if problems:
        raise ConfigurationError("\n".join(problems))
    return found


def _tables(path: Path, document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    sources = document.get("sources") if isinstance(document, dict) else None
    if not isinstance(sources, list) or not all(isinstance(source, dict) for source in sources):
        raise ConfigurationError(f"{path}: it needs a list of sources, each with its tables.")
    for source in sources:
        if not source.get("name"):
            raise ConfigurationError(f"{path}: a source has no name; its system is {' or '.join(SYSTEMS)}.")
        for table in source.get("tables") or []:
            yield source["name"], table


def _entity(where: str, system: str, table: dict[str, Any]) -> Entity:
    export = _meta(table).get("export")
    if not isinstance(export, dict):
        raise ConfigurationError(f"{where}: config.meta.export is missing.")
    if "layouts" in export:
        raise ConfigurationError(f"{where}: how a tool writes it stands in layouts/<tool>.yml; move its layouts there.")
    if not table.get("columns"):
        raise ConfigurationError(f"{where}: columns is missing.")
    columns = [_column(where, number, given) for number, given in enumerate(table["columns"], start=1)]
    try:
        return Entity.model_validate({"system": system, "name": table.get("name"), "columns": columns, **export})
    except ValidationError as error:
        raise ConfigurationError("\n".join(f"{where}: {line}" for line in sentences_of(error))) from error


def _column(where: str, number: int, given: dict[str, Any]) -> Column:
    fields = {
        **{field: given[field] for field in ("name", "data_type") if field in given},
        "required": _meta(given).get("required", False),
        "meaning": given.get("description", ""),
        "is_code": given.get("data_type") == CODE,
        "words": _meta(given).get("words", {}),
        "is_money": _meta(given).get("money", False),
        "names": _meta(given).get("names", ""),
    }
    if fields["is_code"]:
        fields["data_type"] = "text"
    try:
        return Column.model_validate(fields)
    except ValidationError as error:
        name = given.get("name", number)
        raise ConfigurationError(
            "\n".join(f"{where}: column {name}: {line}" for line in sentences_of(error))
        ) from error


def _meta(given: dict[str, Any]) -> dict[str, Any]:
    """What stands under ``config.meta``; nothing where there is no such thing."""
    return (given.get("config") or {}).get("meta") or {}
