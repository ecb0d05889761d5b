"""A rule: what must be true of every thing of a kind, asked by one query for all of them.

A query per thing would cost as much as the data: a night judges two hundred things by some ten rules each, and most of
what Great Expectations does for an expectation does not depend on how much is asked in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import great_expectations.expectations as gxe

Claim = tuple[str, str]
"""A subject (``kpi:page_views``), and the column that is spoken of, empty where it is all of it."""


@dataclass(frozen=True)
class Rule:
    """One rule and everything that it is asked about."""

    name: str
    severity: Literal["critical", "warning"]
    """critical holds back what it judges, a warning is reported."""
    claims: Mapping[Claim, str]
    """What must be true of each subject, as a sentence: ``kpi_value is a number from 0 to 1``."""
    query: str
    """SQL over ``{batch}``: a row of subject, about and observed for each claim that is not true, and no other rows."""

    @property
    def expectation(self) -> gxe.Expectation:
        """The rule for Great Expectations: no claim is broken.

        Those that are come back as one row, because at most 200 rows would.
        """
        return gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                select cast(to_json(list([subject, about, observed] order by subject, about)) as text) as broken
                from ({self.query}) as broken_claims
                having count(*) > 0
            """,
            severity=self.severity,
            description=self.name,
        )


def observed(broken: str, rows: str, examples: str = "") -> str:
    """SQL for what was seen: ``3 of 120 rows, such as 1.5, 2.0``; aggregates of the rows that break a rule and of all.

    Args:
        broken: how many rows break it.
        rows: how many there are.
        examples: some of their values, as a list of text; empty where there is nothing to show.
    """
    counted = f"cast({broken} as text) || ' of ' || cast({rows} as text) || ' rows'"
    if not examples:
        return counted
    shown = f"array_to_string(list_slice(list_sort(list_distinct({examples})), 1, 3), ', ')"
    return f"{counted} || case when len({examples}) > 0 then ', such as ' || {shown} else '' end"
