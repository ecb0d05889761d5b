"""Patterns of file names: what they match, where they carry a date, and whether two of them can match one name."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

SAMPLE_MANIFEST, SAMPLE_DIRT = "sample.json", "sample_dirt.csv"
"""What `kpi sample` writes beside the exports of its company, and what is no export."""

_PLACEHOLDER = re.compile(r"(\*|\{date:[^}]+\})")
_DATE = re.compile(r"\{date:([^}]+)\}")
_COPY = r"(?: ?\([0-9]+\))?"
"""What a browser puts behind the name of a file that it has downloaded before."""
_IN_AN_ARCHIVE = re.compile(r"(?P<folder>(?:[^/]+/)*)[^/]+\.zip/(?:[^/]+/)*(?P<file>[^/]+)", re.IGNORECASE)
_OF_A_DATE = "0123456789-"
_ANY_DATE = re.compile(
    # a year of either calendar, then nothing, a week, a quarter, a month or a day, and then perhaps a time
    r"(?<![^\W_])(?:1[34]|19|20)[0-9]{2}(?:[-_. ]?(?:[wW][0-9]{1,2}|[qQ][1-4])|(?:[-_. ]?[0-9]{2}){0,2})"
    r"(?:[T_ -][0-9]{2}[-:.]?[0-9]{2}(?:[-:.]?[0-9]{2})?Z?(?![-0-9]))?(?![0-9])"
)
_SEPARATORS = " -_.,+"


def compiled(pattern: str, ending: str) -> re.Pattern[str]:
    """What matches the names of `pattern`, with an `ending` (a regular expression) in any case; a group ``date``."""
    name = "".join(
        f"(?P<any{number}>[^/]*)" if part == "*" else "(?P<date>[0-9-]+)" if part.startswith("{date:")
        else re.escape(part)
        for number, part in enumerate(_PLACEHOLDER.split(pattern))
    )  # fmt: skip
    return re.compile(f"{name}{_COPY}(?i:{ending})")


def series_in(found: re.Match[str]) -> str:
    """What a name has at the places where a pattern takes anything, without dates and a browser's " (1)"."""
    free = [_without_dates(part) for name, part in found.groupdict().items() if name != "date"]
    return "/".join(filter(None, free))


def _without_dates(text: str) -> str:
    rest = _ANY_DATE.sub(" ", re.sub(rf"{_COPY}$", "", text))
    return " ".join(rest.translate(dict.fromkeys(map(ord, _SEPARATORS), " ")).split()).casefold()


def without_ending(path: str, ending: str) -> str:
    """The name of a file without its `ending` (a regular expression) and a browser's " (1)"."""
    return re.sub(f"{_COPY}(?i:{ending})$", "", path)


def date_format(pattern: str) -> str:
    """How the date in the names of `pattern` is written; empty where they have none."""
    declared = _DATE.search(pattern)
    return declared[1] if declared else ""


def name_on(pattern: str, day: dt.date) -> str:
    """A name of `pattern`, without its ending, for a file exported on `day`."""
    return _DATE.sub(lambda found: day.strftime(found[1]), pattern).replace("*", "").rstrip("_-")


def as_if_unpacked(path: str) -> str:
    """The path that a file in an archive would have beside it; any other path as it is."""
    found = _IN_AN_ARCHIVE.fullmatch(path)
    return found["folder"] + found["file"] if found else path


@dataclass(frozen=True)
class _Step:
    """A place in a pattern of file names."""

    characters: str | None
    """What may stand there; None: anything but a slash."""
    is_repeated: bool = False
    """Whether any number of them may, also none."""

    def can_be(self, other: _Step) -> bool:
        if self.characters is None or other.characters is None:
            return (self.characters or other.characters) != "/"
        return not set(self.characters).isdisjoint(other.characters)


def can_match_one_name(one: str, other: str) -> bool:
    """Whether there is a file name that both patterns match."""
    first, second = _steps(one), _steps(other)

    @cache
    def meet(i: int, j: int) -> bool:
        """Whether what is left of the first pattern from `i`, and of the second from `j`, match a common text."""
        if i == len(first) or j == len(second):
            return all(step.is_repeated for step in (*first[i:], *second[j:]))
        here, there = first[i], second[j]
        if (here.is_repeated and meet(i + 1, j)) or (there.is_repeated and meet(i, j + 1)):
            return True
        if (here.is_repeated and there.is_repeated) or not here.can_be(there):
            return False
        return meet(i if here.is_repeated else i + 1, j if there.is_repeated else j + 1)

    return meet(0, 0)


def _steps(files: str) -> list[_Step]:
    steps: list[_Step] = []
    for part in _PLACEHOLDER.split(files):
        if part == "*":
            steps.append(_Step(None, is_repeated=True))
        elif part.startswith("{date:"):
            steps += [_Step(_OF_A_DATE), _Step(_OF_A_DATE, is_repeated=True)]
        else:
            steps += [_Step(character) for character in part]
    return steps
