"""Ask the unit tests of a KPI about its mutants, in one connection and without dbt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import duckdb
from compiled import UnitTest

from mutation.mutants import Mutant, OwnText, Surroundings, mutants_of


class Fate(Enum):
    """What became of a mutant."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    NO_SQL = "no SQL"
    """DuckDB does not read it: nobody could make that mistake and not notice."""


Rows = Counter[tuple[Any, ...]]


@dataclass(frozen=True)
class _Question:
    """A unit test, and what the model itself answers."""

    surroundings: Surroundings
    columns: str
    answer: Rows


class Examiner:
    """The unit tests of one KPI. They pass, so that what the KPI itself answers is what they expect."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: str, tests: Iterable[UnitTest]) -> None:
        """Ask the KPI itself.

        Args:
            connection: any; nothing is written.
            source: the text of the KPI's `.sql`.
            tests: its unit tests.
        """
        self._connection = connection
        self._own = OwnText.of(source)
        self._questions: list[_Question] = []
        days = set()
        for test in tests:
            surroundings = self._own.found_in(test.sql)
            columns = ", ".join(test.expected_columns)
            self._questions.append(_Question(surroundings, columns, self._ask(surroundings, columns, self._own.sql)))
            days |= {name for rows in test.given.values() for row in rows for name in row if row[name] is not None}
        self._days = sorted(name for name in days if name.endswith("_on"))

    def fates(self) -> Iterator[tuple[Mutant, Fate]]:
        """What became of each mutant of the KPI."""
        for mutant in mutants_of(self._own.sql, self._days):
            yield mutant, self.fate(mutant.sql)

    def fate(self, text: str) -> Fate:
        """What becomes of the KPI with `text` for its own."""
        for number, question in enumerate(self._questions):
            try:
                is_caught = self._ask(question.surroundings, question.columns, text) != question.answer
            except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
                return Fate.NO_SQL
            except duckdb.Error:
                is_caught = True
            if is_caught:
                # who caught one is likely to catch the next
                self._questions.insert(0, self._questions.pop(number))
                return Fate.CAUGHT
        return Fate.SURVIVED

    def macro(self, name: str) -> MacroText:
        """What the KPI's first call of a macro wrote."""
        number = next(number for number, call in enumerate(self._own.macro_calls) if f"{name}(" in call)
        text = self._questions[0].surroundings.expressions[number]
        arguments = {}
        for place, argument in enumerate(re.findall(r"'([^']*)'|\"([^\"]*)\"", self._own.macro_calls[number])):
            words = argument[0] or argument[1]
            arguments[f"⟪{place}⟫"] = words
            text = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", f"⟪{place}⟫", text)
        return MacroText(self, text, self._own.sql, f"⟦{number}⟧", arguments)

    def _ask(self, surroundings: Surroundings, columns: str, text: str) -> Rows:
        sql = f"select {columns} from (\n{surroundings.around(text)}\n) as answer"
        return Counter(self._connection.execute(sql).fetchall())


@dataclass(frozen=True)
class MacroText:
    """What a macro wrote into a KPI, the KPI's arguments marked: the same in every KPI that calls it with as many."""

    examiner: Examiner
    text: str
    own_text: str
    mark: str
    arguments: dict[str, str]

    def fate(self, text: str) -> Fate:
        """What becomes of the KPI if the macro writes `text`."""
        for mark, argument in self.arguments.items():
            text = text.replace(mark, argument)
        return self.examiner.fate(self.own_text.replace(self.mark, text))
