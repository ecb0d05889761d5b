"""What an entity must satisfy: one row per thing, and every row on a day that has been."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import great_expectations.expectations as gxe


def expect_of_entity(key: Sequence[str], dated_by: str | None, as_of: dt.date) -> list[gxe.Expectation]:
    """The expectations of an entity model, from what its YAML says under ``config.meta.entity``.

    Args:
        key: columns that together name a row; empty where rows have no name.
        dated_by: the column that dates a row; None where rows have no day.
        as_of: no row may be later.
    """
    expectations: list[gxe.Expectation] = []
    if len(key) == 1:
        expectations += [
            gxe.ExpectColumnValuesToNotBeNull(
                column=key[0], severity="critical", description=f"{key[0]} is never empty"
            ),
            gxe.ExpectColumnValuesToBeUnique(column=key[0], severity="critical", description=f"{key[0]} is unique"),
        ]
    elif key:
        names = ", ".join(key)
        expectations.append(
            # not ExpectCompoundColumnsToBeUnique, which lets rows pass whose key is empty in one column
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query=f"select {names} from {{batch}} group by {names} having count(*) > 1",
                severity="critical",
                description=f"{names} together name one row",
            )
        )
    if dated_by:
        expectations += [
            gxe.ExpectColumnValuesToNotBeNull(
                column=dated_by, severity="critical", description=f"{dated_by} is never empty"
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column=dated_by, max_value=as_of, severity="critical", description=f"{dated_by} is not after {as_of}"
            ),
        ]
    return expectations
