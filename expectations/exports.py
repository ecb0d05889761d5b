"""What the typed rows of an export must satisfy. Implausible and late rows are warned about, not held."""

from __future__ import annotations

import datetime as dt

import great_expectations.expectations as gxe

from kpi_pipeline.contracts.export import Entity
from kpi_pipeline.contracts.settings import Settings


def expect_of_export(entity: Entity, settings: Settings, as_of: dt.date) -> list[gxe.Expectation]:
    """The expectations of ``raw.<entity>``.

    Args:
        entity: the declaration of the export.
        settings: for the first day of the calendar.
        as_of: last business day that the run takes into account.
    """
    expectations: list[gxe.Expectation] = [
        gxe.ExpectColumnValuesToNotBeNull(
            column=column.name, severity="critical", description=f"{column.name} is never empty"
        )
        for column in entity.columns
        if column.required
    ]
    if entity.dated_by:
        expectations.append(
            gxe.ExpectColumnValuesToBeBetween(
                column=entity.dated_by,
                min_value=dt.datetime.combine(settings.calendar_start, dt.time()),
                max_value=dt.datetime.combine(as_of + dt.timedelta(days=2), dt.time()),
                severity="warning",
                description=f"{entity.dated_by} is not before {settings.calendar_start}, and not in the future",
            )
        )
    if entity.dated_by and entity.late_after_days:
        oldest = as_of - dt.timedelta(days=entity.late_after_days)
        expectations.append(
            gxe.ExpectColumnMaxToBeBetween(
                column=entity.dated_by,
                min_value=dt.datetime.combine(oldest, dt.time()),
                severity="warning",
                description=f"the newest row is not older than {entity.late_after_days} days",
            )
        )
    return expectations


def expect_of_files(entity: Entity) -> list[gxe.Expectation]:
    """The expectation of ``raw.loads``: the files that came last for `entity` look like those before them.

    A night's files are those that were loaded within half a day of the newest; a night that is run again judges the
    same ones.
    """
    return [
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"""
                select file, warnings
                from {{batch}}
                where
                    entity = '{entity.name}'
                    and status = 'loaded'
                    and warnings <> ''
                    and loaded_at >= (
                        select max(loaded_at) - interval 12 hours from raw.loads where entity = '{entity.name}'
                    )
                order by load
            """,
            severity="warning",
            meta={"subject": f"export:{entity.name}"},
            description="its newest files have the columns and about the size of those before them",
        )
    ]
