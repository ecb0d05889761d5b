"""The small mistakes that can be made in the SQL of a KPI: each mutant is its SQL with one of them.

What is mutated is the KPI's own text. What its macros write is kept as it is, in the place where it stands: it is one
mistake in one macro, and not one in each of the KPIs that call it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_JINJA = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_COMMENT = re.compile(r"--[^\n]*|\{#.*?#\}", re.DOTALL)
_MARK = re.compile(r"⟦(\d+)⟧")


@dataclass(frozen=True)
class Mutant:
    """A KPI's own SQL with one mistake in it."""

    sql: str
    """Its Jinja expressions are marked ⟦0⟧, ⟦1⟧, ..."""
    line: str
    """The line that was changed, as it was."""
    change: str
    """What was made of what."""

    def __str__(self) -> str:
        return f"{self.line}: {self.change}"


@dataclass(frozen=True)
class OwnText:
    """The text of a KPI's `.sql` without comments, its Jinja expressions marked, and how to find it again."""

    sql: str
    pattern: re.Pattern[str]
    """It in compiled SQL, a group for each Jinja expression."""
    macro_calls: Sequence[str]
    """Its Jinja expressions."""

    @classmethod
    def of(cls, source: str) -> OwnText:
        """Read a KPI's `.sql`, which begins with a CTE."""
        source = source[source.index("with ") + len("with ") :].rstrip()
        # dbt keeps comments where they are
        pieces = [re.escape(piece) for piece in _JINJA.split(source)]
        number = iter(range(len(pieces)))
        marked = _JINJA.sub(lambda _: f"⟦{next(number)}⟧", source)
        pattern = re.compile("(.*?)".join(pieces) + r"\s*$", re.DOTALL)
        return cls(_without_comments(marked), pattern, _JINJA.findall(source))

    def found_in(self, compiled: str) -> Surroundings:
        """Where the text stands in the compiled SQL of a unit test.

        Raises:
            ValueError: nowhere.
        """
        found = self.pattern.search(compiled)
        if found is None:
            raise ValueError(f"the compiled SQL does not end with the model's own:\n{compiled}")
        return Surroundings(compiled[: found.start()], tuple(_without_comments(text) for text in found.groups()))


@dataclass(frozen=True)
class Surroundings:
    """What stands around a KPI's own text in compiled SQL."""

    given: str
    """The CTEs of the given rows."""
    expressions: tuple[str, ...]
    """What became of its Jinja expressions."""

    def around(self, text: str) -> str:
        """The compiled SQL, with `text` as the model's own."""
        return self.given + _MARK.sub(lambda mark: self.expressions[int(mark[1])], text)


def _without_comments(sql: str) -> str:
    return _COMMENT.sub("", sql)


Edit = tuple[int, int, str]
"""From where to where in the text something else is written, and what."""

REPLACEMENTS = (
    # boundaries
    (r" < ", " <= "),
    (r" <= ", " < "),
    (r" > ", " >= "),
    (r" >= ", " > "),
    # joins and unions
    (r"\binner join\b", "left join"),
    (r"\bleft join\b", "inner join"),
    (r"\bfull outer join\b", "left join"),
    (r"\bfull outer join\b", "right join"),
    (r"\bunion all\b", "union"),
    (r"\bunion\b(?! all)", "union all"),
    # aggregates and windows
    (r"\bsum\(([\w.⟪⟫]*)", r"max(\1"),
    (r"\bmax\(([\w.⟪⟫]*)", r"min(\1"),
    (r"\bmin\(([\w.⟪⟫]*)", r"max(\1"),
    (r"\bavg\(", "sum("),
    (r"\bcount\(distinct ", "count("),
    (r"\bcount\(\*\)", "max(1)"),
    (r"\bselect distinct\b", "select"),
    (r"\blead\(", "lag("),
    (r"\blag\(", "lead("),
    (r" desc\b", " asc"),
    (r"\bgreatest\(", "least("),
    (r"\bleast\(", "greatest("),
    # arithmetic
    (r" \+ ", " - "),
    (r"(?<=\S) - ", " + "),
    (r"(?<!select) (?<!distinct )\* ", " / "),
    (r"(?<=[ (])(?!select\b|distinct\b)[\w.]+ [*/] (?=\w)", ""),
    (r"(?<=\s)/ ", "* "),
    (r"\bcoalesce\(([^,()]+), [^()]+\)", r"\1"),
    (r"([\w.]+) - ([\w.]+)", r"\2 - \1"),
    (r"(?<=\S) [-+*] [\w.]+(?:\([\w.]+\))?(?= )", ""),
    # days: the state of the other end of a period
    (r"\bopening_on\b", "measured_on"),
    (r"\bmeasured_on\b", "opening_on"),
)
"""Mistakes that are one word for another: a regular expression, and what is written instead."""

