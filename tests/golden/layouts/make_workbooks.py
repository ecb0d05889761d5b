"""Writes the workbooks among the given files: run it after changing a row here, and commit what it wrote.

The same rows give the same bytes: openpyxl's own dates, and those of the archive, are set to one day.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

HERE = Path(__file__).parent
WRITTEN_ON = dt.datetime(2024, 7, 1)

Cell = str | int | float | dt.datetime | None

SALES_TARGETS: list[list[Cell]] = [
    ["اهداف فروش سال ۱۴۰۳"],
    [],
    ["ردیف", "از تاریخ", "تا تاریخ", "کد کارشناس", "منطقه", "هدف (تومان)", "پیش‌بینی (تومان)"],
    [1, "۱۴۰۳/۰۱/۰۱", "۱۴۰۳/۰۱/۳۱", "کل شرکت", "-", 250_000_000, 240_000_000],
    [2, "۱۴۰۳/۰۱/۰۱", "۱۴۰۳/۰۱/۳۱", "S-01", "تهران", 150_000_000, 145_000_000.0],
    [3, "1403/1/1", "1403/1/31", "S-02", "اصفهان", "۱۰۰٬۰۰۰٬۰۰۰ تومان", None],
    [4, "۱۴۰۳/۰۲/۰۱", "۱۴۰۳/۰۲/۳۱", None, None, "280,000,000", "265,000,000"],
    [5, "۱۴۰۳/۰۳/۰۱", "۱۴۰۳/۰۳/۳۱", "S-01", "تهران", 180_000_000, 185_500_000],
    [6, "۱۴۰۳/۰۷/۰۱", "۱۴۰۳/۰۷/۳۱", "S-01", "تهران", 190_000_000, None],
    [None, "جمع کل", None, None, None, 1_150_000_000, None],
]

TARGETS: list[list[Cell]] = [
    ["اهداف فروش ۱۴۰۳"],
    [],
    ["ردیف", "از تاریخ", "تا تاریخ", "کد کارشناس", "منطقه", "هدف", "پیش‌بینی"],
    [1, "۱۴۰۳/۰۱/۰۱", "۱۴۰۳/۰۱/۳۱", "کل شرکت", "-", 25_000, 24_000],
    [2, "۱۴۰۳/۰۱/۰۱", "۱۴۰۳/۰۱/۳۱", "S-01", "تهران", 15_000.5, None],
    [3, "1403/2/1", "1403/2/31", "-", "اصفهان", "۱٬۲۰۰ $", "۱۳۰۰"],
    [4, "۱۴۰۳/۰۳/۰۱", "۱۴۰۳/۰۳/۳۱", "S-02", "تهران", "نامشخص", None],
    [None, "جمع کل", None, None, None, 41_200.5, None],
]

SPEND: list[list[Cell]] = [
    ["Marketing spend 2024"],
    [],
    ["Date", "Category", "Channel", "Campaign", "Amount", "Notes"],
    ["01/31/2024", "Salaries", "-", "-", 18_000, "two people"],
    ["02/29/2024", "Software", "n/a", None, "$199", None],
    [dt.datetime(2024, 3, 5), "Trade fair", "offline", "fair", 2_000.5, "stand"],
    ["02/30/2024", "Agency", "-", "-", 10, None],
    ["Total", None, None, None, 20_209.5, None],
]

STAFF: list[list[Cell]] = [
    ["فهرست کارکنان"],
    ["تاریخ تهیه", "۱۴۰۳/۰۴/۱۰"],
    [
        "شماره پرسنلی", "نام و نام خانوادگی", "تاریخ استخدام", "تاریخ ترک کار", "علت ترک کار", "واحد", "تیم",
        "منبع جذب", "نوع قرارداد", "حقوق پایه (تومان)",
    ],
    ["۱۰۱", "کارمند ۱۰۱", "۱۴۰۲/۰۳/۱۵", "-", "مشغول به کار", "فروش", "تلفنی", "معرفی همکاران", "تمام‌وقت", 20_000_000],
    ["۱۰۲", "کارمند ۱۰۲", "۱۳۹۹/۰۷/۰۱", "۱۴۰۳/۰۲/۳۱", "استعفا", "فروش", "حضوری", "جاب‌ویژن", "تمام وقت", 21_000_000],
    [103, "کارمند ۱۰۳", "1398/11/20", "1401/12/29", "عدم تمدید قرارداد", "پشتیبانی", None, None, "پاره وقت", 9_000_000],
    ["۱۰۴", "کارمند ۱۰۴", dt.datetime(2024, 3, 20), None, None, "فني", "محصول", "لينكدين", "پیمانکار", 30_000_000],
    ["۱۰۵", "کارمند ۱۰۵", "۱۳۷۴/۰۱/۰۱", "۱۴۰۰/۱۲/۲۹", "بازنشستگی", "مالی", None, "", "تمام‌وقت", 25_000_000],
    ["۱۰۶", "کارمند ۱۰۶", "۱۴۰۰/۰۱/۱۵", "۱۴۰۳/۰۳/۳۱", "مهاجرت", "فنی", "محصول", "معرفی همکاران", "تمام‌وقت", 27_000_000],
    ["۱۰۷", "کارمند ۱۰۷", "۱۴۰۱/۰۵/۰۱", "به‌زودی", "استعفا", "فنی", "محصول", "لینکدین", "تمام‌وقت", 26_000_000],
    ["جمع", None, None, None, None, None, None, None, None, 158_000_000],
]  # fmt: skip


def workbook(sheets: dict[str, Sequence[Sequence[Cell]]]) -> bytes:
    """A workbook with these sheets, the same bytes each time."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        sheet.sheet_view.rightToLeft = True
        for row in rows:
            sheet.append(row)
    book.properties.created = book.properties.modified = WRITTEN_ON
    written, again = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as archive, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(archive.namelist()):
            content = archive.read(name)
            if name == "docProps/core.xml":
                # saving stamps the moment of saving, whatever was set before
                begin, end = content.index(b"<dcterms:modified"), content.index(b"</dcterms:modified>")
                stamp = content.index(b">", begin) + 1
                content = content[:stamp] + f"{WRITTEN_ON.isoformat()}Z".encode() + content[end:]
            target.writestr(zipfile.ZipInfo(name, WRITTEN_ON.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return again.getvalue()


def main() -> None:
    """Write every workbook to its place."""
    given: dict[str, dict[str, Sequence[Sequence[Cell]]]] = {
        "crm/persian_sales_targets/crm/persian_sales_targets_1403.xlsx": {
            "راهنما": [["هدف‌ها به تومان است."]],
            "اهداف فروش": SALES_TARGETS,
        },
        "crm/persian_targets/crm/persian_targets_1403.xlsx": {"اهداف فروش": TARGETS},
        "crm/book_marketing_spend/crm/book_marketing_spend_2024.xlsx": {"Spend": SPEND},
        "hr/persian_staff/hr/persian_staff_2024-06-30.xlsx": {"کارکنان": STAFF},
    }
    for name, sheets in given.items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(workbook(sheets))


if __name__ == "__main__":
    main()
