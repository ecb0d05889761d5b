"""Everybody is told: each file of the exports folder is loaded, known, refused, or left alone with what to do."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from company import Company, project_with
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_pipeline.contracts.lineage import Lineage
from kpi_pipeline.ingest.ingest import IngestReport, ingest
from kpi_pipeline.tell.catalogue import render_catalogue

CASES = Path(__file__).parent
NAMES = CASES / "f20_names_places_unknown_tools" / "exports"
ORDERS = "order_id,ordered_at,status,revenue\n1,2026-01-01,completed,10\n"


def told(report: IngestReport) -> dict[str, str]:
    return {alone.file: alone.reason for alone in report.left_alone}


def names_of(exports: Path) -> set[str]:
    return {path.relative_to(exports).as_posix() for path in exports.rglob("*") if path.is_file()}


def test_files_under_the_names_of_their_tools_are_each_told_with_what_to_do(tmp_path: Path) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,valid_from,rate\nEUR,2026-01-01,1.1\n", encoding="utf-8")
    company = Company.at(tmp_path, exports=NAMES, rates=rates)
    report = ingest(company.settings)
    reasons = told(report)

    [refused] = report.refused
    assert refused.file == "crm/zendesk_tickets_2026-09.csv"
    assert "the column 'Requester id' is missing; the nearest is 'Requester'" in refused.reason
    assert names_of(NAMES) == reasons.keys() | {file.file for file in report.files}
    assert reasons.keys().isdisjoint(file.file for file in report.files)
    shopify = (
        r"it has the headers of shopify_orders and shopify_order_lines: call it crm/shopify_orders_[0-9-]{10}\.csv"
    )
    layouts = {file.file: file.layout for file in report.files}
    assert layouts["crm/subscriptions.csv"] == "stripe_subscriptions"
    assert layouts["crm/orders_export_1.csv"].startswith("shopify_order")
    for name in ("orders_export_1.csv", "shopify/orders_export_1.csv"):
        assert re.search(shopify, reasons[name])
        assert "only analytics, crm, hr are read: move it to crm/" in reasons[name]
    assert (
        "it has the headers of meta_ads: export it as csv, and call it analytics/meta_ads_2026-09-02.csv"
        in reasons["analytics/meta_ads_2026-09-02.xlsx"]
    )
    for name in ("crm/customers_export.csv", "crm/woocommerce_orders.csv", "analytics/Matomo_Export.csv"):
        assert "docs/add-an-export.md says how to add its tool" in reasons[name]
    assert reasons["crm/report1693500000.xls"] == "it is a workbook of an old Excel: save it as .xlsx"
    assert company.ask_warehouse("select file, reason from raw.left_alone order by file") == sorted(reasons.items())


def test_a_table_of_rates_among_the_exports_is_no_export_if_it_is_the_one_that_is_read(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    rates = company.write("rates.csv", "currency,valid_from,rate\nEUR,2026-01-01,1.1\n")
    assert told(ingest(company.settings)) == {}

    other = rates.rename(tmp_path / "other.csv")
    company.write("rates.csv", "currency,valid_from,rate\nEUR,2026-01-01,1.2\n")
    assert told(ingest(Company.at(tmp_path, rates=other).settings)).keys() == {"rates.csv"}


@pytest.mark.parametrize(
    ("file", "layout", "as_layout_calls_it"),
    [
        ("crm/orders_export_1.csv", "shopify_orders", "crm/shopify_orders_2024-07-01.csv"),
        ("crm/orders_export.csv", "shopify_orders", "crm/shopify_orders_2024-07-01.csv"),
        ("crm/subscriptions.csv", "stripe_subscriptions", "crm/stripe_subscriptions_2024-07-01.csv"),
        ("crm/subscriptions (1).csv", "stripe_subscriptions", "crm/stripe_subscriptions_2024-07-01.csv"),
        ("hr/Jira Export Excel CSV (all fields) 20240701120000.csv", "jira_tasks", "hr/jira_issues_2024-07-01.csv"),
        ("analytics/Search keyword report.csv", "google_ads", "analytics/google_ads_2024-07-01.csv"),
    ],
)
def test_a_download_is_read_under_the_name_that_its_button_gives(
    tmp_path: Path, file: str, layout: str, as_layout_calls_it: str
) -> None:
    golden = CASES.parent / "golden" / "layouts" / as_layout_calls_it.partition("/")[0] / layout
    [given] = golden.glob("*/*.csv")
    company = Company.at(tmp_path, quarantine_max_share=0.5)
    renamed = Company.at(tmp_path / "renamed", quarantine_max_share=0.5)
    for each, name in ((company, file), (renamed, as_layout_calls_it)):
        shutil.copy(given, each.write(name, ""))
    loads, others = ({load.layout: load for load in ingest(each.settings).files} for each in (company, renamed))

    assert loads[layout].status == "loaded", loads[layout].reason
    assert loads.keys() == others.keys()
    assert {name: load.rows_loaded for name, load in loads.items()} == {
        name: load.rows_loaded for name, load in others.items()
    }


@pytest.mark.parametrize(
    ("button", "layout", "name"),
    [
        ("crm/deals-1234567-89.csv", "pipedrive_deals", "crm/pipedrive_deals_2024-07-01.csv"),
        ("crm/1719750000_tickets.csv", "freshdesk_tickets", "crm/freshdesk_tickets_2024-07-01.csv"),
        ("crm/report1719750000000.csv", "salesforce_opportunities", "crm/salesforce_opportunities.csv"),
        ("crm/export-2024-07-01-1200-123456.csv", "zendesk_tickets_csv", "crm/zendesk_tickets.csv"),
        ("crm/responses-aBcD12-01J2.csv", "typeform_nps", "crm/typeform_nps.csv"),
        ("crm/responses.csv", "hotjar_nps", "crm/hotjar_nps.csv"),
        ("hr/Employee_Report.csv", "bamboohr_employees", "hr/bamboohr_employees_2024-07-01.csv"),
        ("analytics/Untitled-report-Jun-1-2024-to-Jun-30-2024.csv", "meta_ads", "analytics/meta_ads_2024-07-01.csv"),
        ("analytics/Keywords.csv", "google_ads", "analytics/google_ads_2024-07-01.csv"),
        ("analytics/Keywords.csv", "google_ads_excel", "analytics/google_ads_excel_2024-07-01.csv"),
    ],
)
def test_a_download_whose_name_says_nothing_is_told_the_one_name_under_which_it_is_read(
    tmp_path: Path, button: str, layout: str, name: str
) -> None:
    golden = CASES.parent / "golden" / "layouts" / name.partition("/")[0] / layout
    [given] = golden.glob("*/*.csv")
    company = Company.at(tmp_path)
    path = company.write(button, "")
    shutil.copy(given, path)
    os.utime(path, (dt.datetime(2024, 7, 1, 12, tzinfo=dt.UTC).timestamp(),) * 2)
    report = ingest(company.settings)

    assert report.files == []
    reason = told(report)[button]
    assert reason.startswith(f"it has the headers of {layout}: call it {name}")
    assert reason.count("call it") == 1


def test_what_a_layout_takes_for_granted_is_said_before_somebody_takes_its_name(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    path = company.write("analytics/sc-domain_shop.example-Performance-on-Search-2024-07-01.zip", "")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Queries.csv", "Top queries,Clicks,Impressions,CTR,Position\nkaffee,10,100,10%,3.2\n")
        archive.writestr("Chart.csv", "Date,Clicks,Impressions,CTR,Position\n2024-06-30,10,100,10%,3.2\n")
    reasons = told(ingest(company.settings))

    assert reasons[f"analytics/{path.name}/Queries.csv"] == (
        "it has the headers of search_console_queries: call it analytics/search_console_queries_2024-07-01.csv (it "
        "says no dates, and all of it counts on the day in its name, so filter the report to that one day before you "
        "export it)"
    )
    assert "no layout reads it" in reasons[f"analytics/{path.name}/Chart.csv"]


def test_a_name_that_may_be_a_tools_or_ours_is_decided_by_the_headers(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    company.write("crm/orders_export_1.csv", ORDERS)
    [load] = ingest(company.settings).files

    assert (load.entity, load.layout, load.rows_loaded) == ("orders", "canonical_csv", 1)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("orders.csv", "it lies in no folder, and only analytics, crm, hr are read: move it to crm/"),
        ("CRM/orders.csv", "it lies in the folder CRM, and only analytics, crm, hr are read: move it to crm/"),
        ("crm/september/orders.csv", "call it crm/orders_"),
        ("crm/Orders.csv", "it has the headers of our own columns of orders: call it crm/orders_"),
        ("crm/sales.tab", "it has the headers of our own columns of orders: call it crm/orders_"),
    ],
)
def test_a_wrong_place_or_spelling_is_told(tmp_path: Path, file: str, words: str) -> None:
    company = Company.at(tmp_path)
    company.write(file, ORDERS)

    assert words in told(ingest(company.settings))[file]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("order_id,ordered_at,status,revenue", "loaded"),
        ("order_idd,ordered_at,status,revenue", "refused"),
        ("1,2026-01-01,completed,10", "refused"),
        ("<html><p>Signed, out</p>", "refused"),
        ("Total", "refused"),
        ("order,date,status,total", "refused"),
        ("First Name,Last Name,Email,Company", "left_alone"),
    ],
)
def test_a_file_of_ours_that_is_damaged_is_refused_and_one_that_only_bears_the_name_is_not(
    tmp_path: Path, header: str, status: str
) -> None:
    company = Company.at(tmp_path)
    company.write("crm/orders_1.csv", header + "\n1,2026-01-01,completed,10\n")
    report = ingest(company.settings)

    assert [file.status for file in report.files] + ["left_alone"] * len(report.left_alone) == [status]
    if status == "left_alone":
        assert told(report)["crm/orders_1.csv"].startswith(
            "it is called like our own orders and has no column order_id"
        )


def test_a_file_that_is_gone_or_renamed_is_told_no_more(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    gone, renamed = company.write("crm/gone.csv", "a\n"), company.write("orders.csv", ORDERS)
    before = ingest(company.settings)
    gone.unlink()
    renamed.rename(company.write("crm/x.csv", "").parent / "orders.csv")
    (company.settings.exports / "crm" / "x.csv").unlink()
    after = ingest(company.settings)

    assert told(before).keys() == {"crm/gone.csv", "orders.csv"}
    assert (told(after), [file.status for file in after.files]) == ({}, ["loaded"])
    assert company.ask_warehouse("select count(*) from raw.left_alone") == [(0,)]


PLACES = ["", "crm/", "CRM/", "hr/", "analytics/", "shop/", "crm/deep/", "crm/archive.zip/"]
FILES = ["orders_1.csv", "orders.xlsx", "employees.csv", "report.pdf", "x.xls", "leads.json", "deals.csv", "no_ending"]
CONTENTS = [b"", ORDERS.encode(), b"a,b\n1,2\n", b'{"lead_id": "1"}\n', b"\xd0\xcf\x11\xe0 old", b"\xff\xfe\x00", b"PK"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.tuples(st.sampled_from(PLACES), st.sampled_from(FILES)), st.sampled_from(CONTENTS), max_size=6)
)
def test_whatever_lies_there_is_told_once(
    tmp_path_factory: pytest.TempPathFactory, files: dict[tuple[str, str], bytes]
) -> None:
    company = Company.at(tmp_path_factory.mktemp("exports"))
    for (place, name), content in files.items():
        path = company.settings.exports / place / name
        if place.endswith(".zip/"):
            path.parent.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(path.parent, "a") as archive:
                archive.writestr(name, content)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    report = ingest(company.settings)
    loads = {file.file for file in report.files}

    assert loads | told(report).keys() == {place + name for place, name in files}
    assert loads.isdisjoint(told(report))
    assert len(told(report)) == len(report.left_alone)
    assert all(told(report).values())


# --- archives ---


def test_every_file_in_an_archive_is_a_file_of_its_own(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    company.write("crm/x", "").unlink()
    with zipfile.ZipFile(company.settings.exports / "crm" / "backup_2026-09-30.zip", "w") as archive:
        archive.writestr("shop/orders.csv", ORDERS)
        archive.writestr("shop/orders_2026-08-31.csv", ORDERS.replace("\n1,", "\n2,"))
        archive.writestr("notes.csv", "a,b\n1,2\n")
        for name in ("__MACOSX/shop/._orders.csv", "shop/.hidden.csv", "README.md", "shop/"):
            archive.writestr(name, "")
    first, again = ingest(company.settings), ingest(company.settings)

    assert [(file.file, file.status) for file in first.files] == [
        ("crm/backup_2026-09-30.zip/shop/orders.csv", "loaded"),
        ("crm/backup_2026-09-30.zip/shop/orders_2026-08-31.csv", "loaded"),
    ]
    assert told(first).keys() == {"crm/backup_2026-09-30.zip/notes.csv"} == told(again).keys()
    assert [file.status for file in again.files] == ["known", "known"]
    # a file without a day in its name has that of its archive
    assert company.ask_warehouse("select order_id, cast(_version_at as date)::text from raw.orders order by 1") == [
        ("1", "2026-09-30"), ("2", "2026-08-31"),
    ]  # fmt: skip
    assert list((company.settings.home / "scratch").iterdir()) == []


def test_a_damaged_file_in_an_archive_costs_itself_only(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    company.write("crm/x", "").unlink()
    path = company.settings.exports / "crm" / "backup.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("orders_1.csv", ORDERS)
        archive.writestr("orders_2.csv", ORDERS.replace("\n1,", "\n2,"))
    path.write_bytes(path.read_bytes().replace(b"\n2,2026", b"\n2,2025", 1))
    report = ingest(company.settings)

    assert [(file.file, file.status) for file in report.files] == [
        ("crm/backup.zip/orders_1.csv", "loaded"), ("crm/backup.zip/orders_2.csv", "refused"),
    ]  # fmt: skip
    assert "it cannot be opened: Bad CRC-32" in report.refused[0].reason


# --- rows that are left out, and rows that few files have ---


def test_of_jiras_fields_of_one_name_the_one_with_a_value_is_read(tmp_path: Path) -> None:
    company = Company.at(tmp_path, exports=CASES / "f19_jira" / "exports")
    report = ingest(company.settings)

    assert report.refused == []
    assert company.ask_warehouse(
        "select project_id, planned_start_on::text from raw.projects where _gone is not true"
    ) == [("OPS-1", "2024-01-05")]
    said = {(file.file, file.entity): file.warnings for file in report.files}
    for entity in ("projects", "tasks"):
        warnings = said["hr/jira_issues_2026-09-30.csv", entity]
        assert "10 of 10 rows left out: " in warnings
        assert "Due date is empty (10)" in warnings
    assert "Original estimate is empty (10)" in said["hr/jira_issues_2026-09-30.csv", "tasks"]


@pytest.mark.parametrize(("exports", "status", "loaded"), [("exports_g_ig2", "loaded", 18), ("exports", "refused", 0)])
def test_two_posts_without_views_refuse_no_file_of_twenty(
    tmp_path: Path, exports: str, status: str, loaded: int
) -> None:
    company = Company.at(tmp_path, exports=CASES / "f11_instagram_posts" / exports)
    [file] = ingest(company.settings).files

    assert (file.status, file.rows_loaded) == (status, loaded)
    assert file.rows_read == file.rows_loaded + file.rows_quarantined + file.rows_refused
    if status == "refused":
        assert "'1.81E+16' is no whole code: a spreadsheet or a float has rounded it" in file.reason


# --- the command line ---


def test_the_closing_line_counts_every_outcome(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    shutil.copy(CASES / "f19_jira" / "exports" / "hr" / "jira_issues_2026-09-30.csv", company.write("hr/x", "").parent)
    company.write("hr/x", "").unlink()
    company.write("crm/orders_1.csv", ORDERS)
    company.write("crm/orders_2.csv", "")
    company.write("crm/unheard_of.csv", "a,b\n1,2\n")
    told_first = company.kpi("ingest")
    told_again = company.kpi("ingest", "hr")

    assert "3 files loaded, 0 known, 1 refused, 1 left alone. 1 rows loaded" in told_first.stdout
    assert ", 0 in quarantine, 20 left out, 0 with a word that no list has." in told_first.stdout
    assert "crm/unheard_of.csv left alone: no layout reads it" in told_first.stdout
    assert (told_first.returncode, told_again.returncode) == (3, 0)


def test_the_release_and_status_tell_of_files_that_nobody_reads(tmp_path: Path) -> None:
    company = Company.at(tmp_path, project=project_with(tmp_path / "project", ["sales/successful_orders"]))
    company.write("crm/orders_1.csv", ORDERS)
    path = company.write("orders.csv", "a,b\n1,2\n")
    company.night(dt.date(2026, 1, 1))
    told_of = company.query("select subject, severity, success, observed from kpi_audits where subject like 'file:%'")
    status = company.kpi("status")
    page = render_catalogue(company.settings, Lineage({}, ()), dt.date(2026, 1, 1))
    path.unlink()
    ingest(company.settings)
    company.rebuild(dt.date(2026, 1, 2))

    [(subject, severity, success, observed)] = told_of
    assert (subject, severity, success) == ("file:orders.csv", "warning", False)
    assert observed.startswith("it lies in no folder, and only analytics, crm, hr are read")
    assert status.returncode == 0, status.stdout
    assert "Files that nobody reads: 1." in status.stdout
    assert f"orders.csv: {observed}" in status.stdout
    assert f"<code>orders.csv</code> {observed}" in page
    assert "Files that nobody reads" not in company.kpi("status").stdout


@pytest.mark.parametrize("file", [None, "orders.csv"])
def test_nothing_to_load_is_no_success(tmp_path: Path, file: str | None) -> None:
    company = Company.at(tmp_path)
    if file:
        company.write(file, ORDERS)
    done = company.kpi("ingest")

    assert done.returncode == 4, done.stdout + done.stderr
    assert "Nothing was loaded, now or before" in done.stdout
