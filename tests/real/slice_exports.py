"""Cut the exports under `tests/real/` out of the public data sets they come from.

    python tests/real/slice_exports.py --from DIR [--to tests/real]

`exports/` is one company; each folder of `other_companies/` is a company of its own. DIR holds the originals, one
folder per data set, as their packages and repositories ship them:

    cdnow/                  CDNOW_master.txt
    complete_journey/       transactions, products, demographics, campaign_descriptions (.parquet)
    ga4_like_events_rete/   ecom.csv.gz
    hr_ibm/                 emp_attrition.csv
    telco_churn/            Telco-Customer-Churn.csv

The repository ships the result, so this is needed only to change a slice. The same originals and the same DuckDB give
the same bytes: rows are ordered, one thread writes, gzip carries no time, every choice is an md5 or a seeded draw.
What was changed, what is made up and under which licence each file stands is told in `exports/NOTICE.md` and
`other_companies/NOTICE.md`.
"""

import csv
import gzip
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated

import duckdb
import typer

HERE = Path(__file__).parent

ORIGINALS = {
    "events": "ga4_like_events_rete/ecom.csv.gz",
    "transactions": "complete_journey/transactions.parquet",
    "products": "complete_journey/products.parquet",
    "demographics": "complete_journey/demographics.parquet",
    "campaign_descriptions": "complete_journey/campaign_descriptions.parquet",
    "telco": "telco_churn/Telco-Customer-Churn.csv",
    "cdnow": "cdnow/CDNOW_master.txt",
    "staff": "hr_ibm/emp_attrition.csv",
}

# The first eight hex digits of an md5 as a number: the same in every version of DuckDB, which its own hash() is not.
MD5_NUMBER = "create macro md5_as_number(key) as ('0x' || substr(md5(key), 1, 8))::bigint"

# sales_value has two decimals but is stored as DOUBLE: cast before the sum, so that the sum is exact.
# The shop closes its books on the year: what the clock stamped in January 2018 stands in the file of December.
BASKETS = """
create table baskets as

select
    basket_id,
    household_id,
    store_id,
    transaction_timestamp,
    sum(sales_value::decimal(18, 2))::decimal(18, 2) as sales_value,
    least(month(transaction_timestamp) + 12 * (year(transaction_timestamp) - 2017), 12) as file_month

from transactions

group by all
"""

BASKETS_OF_MONTH = """
select
    basket_id,
    household_id,
    store_id,
    transaction_timestamp,
    sales_value

from baskets

where file_month = {month}

order by transaction_timestamp, basket_id
"""

DECEMBER_LINES = """
create table december_lines as

select
    transactions.basket_id,
    transactions.product_id,
    transactions.quantity,
    transactions.sales_value::decimal(18, 2) as sales_value,
    products.product_category

from transactions
left join products on transactions.product_id = products.product_id

where year(transactions.transaction_timestamp) = 2017
  and month(transactions.transaction_timestamp) = 12
  -- petrol is counted in thousandths of a gallon: beside units of goods it is no quantity
  and coalesce(products.product_type, '') not like 'GASOLINE%'
"""

LINES_OF_DECEMBER = "select * from december_lines order by basket_id, product_id"

RETURNED_LINES = """
with candidates as (

    select
        *,
        basket_id || ':' || product_id as line_key

    from december_lines

    where quantity between 1 and 10

),

returned as (

    select *
    from candidates
    order by md5(line_key)
    limit 60

)

select
    basket_id,
    product_id,
    quantity,
    sales_value,
    product_category,
    1 + md5_as_number(line_key) % quantity as units_returned

from returned

order by basket_id, product_id
"""

HOUSEHOLDS = """
select
    households.household_id,
    demographics.household_comp

from (select distinct household_id from transactions) as households
left join demographics on households.household_id = demographics.household_id

order by households.household_id
"""

