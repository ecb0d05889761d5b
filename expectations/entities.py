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
        expectations.append(
            gxe.ExpectCompoundColumnsToBeUnique(
                column_list=list(key),
                ignore_row_if="never",
                severity="critical",
                description=f"{', '.join(key)} together name one row",
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
