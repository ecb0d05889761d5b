"""The SQL that DuckDB and Spark share: what of a model's text only one of the two reads."""

from __future__ import annotations

import re

SHARED_FUNCTIONS = frozenset({
    "abs", "array_contains", "avg", "cast", "ceil", "coalesce", "concat", "contains", "count", "count_if", "day",
    "dense_rank", "exp", "first_value", "floor", "greatest", "lag", "last_day", "last_value", "lead", "least",
    "length", "ln", "lower", "max", "max_by", "min", "min_by", "month", "nullif", "power", "quarter", "rank",
    "replace", "round", "row_number", "sqrt", "stddev_pop", "stddev_samp", "substring", "sum", "trim", "upper",
    "var_pop", "var_samp", "year",
})  # fmt: skip
"""Functions that DuckDB and Spark both have, under one name and with one meaning (max_by and min_by: of what is never
empty)."""

_WORDS_BEFORE_BRACKETS = frozenset({
    "all", "and", "any", "as", "between", "by", "case", "decimal", "distinct", "else", "end", "exists", "filter",
    "from", "in", "join", "not", "on", "or", "over", "partition", "rows", "select", "then", "union", "using",
    "values", "varchar", "when", "where", "with", "within",
})  # fmt: skip
_FOREIGN = {
    r"::": "write cast(value as type)",
    r"\bqualify\b": "number the rows in a step of its own and filter the next",
    r"\bexclude\s*\(": "name the columns",
    r"\b(?:un)?pivot\b": "write a union or an aggregate per column",
    r"\basof\b": "join on the newest row by a window",
    r"\blambda\b|->": "write it without a lambda",
    r"\w\[": "write it without lists",
}
"""What one of the two does not read, and what to write instead."""

_OF_ONE_ENGINE = re.compile(r"{%-?\s*macro\s+\w+__.*?endmacro\s*-?%}", re.DOTALL)
"""A macro that dbt dispatches by engine: ``duckdb__business_day``."""
_ANCHORED_REPLACE = re.compile(r"\bregexp_replace\((?=[^']*'\^)")
"""DuckDB replaces the first match and Spark every one, which is the same where a match can only be the first."""


def without_comments(sql: str) -> str:
    """`sql` without the comments of SQL and of Jinja."""
    return re.sub(r"{#.*?#}|--[^\n]*", "", sql, flags=re.DOTALL)


def foreign(sql: str, file: str) -> list[str]:
    """What of `sql`, as people write it, DuckDB and Spark do not both understand: a sentence each, naming `file`."""
    written = _ANCHORED_REPLACE.sub("replace(", _OF_ONE_ENGINE.sub(" ", without_comments(sql)))
    plain = re.sub(r"{{.*?}}|{%.*?%}|'[^']*'", " ", written, flags=re.DOTALL).lower()
    problems = [
        f"{file} has {found.group(0).strip()!r}, which not both DuckDB and Spark read; {instead}."
        for pattern, instead in _FOREIGN.items()
        if (found := re.search(pattern, plain))
    ]
    called = set(re.findall(r"\b([a-z_][a-z0-9_]*)\s*\(", plain)) - _WORDS_BEFORE_BRACKETS - SHARED_FUNCTIONS
    # a step, and a table whose columns are named, have brackets behind them too
    steps = re.findall(r"\b([a-z_][a-z0-9_]*)\s+as\s*\(|\bas\s+([a-z_][a-z0-9_]*)\s*\(", plain)
    problems += [
        f"{file} calls {name}(), which is not in the SQL that DuckDB and Spark share; use one of its functions, or a "
        "dbt macro such as dbt.date_trunc and dbt.datediff."
        for name in sorted(called - {name for step in steps for name in step} - {"exclude"})
    ]
    return problems
