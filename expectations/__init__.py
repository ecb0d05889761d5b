"""How data is judged: rules for kinds of things, an export, an entity, a KPI of each kind; never for a single KPI.

Every function returns Great Expectations expectations with a severity and a description that reads as a sentence.
``critical`` holds back what it judges, ``warning`` is reported.
"""

from expectations.entities import expect_of_entity
from expectations.exports import expect_of_export, expect_of_files
from expectations.kpis import expect_of_kpi

__all__ = ["expect_of_entity", "expect_of_export", "expect_of_files", "expect_of_kpi"]