CAMPAIGNS = """
select
    campaign_id,
    campaign_type,
    start_date::date as start_date,
    end_date::date as end_date

from campaign_descriptions

order by campaign_id
"""

# The data has no dates. Dated so that everybody is a customer on 2024-05-31 and the churned leave within June 2024.
SUBSCRIPTIONS = """
select
    customerID,
    Contract,
    MonthlyCharges,
    (date '2024-06-01' - to_months(greatest(tenure::integer, 1)))::date as started_on,
    case when Churn = 'Yes' then date '2024-06-02' + (md5_as_number(customerID) % 29)::integer end as ended_on

from telco

order by customerID
"""

# A purchase has no number in the original: numbered per customer, by date, then by what was bought. Paid as listed.
CDNOW_ORDERS = """
with fields as (

    -- columns of fixed width under a header; an amount of less than ten dollars has one space more before it
    select string_split_regex(trim(line), '\\s+') as field
    from cdnow

),

purchases as (

    select
        field[1] as customer_id,
        strptime(field[2], '%Y%m%d')::date as ordered_at,
        field[3]::integer as number_of_cds,
        field[4]::decimal(18, 2) as revenue

    from fields

)

select
    customer_id
        || '-' || row_number() over (partition by customer_id order by ordered_at, number_of_cds, revenue) as order_id,
    customer_id,
    ordered_at,
    'completed' as status,
    revenue

from purchases

order by customer_id, ordered_at, number_of_cds, revenue
"""

# The data has no dates. Dated so that everybody is employed on 2022-12-31, since as many whole years as the data says,
# and who left has a last day in 2023: the last of January the first of them, of February the second, and so on around.
IBM_STAFF = """
with numbered as (

    select
        *,
        row_number() over (partition by Attrition order by EmployeeNumber::integer) - 1 as leaver
    from staff

)

select
    EmployeeNumber as employee_id,
    (date '2022-12-31' - to_years(YearsAtCompany::integer))::date as hired_on,
    case when Attrition = 'Yes' then last_day(date '2023-01-01' + to_months((leaver % 12)::integer)) end as left_on,
    null as leaving_reason,
    Department as department,
    null as team,
    null as recruitment_source,
    null as employment_type

from numbered

order by EmployeeNumber::integer
"""

SATURDAY = 5  # as date.weekday() counts
SNAPSHOT_ON = date(2024, 6, 30)
SEED = 3590  # one that puts last days on 2023-12-31 and 2024-06-30, the edges of a period and of the snapshot
HIRES = {  # first and last possible day -> how many were hired between
    (date(2021, 1, 1), date(2021, 12, 31)): 44,
    (date(2022, 1, 1), date(2022, 12, 31)): 38,
    (date(2023, 1, 1), date(2023, 12, 31)): 38,
    (date(2024, 1, 1), date(2024, 6, 15)): 20,
}
LEAVERS = {
    (date(2022, 1, 1), date(2022, 12, 31)): 9,
    (date(2023, 1, 1), date(2023, 12, 31)): 15,
    (date(2024, 1, 1), SNAPSHOT_ON): 11,
}
DEPARTMENTS = {  # share of the hires
    "engineering": 0.32,
    "sales": 0.22,
    "customer_support": 0.20,
    "operations": 0.15,
    "marketing": 0.11,
}
TEAMS = {
    "engineering": ("platform", "product", "data"),
    "sales": ("inside_sales", "field_sales"),
    "customer_support": ("first_line", "second_line"),
    "operations": ("logistics", "finance"),
    "marketing": ("brand", "performance"),
    "legal": ("legal",),
}
LEGAL = (12, 61, 104)  # a department of three, below any sensible minimum group size; nobody of it leaves
CONTRACTORS = (9, 27, 48, 73, 90, 118)
NO_EMPLOYMENT_TYPE = (35, 82)  # an empty field, as HR tools leave it: not a contractor
SOURCES = {"job_board": 0.30, "referral": 0.25, "careers_site": 0.20, "agency": 0.15, "university": 0.10}
REASONS = {"voluntary": 0.60, "involuntary": 0.22, "retirement": 0.08, "other": 0.10}


