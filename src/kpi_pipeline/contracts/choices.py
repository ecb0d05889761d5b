"""What a company decides about its numbers: each choice once, with its default and a sentence.

`Settings` inherits them, so that the environment fills them like any other setting. They are handed to the SQL as they
stand here: one value is a column of ``settings.run``, a list is a table ``settings.<name>`` with one row per word, so
that a change needs no new parse of the dbt project and stands in the data.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

Listed = Annotated[tuple[str, ...], NoDecode]
"""Words, separated by commas where a person writes them."""

_COLUMNS: dict[Any, str] = {int: "integer", float: "double"}


class Choices(BaseSettings):
    """The choices, as the SQL is told them."""

    member_limit: int = Field(50, ge=1, description="Members that a dimension publishes; the rest is `other`.")
    minimum_group_size: int = Field(5, ge=1, description="Smaller groups of employees are not published.")
    conversion_events: Listed = Field(
        ("purchase", "sign_up", "generate_lead", "contact_form_submit"),
        description="Web events that count as a conversion.",
        json_schema_extra={"column": "event_name"},
    )
    brand_terms: Listed = Field(
        (),
        description="Words by which a search names the company; a query that contains one is a branded search.",
        json_schema_extra={"column": "brand_term"},
    )
    campaign_spend_categories: Listed = Field(
        ("media", "agency"),
        description="Categories of marketing_spend that a lead's cost is made of.",
        json_schema_extra={"column": "category"},
    )
    purchase_activity_days: int = Field(
        365, ge=1, description="A company without subscriptions calls a customer active this many days after an order."
    )
    popular_products: int = Field(
        10, ge=1, description="The products with most units in the previous period that count as popular."
    )
    satisfied_share: float = Field(
        0.8, gt=0, le=1, description="A CSAT answer of at least this share of its scale is satisfied: 4 of 5, 8 of 10."
    )
    repeat_issue_days: int = Field(
        30,
        ge=1,
        description="A ticket repeats an earlier one of its customer and category for this many times 24 hours.",
    )
    hire_success_months: int = Field(
        12, ge=1, description="Months after which it is judged whether a hire was successful."
    )
    lead_history_months: int = Field(
        12, ge=1, description="Complete months before a period whose lead conversion and deal size it is planned with."
    )

    @field_validator("conversion_events", "brand_terms", "campaign_spend_categories", mode="before")
    @classmethod
    def _split(cls, given: Any) -> Any:
        return split_words(given)

    def values(self) -> dict[str, tuple[str, int | float]]:
        """The choices that are one value: column of ``settings.run``, its type in DuckDB, and the value."""
        return {
            name: (_COLUMNS[field.annotation], getattr(self, name))
            for name, field in Choices.model_fields.items()
            if field.annotation in _COLUMNS
        }

    def lists(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """The choices that are lists: table of the schema ``settings``, its one column, and the words."""
        return {
            name: (str(field.json_schema_extra["column"]), getattr(self, name))
            for name, field in Choices.model_fields.items()
            if isinstance(field.json_schema_extra, dict)
        }


def split_words(given: Any) -> Any:
    """A text of words separated by commas as those words; anything else as it is."""
    return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given
