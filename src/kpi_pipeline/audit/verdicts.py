"""From findings to verdicts: a KPI passes when its own rows pass, and everything that it is made of does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kpi_pipeline.contracts.lineage import Lineage


@dataclass(frozen=True)
class Finding:
    """What one rule found about one subject."""

    subject: str
    """``export:orders``, ``entity:sessions``, ``kpi:page_views``, or ``file:crm/orders.xls``"""
    expectation: str
    severity: str
    """critical, warning, or error: the audit itself broke"""
    success: bool
    observed: str
    details: str

    @property
    def holds_back(self) -> bool:
        """Whether the subject must not be published."""
        return not self.success and self.severity != "warning"

    @property
    def sentence(self) -> str:
        """What is wrong, for a person."""
        if self.severity == "error":
            return f"its audit could not be carried out ({self.expectation}): {self.details}"
        return f"not true that {self.details}: {self.observed}"


@dataclass(frozen=True)
class Verdict:
    """Whether a KPI may be published."""

    kpi: str
    verdict: str
    """published (it may be), held, or no_data"""
    reason: str


def verdicts_of(
    builds: Sequence[Mapping[str, Any]],
    lineage: Lineage,
    findings: Sequence[Finding],
    refused: Mapping[str, str],
    ended: Collection[str] = (),
) -> list[Verdict]:
    """A verdict per KPI that was built.

    Args:
        builds: the rows of ``audit.builds``.
        lineage: what each KPI is made of.
        findings: what the rules found.
        refused: exports that cannot be trusted tonight, and why.
        ended: KPIs whose last day is over: what an export lacks tonight is no part of them.
    """
    wrong: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.holds_back:
            wrong.setdefault(finding.subject, []).append(finding)
    return _hold_dependants(
        [_verdict(build, lineage, wrong, {} if build["kpi"] in ended else refused) for build in builds], lineage
    )


def _verdict(
    build: Mapping[str, Any], lineage: Lineage, wrong: Mapping[str, Sequence[Finding]], refused: Mapping[str, str]
) -> Verdict:
    name = build["kpi"]
    upstream = lineage.upstream[name]
    reasons = [
        f"the export {entity} was refused: {refused[entity]}" for entity in sorted(upstream.exports & set(refused))
    ]
    for kind, names in (("export", sorted(upstream.exports)), ("entity", sorted(upstream.models)), ("kpi", [name])):
        for each in names:
            where = "" if kind == "kpi" else f"{kind} {each}: "
            reasons += [f"{where}{finding.sentence}" for finding in wrong.get(f"{kind}:{each}", ())]
    if build["status"] == "failed":
        reasons.append(build["reason"])
    if reasons:
        return Verdict(name, "held", "; ".join(reasons))
    if build["status"] == "no_data":
        return Verdict(name, "no_data", build["reason"])
    return Verdict(name, "published", "")


def _hold_dependants(verdicts: Sequence[Verdict], lineage: Lineage) -> list[Verdict]:
    """A KPI that is computed from a held one is held with it, unless it has a reason of its own."""
    held = {verdict.kpi for verdict in verdicts if verdict.verdict == "held"}
    result = []
    for verdict in verdicts:
        parents = sorted(lineage.upstream[verdict.kpi].models & held)
        if parents and verdict.verdict != "held":
            verdict = Verdict(verdict.kpi, "held", f"it is computed from {', '.join(parents)}, which is held")
        result.append(verdict)
    return result