_NUMBER = re.compile(r"(?<![\w.'⟦-])\d+(?:\.\d+)?(?![\w.'-])")
_LIST = re.compile(r"\bin \(('[^()]*')\)")
_BOOLEAN = re.compile(r"^ +(\S+ [^\n]*?) as (?:is|has)_\w+,?$", re.MULTILINE)
_PARTS = re.compile(r"\bas (numerator),\n\s+([^\n]*(?:\n(?!\s*from\b)[^\n]+)*?) as (denominator)\b")
_DAY = re.compile(r"\b\w+_on\b")
# a line is one atom: where no import follows, its many readings must not be tried in all combinations
_IMPORT = re.compile(r"(?<=select\n)((?> +\S+(?: as \w+)?,?\n){2,})(?=(?> +(?!from\b|select\b)[^\n]+\n)*\s+from ⟦)")
_COLUMN = re.compile(r"^( +)(\S+?)(?: as (\w+))?(,?)$", re.MULTILINE)


def mutants_of(text: str, days: Sequence[str] = ()) -> Iterator[Mutant]:
    """Every mutant of a KPI's own text.

    Args:
        text: the text, see `OwnText`.
        days: columns of its inputs that hold days: one may have been taken for another.
    """
    seen = set()
    for start, end, replacement in _edits(text, days):
        sql = text[:start] + replacement + text[end:]
        if sql in seen:
            continue
        seen.add(sql)
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", start) if "\n" in text[start:] else len(text)
        changed = " ".join(text[start:end].split())
        yield Mutant(sql, text[line_start:line_end].strip(), f"{changed} -> {' '.join(replacement.split())}")


def _edits(text: str, days: Sequence[str]) -> Iterator[Edit]:
    for pattern, replacement in REPLACEMENTS:
        for found in re.finditer(pattern, text):
            yield found.start(), found.end(), found.expand(replacement)
    yield from _edits_of_conditions(text)
    for found in _BOOLEAN.finditer(text):
        if found[1].split()[0] not in ("case", "cast"):
            yield found.start(1), found.end(1), f"not ({found[1]})"
    for found in _NUMBER.finditer(text):
        yield found.start(), found.end(), f"{float(found[0]) + 1:g}"
    for found in _LIST.finditer(text):
        elements = found[1].split(", ")
        for left_out in elements if len(elements) > 1 else []:
            yield found.start(1), found.end(1), ", ".join(each for each in elements if each != left_out)
    for found in _PARTS.finditer(text):
        # below a union, columns are told by their place
        is_below_union = re.search(r"\bunion(?: all)?\s+select\b[^()]*$", text[: found.start()]) is not None
        if not found[2].startswith("cast(null") and not is_below_union:
            between = text[found.end(1) : found.start(3)]
            yield found.start(1), found.end(3), f"denominator{between}numerator"
    yield from _exchanged_columns(text)
    # the first is where it is imported, or is what everything is dated by
    for day in dict.fromkeys(_DAY.findall(text)):
        for other in days:
            if day in days and other != day:
                yield from _exchanged(text, day, other)


