"""What a KPI is made of, from dbt's own manifest: nobody writes lineage down by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kpi_pipeline.errors import ConfigurationError, PipelineError

SETTINGS_SOURCE = "settings"


@dataclass(frozen=True)
class Upstream:
    """Everything that a model is computed from, over all steps."""

    exports: frozenset[str]
    """Names of raw entities."""
    models: frozenset[str]
    """Names of dbt models: staging, entities, periods and other KPIs."""


@dataclass(frozen=True)
class EntityModel:
    """An entity model and what its YAML says of it."""

    name: str
    key: tuple[str, ...]
    dated_by: str | None


@dataclass(frozen=True)
class Lineage:
    """The dbt project's graph, as far as audits and the catalogue need it."""

    upstream: Mapping[str, Upstream]
    """By name of the model."""
    entities: tuple[EntityModel, ...]

    def day_of(self, dated_by: str) -> tuple[str, str]:
        """The entity and the column that `dated_by` of a KPI means: the entity's own day where it names none.

        Raises:
            ConfigurationError: there is no such entity, or it has no day of its own.
        """
        name, _, column = dated_by.partition(".")
        own = next((entity.dated_by for entity in self.entities if entity.name == name), None)
        if not (column or own):
            raise ConfigurationError(f"dated_by: {name} is no entity with a day of its own; name its column too.")
        return name, column or str(own)


def read_lineage(dbt_target: Path) -> Lineage:
    """Read the manifest that the last build left in `dbt_target`.

    Raises:
        PipelineError: there is none.
    """
    path = dbt_target / "manifest.json"
    if not path.exists():
        raise PipelineError(f"There is no dbt manifest at {path}. Run `kpi build` first.")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    parents: dict[str, list[str]] = {
        node: found for node, found in manifest["parent_map"].items() if node.startswith(("model.", "source."))
    }
    upstream = {}
    entities = []
    for node_id, node in manifest["nodes"].items():
        if node["resource_type"] != "model":
            continue
        upstream[node["name"]] = _upstream(node_id, parents, manifest["sources"])
        entity = node["config"].get("meta", {}).get("entity")
        if entity:
            entities.append(EntityModel(node["name"], tuple(entity["key"]), entity["dated_by"]))
    return Lineage(upstream, tuple(sorted(entities, key=lambda entity: entity.name)))


def _upstream(node_id: str, parents: Mapping[str, list[str]], sources: Mapping[str, dict[str, str]]) -> Upstream:
    seen: set[str] = set()
    waiting = list(parents.get(node_id, []))
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += parents.get(node, [])
    return Upstream(
        exports=frozenset(
            sources[node]["name"]
            for node in seen
            if node in sources and sources[node]["source_name"] != SETTINGS_SOURCE
        ),
        models=frozenset(node.rsplit(".", 1)[-1] for node in seen if node.startswith("model.")),
    )
