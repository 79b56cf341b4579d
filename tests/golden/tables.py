"""Writes tables.parquet, tables.xlsx and tables.json, which says what they hold, and many_rows.parquet,
a hundred million rows of nothing in a small file.

    python -m pip install pyarrow==26.0.1 openpyxl==3.1.5 && python tests/golden/tables.py
"""

import datetime
import decimal
import json
import pathlib

import openpyxl
import pyarrow
import pyarrow.parquet

FOLDER = pathlib.Path(__file__).parent
ROWS = 4
DAY = datetime.date(2015, 1, 31)
NOON = datetime.datetime(2015, 1, 31, 12, 0, 1, 500_000)

COLUMNS = {
    "int64": (pyarrow.int64(), [1, None, -3, 2**40]),
    "int8": (pyarrow.int8(), [1, -128, 127, None]),
    "uint16": (pyarrow.uint16(), [0, 1, 65535, None]),
    "double": (pyarrow.float64(), [0.1, float("nan"), None, 1e300]),
    "float": (pyarrow.float32(), [0.5, 1.25, None, -2.0]),
    "bool": (pyarrow.bool_(), [True, False, None, True]),
    "decimal": (pyarrow.decimal128(10, 2), [decimal.Decimal("12.34"), None, decimal.Decimal("-0.05"), decimal.Decimal("99999999.99")]),
    "text": (pyarrow.string(), ["M", "12", None, "Grüße, \"Welt\""]),
    "large text": (pyarrow.large_string(), ["a", "b", "a", None]),
    "category": (pyarrow.dictionary(pyarrow.int8(), pyarrow.string()), ["L", "M", None, "L"]),
    "date": (pyarrow.date32(), [DAY, None, datetime.date(1969, 12, 31), DAY]),
    "time_s": (pyarrow.timestamp("s"), [NOON.replace(microsecond=0), None, None, NOON.replace(microsecond=0)]),
    "time_ns": (pyarrow.timestamp("ns"), [NOON, None, datetime.datetime(1969, 12, 31, 23, 59, 59, 999_000), NOON]),
    "berlin": (pyarrow.timestamp("us", tz="Europe/Berlin"), [NOON, None, NOON, NOON]),
    "nothing": (pyarrow.null(), [None] * ROWS),
    "lists": (pyarrow.list_(pyarrow.int64()), [[1], [], None, [2, 3]]),
    "bytes": (pyarrow.binary(), [b"a", b"b", None, b"c"]),
}

# As CSV has them: the fewest digits, ISO 8601, nothing where missing.
WANTED = {
    "int64": ["1", "", "-3", "1099511627776"],
    "int8": ["1", "-128", "127", ""],
    "uint16": ["0", "1", "65535", ""],
    "double": ["0.1", "", "", "1e300"],
    "float": ["0.5", "1.25", "", "-2"],
    "bool": ["1", "0", "", "1"],
    "decimal": ["12.34", "", "-0.05", "99999999.99"],
    "text": ["M", "12", "", "Grüße, \"Welt\""],
    "large text": ["a", "b", "a", ""],
    "category": ["L", "M", "", "L"],
    "date": ["2015-01-31 00:00", "", "1969-12-31 00:00", "2015-01-31 00:00"],
    "time_s": ["2015-01-31 12:00:01", "", "", "2015-01-31 12:00:01"],
    "time_ns": ["2015-01-31 12:00:01.500", "", "1969-12-31 23:59:59.999", "2015-01-31 12:00:01.500"],
    "berlin": ["2015-01-31 12:00:01.500", "", "2015-01-31 12:00:01.500", "2015-01-31 12:00:01.500"],
    "nothing": [""] * ROWS,
}


def parquet():
    arrays = {name: pyarrow.array(cells, kind) for name, (kind, cells) in COLUMNS.items()}
    table = pyarrow.table(arrays)
    # Several pages, row groups and dictionaries, as large files have them.
    pyarrow.parquet.write_table(table, FOLDER / "tables.parquet", compression="snappy", row_group_size=3)
    many = pyarrow.table({"nothing": pyarrow.nulls(100_000_000)})
    pyarrow.parquet.write_table(many, FOLDER / "many_rows.parquet", row_group_size=100_000_000, max_rows_per_page=100_000_000)


def workbook():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Pumps"
    sheet.append([])
    sheet.append([None, "when", "rpm", "Type ", "on", "ratio", "note"])
    sheet.append([None, NOON.replace(microsecond=0), 1500, "M", True, 0.1, "NA"])
    sheet.append([])
    sheet.append([None, DAY, "1600.5", " L", False, "#DIV/0!", "ok"])
    sheet.append([None, None, None, "H", None, 1e-7, None])
    sheet["F5"].data_type = "e"
    other = book.create_sheet("Sheet 2")
    other.append(["a", "b"])
    other.append([1, 2])
    book.save(FOLDER / "tables.xlsx")


WORKBOOK = {
    "when": ["2015-01-31 12:00:01", "2015-01-31 00:00", ""],
    "rpm": ["1500", "1600.5", ""],
    "Type": ["M", "L", "H"],
    "on": ["1", "0", ""],
    "ratio": ["0.1", "#DIV/0!", "1e-7"],
    "note": ["", "ok", ""],
}


def main():
    parquet()
    workbook()
    versions = {"pyarrow": pyarrow.__version__, "openpyxl": openpyxl.__version__}
    golden = {"versions": versions, "parquet": WANTED, "workbook": WORKBOOK}
    text = json.dumps(golden, indent=1, ensure_ascii=False)
    (FOLDER / "tables.json").write_text(text + "\n")


main()
