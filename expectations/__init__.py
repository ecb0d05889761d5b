"""How data is judged: rules for kinds of things, an export, an entity, a KPI of each kind; never for a single KPI.

Every rule is one Great Expectations expectation over all things of its kind, with what must be true of each of them as
a sentence. ``critical`` holds back what it judges, ``warning`` is reported.
"""

from expectations.entities import rules_for_entities
from expectations.exports import rules_for_exports
from expectations.kpis import rules_for_kpis
from expectations.rules import Rule

__all__ = ["Rule", "rules_for_entities", "rules_for_exports", "rules_for_kpis"]
