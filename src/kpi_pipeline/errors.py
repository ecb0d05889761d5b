"""Errors that people meet. Their text is a sentence: what happened, where, and what to do."""

from __future__ import annotations


class PipelineError(Exception):
    """The run could not be carried out. The command line ends with exit code 1."""


class ConfigurationError(PipelineError):
    """A setting, a layout or a KPI contract is wrong. The command line ends with exit code 2."""


class UnreadableFileError(PipelineError):
    """An export cannot be read as its layout says. The file is refused and the night goes on."""