def _exchanged_columns(text: str) -> Iterator[Edit]:
    """An imported column is taken for the one below it."""
    for imported in _IMPORT.finditer(text):
        columns = list(_COLUMN.finditer(imported[0]))
        for column, other in zip(columns, columns[1:] + columns[:1], strict=True):
            name = column[3] or column[2].split(".")[-1]
            start = imported.start() + column.start()
            yield start, start + len(column[0]), f"{column[1]}{other[2]} as {name}{column[4]}"


def _exchanged(text: str, day: str, other: str) -> Iterator[Edit]:
    """The import of a day column reads another one."""
    for found in re.finditer(rf"^( +)((?:\w+\.)?){day}( as \w+)?(,?)$", text, re.MULTILINE):
        if "group by" in text[max(0, text.rfind("\n\n", 0, found.start())) : found.start()]:
            continue
        name = found[3] or f" as {day}"
        yield found.start(), found.end(), f"{found[1]}{found[2]}{other}{name}{found[4]}"
        return


_CLAUSE = re.compile(r"\b(?:where|on|having|when)\b|\bcount_if(?=\()")
_CLAUSE_ENDS = re.compile(
    r"\b(?:then|where|group by|order by|having|window|union|(?:inner |left |right |full outer |cross )?join)\b"
)


def _edits_of_conditions(text: str) -> Iterator[Edit]:
    for clause in _CLAUSE.finditer(text):
        start = clause.end() + (1 if clause[0] == "count_if" else 0)
        yield from _edits_of_condition(text, start, _end_of_clause(text, start))


def _edits_of_condition(text: str, start: int, end: int) -> Iterator[Edit]:
    """Each part of a condition left out, and each turned into its opposite."""
    for word, neutral in (("or", "false"), ("and", "true")):
        parts = list(_parts(text, start, end, word))
        if len(parts) > 1:
            for part in parts:
                yield from _edits_of_part(text, *part, neutral)
            return
    yield from _edits_of_part(text, start, end, "true")


def _edits_of_part(text: str, start: int, end: int, neutral: str) -> Iterator[Edit]:
    start += len(text[start:end]) - len(text[start:end].lstrip())
    end -= len(text[start:end]) - len(text[start:end].rstrip())
    part = text[start:end]
    yield start, end, neutral
    yield start, end, f"not ({part})"
    if part.startswith("(") and _end_of_clause(text, start + 1) == end - 1:
        yield from _edits_of_condition(text, start + 1, end - 1)
    elif re.search(r"\b(?:or|and)\b", part) and " between " not in part and "(" not in part:
        yield from _edits_of_condition(text, start, end)


def _parts(text: str, start: int, end: int, word: str) -> Iterator[tuple[int, int]]:
    depth = 0
    part_start = start
    is_between = False
    for found in re.finditer(rf"[()]|\bbetween\b|\bcase\b|\bend\b|\b{word}\b", text[start:end]):
        token = found[0]
        if token in ("(", "case"):
            depth += 1
        elif token in (")", "end"):
            depth -= 1
        elif depth == 0 and token == "between":
            is_between = word == "and"
        elif depth == 0 and token == word and is_between:
            is_between = False
        elif depth == 0 and token == word:
            yield part_start, start + found.start()
            part_start = start + found.end()
    yield part_start, end


def _end_of_clause(text: str, start: int) -> int:
    depth = 0
    position = start
    for found in re.finditer(rf"[()]|\bcase\b|\bend\b|{_CLAUSE_ENDS.pattern}", text[start:]):
        token = found[0]
        position = start + found.start()
        if token in ("(", "case"):
            depth += 1
        elif token in (")", "end"):
            depth -= 1
            if depth < 0:
                return position
        elif depth == 0:
            return position
    return len(text)
