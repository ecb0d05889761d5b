"""Ingest, whatever the rows and whatever happened to the file on its way."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

# what csv can hold: any text but zero bytes and halves of surrogate pairs
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=30)
NAMES = TEXT.map(lambda text: "k" + text.strip() + "k")
ROWS = st.lists(
    st.tuples(
        NAMES,
        st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)),
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.decimals(-(10**13), 10**13, places=4, allow_nan=False, allow_infinity=False),
        st.none() | st.booleans(),
        st.none() | TEXT,
    ),
    max_size=20,
    unique_by=lambda row: row[0],  # two that differ would be held
)
COLUMNS = {
    "sale_id": "text!", "sold_at": "timestamp!", "units": "bigint", "score": "double", "amount": "decimal(18,4)",
    "is_paid": "boolean", "note": "text",
}  # fmt: skip


@pytest.fixture
def sales(company: Any, declared_table: Callable[..., dict[str, Any]]) -> Any:
    company.declare("crm", declared_table("sales", COLUMNS))
    return company


def start_over(company: Any) -> None:
    """Hypothesis runs one test many times in one folder."""
    for folder in (company.settings.home, company.settings.exports):
        shutil.rmtree(folder, ignore_errors=True)
    company.settings.exports.mkdir()


def expected(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows as ingest promises them: text trimmed of spaces, tabs and newlines, empty text as no value."""
    return [
        tuple((value.strip(" \t\r\n") or None) if isinstance(value, str) else value for value in row) for row in rows
    ]


def written(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


@settings(max_examples=30)
@given(
    rows=ROWS, newline=st.sampled_from(["\n", "\r\n"]), zipped=st.booleans(), bom=st.booleans(), quotes=st.booleans()
)
@example(
    [("k", dt.datetime(2024, 1, 1), 1, 0.1, Decimal("0.1000"), True, 'a "b"\r\n,c\n\n')], "\r\n", False, True, True
)
@example([("k", dt.datetime(2024, 1, 1), None, None, None, None, "\r")], "\n", False, False, False)
def test_whatever_csv_writer_writes_ingest_gives_back_exactly(
    sales: Any, rows: list[tuple[Any, ...]], newline: str, zipped: bool, bom: bool, quotes: bool
) -> None:
    start_over(sales)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=newline, quoting=csv.QUOTE_ALL if quotes else csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS)
    writer.writerows([written(value) for value in row] for row in rows)
    content = (("\ufeff" if bom else "") + text.getvalue()).encode()
    load = sales.load("crm/sales.csv.gz" if zipped else "crm/sales.csv", gzip.compress(content) if zipped else content)

    assert (load.status, load.rows_quarantined) == ("loaded", 0), (load, sales.quarantine())
    assert sales.query(f"select {', '.join(COLUMNS)} from raw.sales order by _row") == expected(rows)


@settings(max_examples=20)
@given(rows=ROWS)
def test_whatever_json_writes_ingest_gives_back_exactly(sales: Any, rows: list[tuple[Any, ...]]) -> None:
    assume(rows)
    start_over(sales)
    lines = [
        {name: value if isinstance(value, int | float | str | None) else written(value)
         for name, value in zip(COLUMNS, row, strict=True)}
        for row in rows
    ]  # fmt: skip
    load = sales.load("crm/sales.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))

    assert (load.status, load.rows_quarantined) == ("loaded", 0), (load, sales.quarantine())
    assert sales.query(f"select {', '.join(COLUMNS)} from raw.sales order by _row") == expected(rows)


HOW_OFTEN = pytest.mark.parametrize("examples", [10, pytest.param(250, marks=pytest.mark.long)])
"""A few examples with every change; many with the long tests."""

SEED = (
    "sale_id,sold_at,units,score,amount,is_paid,note\n"
    'a,2024-01-01,1,0.5,12.50,true,"one\ntwo, ""three"""\n'
    "b,2024-01-02T10:00:00Z,2,,,false,\n"
    "c,2024-01-03,,,7,,ماه\n"
).encode()
JSON_SEED = (
    b'{"sale_id": "a", "sold_at": "2024-01-01", "units": 1, "note": "one \\" two"}\n'
    b'{"sale_id": "b", "sold_at": "2024-01-02", "units": null, "more": {"deep": [1, 2]}}\n'
)
SEEDS = pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("crm/sales.csv", SEED),
        (
            "crm/sales.csv",
            b"sale_id,sold_at,units,amount\na,2024-01-01,1,12.50\nb,2024-01-02 10:00:00,,7\nb,2024-01-03,2,\n",
        ),
        ("crm/sales.jsonl", JSON_SEED),
        ("crm/sales.json", b"[" + JSON_SEED.replace(b"}\n{", b"},\n{").strip() + b"]"),
    ],
    ids=["csv", "plain csv", "json lines", "json list"],
)
SPICES = st.sampled_from(
    [b'"', b"\n", b"\r", b",", b"\x00", b"\xff", b"\xe2\x80", b"1e999", b"\\", b"{", b"}", b"\x1f\x8b"]
)
MISHAPS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "drop", "insert", "repeat", "shuffle", "recode", "script"]),
        st.floats(0, 1),
        st.binary(max_size=4) | SPICES,
    ),
    min_size=1,
    max_size=4,
)


