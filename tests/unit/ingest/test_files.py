"""Ingest: which files are read, which are refused with which sentence, and that content is loaded once."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from kpi_pipeline.errors import ConfigurationError, PipelineError
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.warehouse.connection import connect, locked

HEADER = "sale_id,sold_at,note\n"
GOOD = HEADER + "a,2024-01-01,x\nb,2024-01-02,y\n"
PACKED = gzip.compress(GOOD.encode(), mtime=0)  # without the moment, which would differ in the names of tests


def status(company: Any) -> tuple[str, str]:
    [row] = company.query("select verdict, reason from raw.export_status where entity = 'sales'")
    return row


# --- files that cannot be trusted as a whole ---


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("crm/sales.csv", b"", "the file is empty, not even a header is in it; export it again"),
        ("crm/sales.csv.gz", b"", "the file is empty"),
        ("crm/sales.parquet", GOOD.encode(), "its name promises Parquet, its content is text"),
        ("crm/sales.csv.gz", GOOD.encode(), "its name promises gzip, its content is text"),
        ("crm/sales.csv", PACKED, "its name promises text, its content is gzip"),
        ("crm/sales.csv", b"PK\x03\x04 a workbook", "its content is a zip archive or workbook"),
        ("crm/sales.parquet", b"PAR1 and then nothing of the kind", "it cannot be read as parquet"),
        ("crm/sales.csv", b"PAR1...", "its content is Parquet"),
        ("crm/sales.csv.gz", PACKED[:30], "Compressed file ended before"),
        ("crm/sales.csv.gz", PACKED[:12] + b"\xff" * 40, "it cannot be unpacked: Compressed"),
        ("crm/sales.csv.gz", PACKED[:-8] + b"\0" * 8, "it cannot be unpacked: CRC check failed"),
        ("crm/sales.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 99, mtime=0)[:15] + b"\xff" * 40, "it cannot be unpacked"),
        ("crm/sales.csv", b"\n" + GOOD.encode(), "line 1 is blank where the header should be"),
        ("crm/sales.csv", b"Sale ID,sold_at,SALE_ID\na,2024-01-01,b\n", "line 1 names the column SALE_ID, Sale ID"),
        ("crm/sales.csv", b"sale_id,sold_at,sale_id\na,2024-01-01,b\n", "row 1 has 'a' and 'b' in it"),
        ("crm/sales.csv", GOOD.encode("utf-16-le"), "line 1 holds zero bytes: this is not UTF-8 text"),
        ("crm/sales.csv", b"sale_id,,sold_at\na,,2024-01-01\n", "line 1 has no name for column 2"),
        ("crm/sales.jsonl", b"[\n  1\n]\n", "no line of it is a JSON object; is it one object per line?"),
        ("crm/sales.json", b'[{"sale_id": "a"},\n {"sale_id": ', "no whole JSON document: Expecting value at line 2"),
        ("crm/sales.json", b"[1]\n[2]", "no whole JSON document: Extra data at line 2, column 1; export it again"),
        ("crm/sales.json", b"[" * 200_000, "its JSON is nested deeper than any export"),
        ("crm/sales.json", b'["caf\xe9"]', "it is not utf-8 text"),
        ("crm/sales.csv", b"sale_id,sold_att\na,2024-01-01\n",
         "the column 'sold_at' is missing; the nearest is 'sold_att'. Export it with that column, "
         "or change layout canonical_csv of sales"),
        ("crm/sales.csv", b"sale_id,when\na,2024-01-01\n", "the column 'sold_at' is missing; it has sale_id, when."),
        ("crm/sales.jsonl", b'{"sale_id": "a"}\n', "the column 'sold_at' is missing; it has sale_id."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_is_refused_with_a_sentence_and_nothing_of_it_is_loaded(
    company: Any, name: str, content: bytes, words: str
) -> None:
    company.put("crm/sales_good.csv", GOOD.replace("x", "another content"))
    load = company.load(name, content)

    assert load.status == "refused"
    assert words in load.reason
    assert company.query("select count(*) from raw.sales") == [(2,)]
    assert status(company) == ("refused", f"{name}: {load.reason}")
    counted = "select status, rows_loaded + rows_repeated from raw.loads where file = ?"
    assert company.query(counted, [name]) == [("refused", 0)]


def test_a_moment_of_change_that_the_file_does_not_have_is_a_missing_column(company: Any) -> None:
    company.declare_tool({"sale_id": "text!", "sold_at": "timestamp!"}, updated_at="Changed at")
    load = company.load("crm/tool.csv", "Id,Date,Changed on\n1,2024-01-01,2024-01-01\n")

    assert load.status == "refused"
    assert "the column 'Changed at' is missing; the nearest is 'Changed on'" in load.reason


def test_an_answer_without_its_list_is_refused(company: Any) -> None:
    company.declare_tool({"sale_id": "text!", "sold_at": "timestamp!"}, format="jsonl", records="sales")
    load = company.load("crm/tool.json", '{\n"error": "too many requests"\n}')

    assert load.reason == "it is one JSON object without the list 'sales'; export it again"


def test_an_optional_column_that_a_tools_layout_names_must_be_in_the_file(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "timestamp!", "note": "text"},
        columns={"sale_id": "Id", "sold_at": "Date", "note": "Remarks"},
    )
    load = company.load("crm/tool.csv", "Id,Date\n1,2024-01-01\n")

    assert load.status == "refused"
    assert "the column 'Remarks' is missing" in load.reason


def test_a_snapshot_without_rows_is_refused_because_it_would_empty_the_entity(
    company: Any, declared_table: Callable[..., dict[str, Any]]
) -> None:
    company.declare("crm", declared_table("sales", {"sale_id": "text!"}, rows="snapshot"))

    assert company.load("crm/sales_1.csv", "sale_id\na\n").status == "loaded"
    load = company.load("crm/sales_2.csv", "sale_id\n")
    assert load.status == "refused"
    assert load.reason == "it has a header but no row, and would empty sales; export it again"


def test_an_export_that_is_no_snapshot_may_have_no_rows(company: Any) -> None:
    load = company.load("crm/sales.csv", HEADER)

    assert (load.status, load.rows_typed) == ("loaded", 0)


def test_one_bad_file_does_not_silence_the_others(company: Any) -> None:
    company.put("crm/sales_1.csv", GOOD)
    company.put("crm/sales_2.parquet", "this is text")
    company.put("crm/sales_3.csv", GOOD.replace("x", "z"))
    report = company.ingest()

    assert [(file.file, file.status) for file in report.files] == [
        ("crm/sales_1.csv", "loaded"), ("crm/sales_2.parquet", "refused"), ("crm/sales_3.csv", "loaded"),
    ]  # fmt: skip
    assert [file.file for file in report.refused] == ["crm/sales_2.parquet"]


def test_a_file_that_cannot_be_opened_is_refused_and_the_others_are_loaded(
    company: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pathlib import Path

    locked_away = company.put("crm/sales_1.csv", GOOD)
    company.put("crm/sales_2.csv", GOOD.replace("x", "z"))
    opened = Path.open

    def open_unless_locked(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self == locked_away:  # root, who runs the tests in CI, may open every file
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", open_unless_locked)
    report = company.ingest()

    assert [(file.file, file.status) for file in report.files] == [
        ("crm/sales_1.csv", "refused"), ("crm/sales_2.csv", "loaded"),
    ]  # fmt: skip
    assert report.files[0].reason == "it cannot be opened: Permission denied"
    assert status(company) == ("refused", "crm/sales_1.csv: it cannot be opened: Permission denied")


# --- the ledger: content, not names ---


def test_the_same_content_is_not_loaded_again_whatever_its_name(company: Any) -> None:
    company.load("crm/sales.csv", GOOD)

    assert company.load("crm/sales_copy.csv", GOOD).status == "known"
    assert [file.status for file in company.ingest().files] == ["known", "known"]
    assert company.query("select count(*) from raw.sales") == [(2,)]
    assert company.query("select count(*) from raw.loads") == [(1,)]


def test_new_content_under_an_old_name_is_loaded_beside_the_old_rows(company: Any) -> None:
    company.load("crm/sales.csv", GOOD)
    load = company.load("crm/sales.csv", GOOD + "c,2024-01-03,z\n")

    assert (load.status, load.rows_typed) == ("loaded", 3)
    assert company.query("select _load, count(*) from raw.sales group by 1 order by 1") == [(1, 2), (2, 3)]


def test_content_that_changed_in_place_is_seen_even_where_size_and_time_stand_still(company: Any) -> None:
    path = company.put("crm/sales.csv", GOOD)
    company.ingest()
    stat = path.stat()
    path.write_text(GOOD.replace("x", "z"), encoding="utf-8")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    assert [file.status for file in company.ingest().files] == ["loaded"]


def test_a_refused_file_is_tried_again_and_heals_when_it_is_mended(company: Any) -> None:
    assert company.load("crm/sales.csv", "sale_id,wen\na,2024-01-01\n").status == "refused"
    assert [file.status for file in company.ingest().files] == ["refused"]
    assert company.query("select count(*) from raw.loads") == [(1,)]

    assert company.load("crm/sales.csv", GOOD).status == "loaded"
    assert status(company) == ("loaded", "")


def test_a_refused_file_heals_when_the_layout_is_mended(company: Any) -> None:
    columns = {"sale_id": "text!", "sold_at": "timestamp!"}
    company.declare_tool(columns)
    assert company.load("crm/tool.csv", "Id,When\na,2024-01-01\n").status == "refused"
    company.declare_tool(columns, columns={"sale_id": "Id", "sold_at": "When"})

    assert [file.status for file in company.ingest().files] == ["loaded"]
    assert company.query("select status from raw.loads") == [("loaded",)]


def test_the_quarantine_of_a_refused_file_does_not_grow_night_by_night(company: Any) -> None:
    company.load("crm/sales.csv", HEADER + "a,soon,x\n")
    company.ingest()
    company.ingest()

    assert len(company.quarantine()) == 1


def test_a_refused_file_that_is_removed_no_longer_counts(company: Any) -> None:
    company.put("crm/sales_good.csv", GOOD)
    company.load("crm/sales.csv", "")
    assert status(company)[0] == "refused"

    (company.settings.exports / "crm/sales.csv").unlink()
    company.ingest()
    assert status(company) == ("loaded", "")


def test_an_entity_without_an_export_is_an_empty_table_that_never_had_one(company: Any) -> None:
    company.ingest()

    assert status(company) == ("never", "")
    assert company.query("select count(*) from raw.sales") == [(0,)]


def test_columns_that_no_layout_reads_are_recorded(company: Any) -> None:
    company.load("crm/sales.csv", "sale_id,colour,sold_at,size\na,red,2024-01-01,9\n")

    assert company.query("select unnamed_columns from raw.loads") == [("colour, size",)]


def test_a_column_that_is_declared_later_is_added_to_the_table(
    company: Any, declared_table: Callable[..., dict[str, Any]]
) -> None:
    company.declare("crm", declared_table("sales", {"sale_id": "text!"}))
    company.load("crm/sales.csv", "sale_id,colour\na,red\n")
    company.declare("crm", declared_table("sales", {"sale_id": "text!", "colour": "text"}))
    company.load("crm/sales.csv", "sale_id,colour\nb,blue\n")

    assert company.query("select sale_id, colour from raw.sales order by 1") == [("a", None), ("b", "blue")]


# --- which files are there ---


def test_files_that_no_layout_reads_are_reported_and_left_alone(company: Any) -> None:
    path = company.put("crm/unheard_of.csv", GOOD)
    report = company.ingest()

    assert report.unclaimed == ["crm/unheard_of.csv"]
    assert report.files == []
    assert path.read_text(encoding="utf-8") == GOOD


def test_hidden_and_half_copied_files_are_not_there_yet(company: Any) -> None:
    for name in ("crm/.sales.csv", "crm/sales.csv.part", "crm/sales.csv.tmp", "crm/README.md", "README.txt"):
        company.put(name, GOOD)
    report = company.ingest()

    assert (report.files, report.unclaimed) == ([], [])


def test_files_in_hidden_folders_are_not_there_yet(company: Any) -> None:
    company.put("crm/.sync/sales.csv", GOOD)

    assert company.ingest().unclaimed == []


def test_only_the_named_systems_are_read(company: Any, declared_table: Callable[..., dict[str, Any]]) -> None:
    company.declare("hr", declared_table("staff", {"employee_id": "text!"}))
    company.put("crm/sales.csv", GOOD)
    company.put("hr/staff.csv", "employee_id\ne1\n")

    assert [file.file for file in company.ingest("hr").files] == ["hr/staff.csv"]
    assert [file.file for file in company.ingest().files] == ["crm/sales.csv", "hr/staff.csv"]


def test_a_file_that_two_entities_read_is_loaded_into_both(
    company: Any, declared_table: Callable[..., dict[str, Any]]
) -> None:
    layout = {"name": "mixed", "files": "crm/mixed*", "format": "csv"}
    company.declare(
        "crm",
        declared_table("buyers", {"buyer_id": "text!"}, layouts=[{**layout, "columns": {"buyer_id": "buyer"}}]),
        declared_table("goods", {"good_id": "text!"}, layouts=[{**layout, "columns": {"good_id": "good"}}]),
    )
    company.put("crm/mixed.csv", "buyer,good\nb1,g1\n")
    company.ingest()

    assert company.query("select buyer_id, good_id from raw.buyers, raw.goods") == [("b1", "g1")]


# --- what stops the ingest as a whole, in sentences ---


def test_an_unknown_system_is_a_usage_error_that_names_the_known_ones(company: Any) -> None:
    with pytest.raises(ConfigurationError, match="Unknown system erp; the systems are analytics, crm, hr"):
        company.ingest("erp")


def test_a_missing_exports_folder_is_a_usage_error_that_names_the_setting(new_company: Callable[..., Any]) -> None:
    company = new_company()
    company.settings.exports.rmdir()

    with pytest.raises(ConfigurationError, match=r"There is no exports folder at .* or set KPI_EXPORTS"):
        company.ingest()


def test_a_second_writer_waits_and_then_gives_up_with_a_sentence(company: Any) -> None:
    with (
        locked(company.settings),
        pytest.raises(PipelineError, match=r"Another run has been writing to .* for more than 0 seconds"),
        locked(company.settings, timeout=0.1),
    ):
        pytest.fail("the lock was given twice")


def test_a_warehouse_that_is_none_is_a_sentence(company: Any) -> None:
    company.settings.home.mkdir(parents=True)
    company.settings.warehouse.write_text("not a database", encoding="utf-8")

    with pytest.raises(PipelineError, match=r"The warehouse .* cannot be opened"):
        ingest(company.settings)


def test_reading_a_warehouse_that_is_not_there_says_what_to_run(company: Any) -> None:
    with (
        pytest.raises(PipelineError, match=r"There is no warehouse at .* Run `kpi run` first"),
        connect(company.settings, read_only=True),
    ):
        pytest.fail("there is nothing to open")


def test_a_night_that_is_killed_in_a_file_leaves_nothing_of_it(company: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    company.put("crm/sales.csv", GOOD)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kpi_pipeline.ingest.load.write_load", killed)
    with pytest.raises(KeyboardInterrupt):
        company.ingest()
    monkeypatch.undo()

    with duckdb.connect(str(company.settings.warehouse)) as connection:
        assert connection.execute("select count(*) from raw.sales").fetchall() == [(0,)]
    assert [file.status for file in company.ingest().files] == ["loaded"]