@dataclass
class Employee:
    """One made-up employee; the fields are the canonical headers of the export, in their order."""

    employee_id: str
    hired_on: date
    left_on: date | None
    leaving_reason: str
    department: str
    team: str
    recruitment_source: str
    employment_type: str


class Draw:
    """Draws that are the same in every version of Python: of `random`, only `random()` promises that."""

    def __init__(self, seed: int) -> None:
        self._next = random.Random(seed).random

    def between(self, low: int, high: int) -> int:
        """Draw a whole number from low to high, both included."""
        return low + int(self._next() * (high - low + 1))

    def weighted(self, shares: dict[str, float]) -> str:
        """Draw a key of `shares`, as often as its share says."""
        rest = self._next() * sum(shares.values())
        for key, share in shares.items():
            rest -= share
            if rest < 0:
                return key
        return next(reversed(shares))

    def weekday(self, first: date, last: date) -> date:
        """Draw a Monday to Friday from first to last, both included."""
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        weekdays = [day for day in days if day.weekday() < SATURDAY]
        return weekdays[self.between(0, len(weekdays) - 1)]


def made_up_employees() -> list[Employee]:
    """Make up a company of 140 hires since 2021, growing, 35 of whom have left by the snapshot of 2024-06-30.

    Nobody leaves within 60 days of being hired; half of the leavers leave on a month's last day.
    """
    draw = Draw(SEED)
    hired = sorted(draw.weekday(first, last) for (first, last), count in HIRES.items() for _ in range(count))
    employees = []
    for number, hired_on in enumerate(hired, start=1):
        department = "legal" if number in LEGAL else draw.weighted(DEPARTMENTS)
        teams = TEAMS[department]
        team = teams[draw.between(0, len(teams) - 1)]
        source = draw.weighted(SOURCES)
        employment_type = draw.weighted({"full_time": 0.9, "part_time": 0.1})
        if number in CONTRACTORS:
            employment_type = "contractor"
        if number in NO_EMPLOYMENT_TYPE:
            employment_type = ""
        employees.append(Employee(f"E{number:03}", hired_on, None, "", department, team, source, employment_type))

    for (first, last), count in LEAVERS.items():
        for _ in range(count):
            left_on = draw.weekday(first, last)
            if draw.between(0, 1):
                left_on = (left_on.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            stayers = [
                employee
                for employee in employees
                if employee.left_on is None
                and employee.department != "legal"
                and employee.hired_on + timedelta(days=60) <= left_on
            ]
            leaver = stayers[draw.between(0, len(stayers) - 1)]
            leaver.left_on = left_on
            # What ends with a contractor is the contract.
            leaver.leaving_reason = "other" if leaver.employment_type == "contractor" else draw.weighted(REASONS)
    return employees


def write_employees(file: Path) -> None:
    """Write the made-up snapshot of employees as CSV."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(Employee.__dataclass_fields__)
        for employee in made_up_employees():
            writer.writerow(["" if field is None else field for field in vars(employee).values()])


def write_gzip(source: Path, file: Path) -> None:
    """Compress `source` (plain or .gz) into `file`; no name and no time in its header: same content, same bytes."""
    opened = gzip.open if source.suffix == ".gz" else Path.open
    with (
        opened(source, "rb") as readable,
        file.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=9, fileobj=raw, mtime=0) as packed,
    ):
        shutil.copyfileobj(readable, packed)


def copy_to(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the rows of `query`, in its order, as .csv, .csv.gz or .parquet, whichever `file` is called."""
    if file.suffix == ".gz":
        with tempfile.TemporaryDirectory() as folder:
            plain = Path(folder, "rows.csv")
            copy_to(connection, query, plain)
            write_gzip(plain, file)
        return
    parquet = "format parquet, compression zstd, compression_level 19"
    options = parquet if file.suffix == ".parquet" else "format csv, header"
    target = str(file).replace("'", "''")
    connection.execute(f"copy ({query}) to '{target}' ({options})")


def open_originals(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB, single-threaded, with a view per table of the originals."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(MD5_NUMBER)
    for name, path in ORIGINALS.items():
        if path.endswith(".parquet"):
            connection.read_parquet(str(folder / path)).create_view(name)
    # As text: MonthlyCharges goes out as it stands in the original.
    for name in ("telco", "staff"):
        connection.read_csv(str(folder / ORIGINALS[name]), header=True, all_varchar=True).create_view(name)
    cdnow = str(folder / ORIGINALS["cdnow"])
    lines = connection.read_csv(cdnow, header=False, skiprows=1, sep="|", names=["line"], dtype=["varchar"])
    lines.create_view("cdnow")
    return connection


def slice_exports(originals: Path, exports: Path) -> Iterator[Path]:
    """Write every export of `tests/real/exports` and give back each file as soon as it is complete.

    `originals` must hold every file of `ORIGINALS`. Files already there are overwritten; others (NOTICE.md) stay.
    """
    for system in ("analytics", "crm", "hr"):
        (exports / system).mkdir(parents=True, exist_ok=True)

    events = exports / "analytics" / "shop_events.csv.gz"
    write_gzip(originals / ORIGINALS["events"], events)
    yield events

    with open_originals(originals) as connection:
        connection.execute(BASKETS)
        connection.execute(DECEMBER_LINES)
        queries = {f"baskets_2017-{month:02}.parquet": BASKETS_OF_MONTH.format(month=month) for month in range(1, 13)}
        queries |= {
            "basket_lines_2017-12.csv.gz": LINES_OF_DECEMBER,
            "returned_lines_2018-01-15.csv": RETURNED_LINES,
            "households.csv": HOUSEHOLDS,
            "grocery_campaigns.csv": CAMPAIGNS,
            "telco_subscriptions.csv": SUBSCRIPTIONS,
        }
        for name, query in queries.items():
            file = exports / "crm" / name
            copy_to(connection, query, file)
            yield file

    employees = exports / "hr" / f"employees_{SNAPSHOT_ON}.csv"
    write_employees(employees)
    yield employees


def slice_other_companies(originals: Path, companies: Path) -> Iterator[Path]:
    """Write every export of `tests/real/other_companies`, as `slice_exports` does."""
    with open_originals(originals) as connection:
        for name, query in (
            ("cdnow/crm/orders_1998-06-30.csv.gz", CDNOW_ORDERS),
            ("ibm_staff/hr/employees_2023-12-31.csv.gz", IBM_STAFF),
        ):
            file = companies / name
            file.parent.mkdir(parents=True, exist_ok=True)
            copy_to(connection, query, file)
            yield file


def main(
    originals: Annotated[Path, typer.Option("--from", help="Folder with the original public data sets.")],
    folder: Annotated[Path, typer.Option("--to", help="Folder of exports/ and other_companies/.")] = HERE,
) -> None:
    """Cut the exports for the tests on real data out of the original public data sets."""
    missing = [path for path in ORIGINALS.values() if not (originals / path).is_file()]
    if missing:
        typer.echo(
            f"{originals} lacks {', '.join(missing)}. Each NOTICE.md says which package or repository has them.",
            err=True,
        )
        raise typer.Exit(2)
    total = 0
    exports, companies = folder / "exports", folder / "other_companies"
    for file in chain(slice_exports(originals, exports), slice_other_companies(originals, companies)):
        total += file.stat().st_size
        typer.echo(f"{file.stat().st_size:>9,}  {file.relative_to(folder)}")
    typer.echo(f"{total:>9,}  in all")


if __name__ == "__main__":
    typer.run(main)
