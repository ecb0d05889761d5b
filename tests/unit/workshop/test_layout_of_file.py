"""``kpi layout``: which layout fits a file, how its columns are read, and what a draft guesses."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from company import ROOT, Company

from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.workshop.guessing import written
from kpi_pipeline.workshop.layout_of_file import layout_of_file, lines_of, write_draft

SHOP = ROOT / "tests" / "golden" / "layouts" / "crm" / "shopify_orders" / "crm"


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company.at(tmp_path)


@pytest.mark.parametrize(
    ("values", "kind", "formats", "has_decimal_comma", "currency"),
    [
        (["2026-01-31", ""], "day", (), False, ""),
        (["2026-01-31T10:00:00Z"], "moment", (), False, ""),
        (["31.01.2026 10:00", "01.02.2026 09:00"], "moment", ("%d.%m.%Y %H:%M",), False, ""),
        (["01/02/2026", "03/04/2026"], "day", ("%d/%m/%Y", "%m/%d/%Y"), False, ""),
        (["01/02/2026", "01/31/2026"], "day", ("%m/%d/%Y",), False, ""),
        (["1405/01/31", "۱۴۰۵/۰۲/۰۱"], "day", ("jalali",), False, ""),
        (["1767225600"], "moment", ("epoch_s",), False, ""),
        (["1.234,56 €", "12,50 €"], "number", (), True, "EUR"),
        (["1,234.56", "$12.50"], "number", (), False, "USD"),
        (["۱۲٬۵۰۰ تومان"], "number", (), False, "IRT"),
        (["won", "won", "lost", "lost"], "word", (), False, ""),
        (["", " "], "nothing", (), False, ""),
    ],
)
def test_how_values_are_written_is_told_by_the_values(
    values: list[str], kind: str, formats: tuple[str, ...], has_decimal_comma: bool, currency: str
) -> None:
    found = written(values)

    assert (found.kind, found.formats, found.has_decimal_comma, found.currency) == (
        kind, formats, has_decimal_comma, currency,
    )  # fmt: skip


def test_a_file_of_a_known_tool_is_shown_as_its_layout_reads_it(company: Company) -> None:
    [file] = SHOP.iterdir()
    found = layout_of_file(company.settings, str(file))
    text = "\n".join(lines_of(found))

    assert found.draft is None
    assert found.fits[0] == "shopify_orders: 4 of 4 headers"
    assert "Read by layout shopify_orders of orders:" in text
    status = next(column for column in found.columns if column.name == "status")
    assert status.headers == "Financial Status"
    assert "paid → completed" in status.values
    assert len(status.values) <= 3


def test_a_value_that_cannot_be_read_is_shown_as_such(company: Company) -> None:
    company.write("crm/orders_1.csv", "order_id,ordered_at,status,revenue\n1,2026-01-01,Complete d,ten\n2,soon,?,1.5\n")
    found = {column.name: column for column in layout_of_file(company.settings, "crm/orders_1.csv").columns}

    assert found["ordered_at"].values == ("2026-01-01 → 2026-01-01 00:00:00", "soon → no timestamp")
    assert found["revenue"].values == ("ten → no decimal(18,4)", "1.5 → 1.5000")
    assert found["status"].values == ("Complete d → completed", "? → ? (nobody knows this word)")
    assert found["cost"].values == ()


UNKNOWN = (
    "order_number;order_status;order_date;Betrag;customer_email\n"
    "100;Completed;01.09.2026 10:00;1.234,56 €;a@example.com\n101;Shipped;02.09.2026 11:00;20,00 €;b@example.com\n"
)


def test_of_an_unknown_tool_a_draft_is_written_with_every_guess_marked(company: Company, tmp_path: Path) -> None:
    company.write("crm/shop_2026-09-30.csv", UNKNOWN)
    found = layout_of_file(company.settings, "crm/shop_2026-09-30.csv")
    assert found.draft
    write_draft(found.draft, tmp_path / "ours" / "layouts" / "shop.yml")
    [given] = yaml.safe_load((tmp_path / "ours" / "layouts" / "shop.yml").read_text(encoding="utf-8"))["layouts"]
    layout = Layout.model_validate(given)

    assert (layout.entity, layout.files, layout.decimal_mark) == ("orders", "crm/shop_{date:%Y-%m-%d}", ",")
    assert layout.columns == {
        "order_id": "order_number", "ordered_at": "order_date", "status": "order_status", "revenue": "FILL_IN",
    }  # fmt: skip
    assert layout.formats == {"ordered_at": "%d.%m.%Y %H:%M"}
    assert found.draft.open == ("revenue",)
    lines = found.draft.text.splitlines()
    guesses = [line for line in lines if ": order_" in line or ("%d.%m" in line and not line.lstrip().startswith("#"))]
    assert guesses
    assert all("# guess" in line for line in guesses)
    assert any("revenue: FILL_IN" in line and "it may be Betrag" in line for line in lines)
    assert any("#     Shipped: FILL_IN" in line for line in lines)
    assert any("#   customer_email" in line for line in lines)
    # a draft reads no file before a person has filled it in
    with pytest.raises(ConfigurationError, match="exists already"):
        write_draft(found.draft, tmp_path / "ours" / "layouts" / "shop.yml")


def test_a_draft_as_it_is_loads_nothing(company: Company, tmp_path: Path) -> None:
    company.write("crm/shop_2026-09-30.csv", UNKNOWN)
    draft = layout_of_file(company.settings, "crm/shop_2026-09-30.csv").draft
    assert draft
    write_draft(draft, tmp_path / "ours" / "layouts" / "shop.yml")
    theirs = Company.at(tmp_path, company=tmp_path / "ours")
    done = theirs.kpi("ingest", "crm")

    assert done.returncode == 3, done.stdout
    assert "the column 'FILL_IN' is missing" in done.stdout


@pytest.mark.parametrize("name", ["x.xls", "x.csv"])
def test_what_cannot_be_looked_at_is_told(company: Company, name: str) -> None:
    (company.settings.exports / name).write_bytes(b"\xd0\xcf\x11\xe0 an old Excel" if name == "x.xls" else b"")

    with pytest.raises(ConfigurationError, match=r"save it as \.xlsx|it is empty"):
        layout_of_file(company.settings, name)


def test_what_nobody_can_guess_is_asked_for(company: Company) -> None:
    company.write("crm/vorgaenge.csv", "Vorgang;Phase\n1;Neu\n")
    found = layout_of_file(company.settings, "crm/vorgaenge.csv")

    assert found.draft is None
    assert "say it with --entity, one of activities" in "\n".join(lines_of(found))
    assert layout_of_file(company.settings, "crm/vorgaenge.csv", "opportunities").draft
    with pytest.raises(ConfigurationError, match="There is no entity deals"):
        layout_of_file(company.settings, "crm/vorgaenge.csv", "deals")
