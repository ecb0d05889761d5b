"""When two spellings are one name: of words in closed columns, of headers, of sheets.

Two are alike that differ in case, in Unicode form, in letters that people take for one another, or in how their parts
are kept apart: ``full_time`` and ``Full-Time``, ``تمام‌وقت`` and ``تمام وقت``. A hyphen that no letter follows is kept:
``A-`` is not ``A``, and ``18-24`` is no number. `ingest.values.folded` says the same in SQL, from the same tables.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

ONE_LETTER: Mapping[str, str] = {"[يىئ]": "ی", "ك": "ک", "[ةۀەہھ]": "ه", "’": "'"}
"""Letters, and a mark, that people take for one another, and the one that names are compared with."""

NO_LETTERS = "[ \t\r\n\f\v_\u00a0\u0640\u2000-\u200f\u202f\u2060\ufeff]+"
"""What only keeps the parts of a name apart: blanks of any kind, ZWNJ and ZWJ, underscores, the Arabic stretcher."""

HYPHENS = "[-\u00ad\u2010-\u2015]+"

_LETTERS = [(re.compile(variants), letter) for variants, letter in ONE_LETTER.items()]
_CLOSE = re.compile(NO_LETTERS)
_HYPHENATED = re.compile(rf"{HYPHENS}(?=[^\W\d_])")


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """`text` as names are compared."""
    folded = unicodedata.normalize("NFC", text)
    for variants, letter in _LETTERS:
        folded = variants.sub(letter, folded)
    return _HYPHENATED.sub("", _CLOSE.sub("", folded)).lower()