def mangled(content: bytes, mishaps: list[tuple[str, float, bytes]]) -> bytes:
    for kind, where, given_bytes in mishaps:
        at = int(where * len(content))
        match kind:
            case "flip":
                content = content[:at] + bytes(byte ^ 0x15 for byte in content[at : at + 1]) + content[at + 1 :]
            case "cut":
                content = content[:at]
            case "drop":
                content = content[:at] + content[at + 3 :]
            case "insert":
                content = content[:at] + given_bytes + content[at:]
            case "repeat":
                content = content[:at] + content[at:] + content[at:]
            case "shuffle":  # the fields of every line that is one, in another order
                lines = [line.split(b",") for line in content.split(b"\n")]
                content = b"\n".join(b",".join(fields[at % 7 :] + fields[: at % 7]) for fields in lines)
            case "recode":  # from there on in another encoding
                rest = content[at:].decode("utf-8", "replace")
                content = content[:at] + rest.encode(["utf-16", "cp1256", "cp1252"][at % 3], "replace")
            case "script":
                digits = ["۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９"][at % 3]
                rest = content[at:].decode("utf-8", "replace").translate(str.maketrans("0123456789", digits))
                content = content[:at] + rest.encode()
    return content


@SEEDS
@pytest.mark.parametrize("zipped", [False, True])
@HOW_OFTEN
def test_a_mangled_file_is_loaded_quarantined_or_refused_never_a_crash_and_the_books_balance(
    sales: Any, name: str, seed: bytes, zipped: bool, examples: int
) -> None:
    content_before = gzip.compress(seed, mtime=0) if zipped else seed

    @settings(max_examples=examples)
    @given(mishaps=MISHAPS)
    def check(mishaps: list[tuple[str, float, bytes]]) -> None:
        start_over(sales)
        load = sales.load(name + (".gz" if zipped else ""), mangled(content_before, mishaps))

        assert load.status in ("loaded", "refused")
        # what is left out is the header once more
        counted = "rows_read - rows_left_out, rows_loaded + rows_repeated, rows_quarantined, rows_refused"
        [(read, loaded, quarantined, refused)] = sales.query(f"select {counted} from raw.loads")
        assert read == loaded + quarantined + refused
        assert sales.query("select count(*) from raw.sales") == [(loaded,)]
        if load.status == "loaded":
            assert refused == 0
            assert len(sales.quarantine()) == quarantined
            assert all(1 <= line <= 60 and reason for _, line, _, reason, _ in sales.quarantine())
        else:
            assert loaded == 0
            assert len(load.reason) > 20

    check()


PARQUET_MISHAPS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6)


@settings(max_examples=25)
@given(mishaps=PARQUET_MISHAPS)
def test_mangled_parquet_is_loaded_or_refused_never_a_crash(sales: Any, mishaps: list[tuple[float, int]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    start_over(sales)
    sink = io.BytesIO()
    pq.write_table(pa.table({"sale_id": ["a", "b"], "sold_at": ["2024-01-01", "2024-01-02"], "units": [1, 2]}), sink)
    content = bytearray(sink.getvalue())
    for where, byte in mishaps:
        content[4 + int(where * (len(content) - 5))] = byte
    load = sales.load("crm/sales.parquet", bytes(content))

    assert load.status in ("loaded", "refused")
    [(loaded,)] = sales.query("select rows_loaded + rows_repeated from raw.loads")
    assert sales.query("select count(*) from raw.sales") == [(loaded,)]


def test_files_may_come_in_any_order_where_versions_are_dated(
    new_company: Callable[..., Any], declared_table: Callable[..., dict[str, Any]]
) -> None:
    layout = {
        "name": "tool", "files": "crm/tool*", "format": "csv", "updated_at": "changed",
        "columns": {"sale_id": "id", "note": "note"},
    }  # fmt: skip
    files = {
        "crm/tool_a.csv": "id,note,changed\n1,first,2024-01-01\n2,only,2024-01-05\n",
        "crm/tool_b.csv": "id,note,changed\n1,second,2024-01-02\n3,newest,2024-02-01\n",
        "crm/tool_c.csv": "id,note,changed\n1,third,2024-01-03 00:00:01\n3,older,2024-01-01\n",
    }
    current = """
        select sale_id, note from raw.sales
        qualify row_number() over (partition by sale_id order by _version_at desc nulls last, _load desc, _row desc) = 1
        order by 1
    """
    outcomes = []
    for order in permutations(files):
        company = new_company()
        company.declare("crm", declared_table("sales", {"sale_id": "text!", "note": "text"}, layouts=[layout]))
        for name in order:
            company.load(name, files[name])
        outcomes.append(company.query(current))

    assert outcomes == [[("1", "third"), ("2", "only"), ("3", "newest")]] * 6
