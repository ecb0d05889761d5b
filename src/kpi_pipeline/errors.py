"""Errors that people meet. Their text is a sentence: what happened, where, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationError


class PipelineError(Exception):
    """The run could not be carried out. The command line ends with exit code 1."""


class ConfigurationError(PipelineError):
    """A setting, a layout or a KPI contract is wrong. The command line ends with exit code 2."""


class UnreadableFileError(PipelineError):
    """An export cannot be read as its layout says. The file is refused and the night goes on."""


def first_line(error: BaseException | str) -> str:
    """The first line of what an error says; the name of its kind where it says nothing."""
    words = str(error).strip() or type(error).__name__
    return words.splitlines()[0]


def sentences_of(error: ValidationError, called: Callable[[str], str] = str) -> list[str]:
    """What pydantic found wrong with something that a person wrote, a sentence per field.

    Args:
        error: what pydantic says.
        called: what people call a field; its name, where nothing else is given.
    """
    sentences = []
    for problem in error.errors():
        field = called(".".join(str(part) for part in problem["loc"]))
        match problem["type"]:
            case "missing":
                sentences.append(f"the field {field} is missing; every field is required.")
            case "extra_forbidden":
                sentences.append(f"the field {field} is unknown; remove it or correct its name.")
            case _:
                sentences.append(f"{field}: {problem['msg'].removeprefix('Value error, ')}.".removeprefix(": "))
    return sentences
