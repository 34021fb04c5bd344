"""The same little table in every manner of writing that people use: all must be read to one exact problem."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from exactsaddle import Problem

EXPECTED = Problem(
    [["1/10", 3], ["-1/500", 4], ["2469/2", 7], ["1/100000", 0]], [5, 6, 8, 9], names=["a", "b"]
)
PLAIN = "a,b,y\n0.1,3,5\n-2e-3,4,6\n1234.5,7,8\n1e-5,0,9\n"


class Written(NamedTuple):
    """A file, the options it needs, and what must be said of it on the way."""

    ending: str
    content: bytes
    options: Mapping[str, Any] = MappingProxyType({})
    notes: tuple[str, ...] = ()


def _text(text: str, ending: str = "csv", *notes: str, **options: Any) -> Written:
    return Written(ending, text.encode(), options, notes)


def _parted(sign: str) -> str:
    return PLAIN.replace(",", sign)


def workbook(rows: list[list[Any]], **other_sheets: list[list[Any]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, content in other_sheets.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def parquet(table: Any) -> bytes:
    import pyarrow.parquet

    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink)
    return sink.getvalue()


SEMICOLONS, TABS = "parted by semicolons", "parted by tabs"
TABLES = {
    "plain": _text(PLAIN),
    "semicolons": _text(_parted(";"), "csv", SEMICOLONS),
    "tabs": _text(_parted("\t"), "tsv"),
    "tabs in csv": _text(_parted("\t"), "csv", TABS),
    "bars": _text(_parted("|"), "txt", r"parted by \|"),
    "one space": _text(_parted(" "), "txt", "parted by spaces"),
    "runs of spaces": _text(
        "   a     b  y\n 0.1     3  5\n-2e-3    4  6\n1234.5   7  8\n  1e-5   0  9  \n",
        "txt",
        "parted by spaces",
    ),
    "spaces and tabs": _text("a \t b\ty\n0.1 3\t5\n-2e-3\t 4 6\n1234.5 7 8\n1e-5 0 9\n", "csv", "spaces"),
    "delimiter given": _text(_parted(":"), "csv", delimiter=":"),
    "delimiter by name": _text(_parted(";"), "csv", delimiter="semicolon"),
    "spaces after commas": _text(PLAIN.replace(",", ", ")),
    "double quotes": _text('"a","b","y"\n"0.1","3",5\n-2e-3,"4",6\n1234.5,7,8\n1e-5,0,"9"\n'),
    "single quotes": _text(
        "'a'\t'b'\t'y'\n0.1\t3\t5\n-2e-3\t4\t6\n1234.5\t7\t8\n1e-5\t0\t9\n", "csv", "quoted by '", TABS
    ),
    "byte-order mark": Written("csv", b"\xef\xbb\xbf" + PLAIN.encode()),
    "UTF-16": Written("csv", PLAIN.encode("utf-16"), {}, ("the text is UTF-16",)),
    "UTF-16 without a mark": Written("csv", PLAIN.encode("utf-16-be"), {}, ("taken as UTF-16-BE",)),
    "UTF-32": Written("csv", PLAIN.encode("utf-32"), {}, ("the text is UTF-32",)),
    "Latin-1": Written(
        "csv",
        "größe,".encode("latin-1") + PLAIN.replace("\n", "\n1,").encode()[:-2],
        {"drop": ["größe"]},
        ("taken as latin-1",),
    ),
    "Windows-1252": Written(
        "csv", b"# \x80 5\n" + PLAIN.encode(), {}, ("taken as windows-1252", "comment line")
    ),
    "encoding given": Written("csv", PLAIN.encode("utf-16-le"), {"encoding": "utf-16-le"}),
    "gzip": Written("csv.gz", gzip.compress(PLAIN.encode())),
    "two gzip members": Written(
        "csv.gz", gzip.compress(PLAIN[:20].encode()) + gzip.compress(PLAIN[20:].encode())
    ),
    "Windows line ends": _text(PLAIN.replace("\n", "\r\n")),
    "old line ends": _text(PLAIN.replace("\n", "\r")),
    "no line end": _text(PLAIN.rstrip()),
    "blank lines at both ends": _text("\n\n" + PLAIN + "\n , ,\n\n"),
    "trailing delimiters": _text(PLAIN.replace("\n", ",\n"), "csv", "every line ends in a delimiter"),
    "trailing delimiters below": _text("a,b,y\n" + PLAIN[6:].replace("\n", ",\n"), "csv", "every line"),
    "trailing delimiter in the header": _text("a,b,y,\n" + PLAIN[6:]),
    "comments": _text(
        '# made by "someone"\n' + PLAIN.replace("1234.5", "  # half\n1234.5"),
        "csv",
        r"2 comment lines \(1, 5\)",
    ),
    "preamble": _text(
        "Measured in 1990\nby hand, twice\n\n" + PLAIN, "csv", r"2 preamble lines \(1, 2\) left out"
    ),
    "preamble given": _text("1,2\n3\n" + PLAIN, "csv", skip_lines=2),
    "footnotes": _text(PLAIN + "\nSource: us\n4 - twice\n", "csv", r"2 last lines \(7, 8\) left out"),
    "decimal comma": _text(
        "a;b;y\n0,1;3;5\n-2e-3;4;6\n1234,5;7;8\n1e-5;0;9\n", "csv", SEMICOLONS, decimal=","
    ),
    "thousands": _text(
        'a,b,y\n0.1,3,5\n-2e-3,4,6\n"1,234.5",7,8\n1e-5,0,9\n', "csv", thousands=",", delimiter=","
    ),
    "thousands, the German way": _text(
        "a;b;y\n0,1;3;5\n-2e-3;4;6\n1.234,5;7;8\n1e-5;0;9\n", "csv", SEMICOLONS, thousands=".", decimal=","
    ),
    "per cent": _text("a,b,y\n10%,3,5\n-2e-3,400 %,6\n1234.5,7,8\n.001%,0,9\n", "csv", percent=True),
    "no header": _text(PLAIN[6:], "csv", "no header: line 1 is data"),
    "no header, said": _text(PLAIN[6:], "csv", header=False),
    "numbers as names": _text("7,8,9\n" + PLAIN[6:], "csv", header=True),
    "a year as a name": _text("a,1990,y\n" + PLAIN[6:], "csv", "line 1 is taken as names"),
    "pandas' index": _text(
        ",a,b,y\n0,0.1,3,5\n1,-2e-3,4,6\n2,1234.5,7,8\n3,1e-5,0,9\n", "csv", "taken as the index of rows"
    ),
    "pandas' index and counted columns": _text(
        ",0,1,2\n0,0.1,3,5\n1,-2e-3,4,6\n2,1234.5,7,8\n3,1e-5,0,9\n", "csv", "taken as the index of rows"
    ),
    "R's row names": _text(
        '"a" "b" "y"\n"u" 0.1 3 5\n"v" -2e-3 4 6\n"w" 1234.5 7 8\n"z" 1e-5 0 9\n',
        "txt",
        "index of rows",
        "spaces",
    ),
    "columns chosen": _text(
        "z,b,y,a\n1,3,5,0.1\n1,4,6,-2e-3\n1,7,8,1234.5\n1,0,9,1e-5\n", "csv", columns=["a", "b"], target="y"
    ),
    "columns dropped": _text(
        "z,a,b,w,y\n?,0.1,3,x,5\n?,-2e-3,4,y,6\n?,1234.5,7,z,8\n?,1e-5,0,,9\n", "csv", drop=["z", 3]
    ),
    "missing rows dropped": _text(
        "a,b,y\n0.1,3,5\n,1,1\n-2e-3,4,6\n2,NA,3\n1234.5,7,8\n\n1,1,nan\n1e-5,0,9\n",
        "csv",
        "4 of 8 rows left out, as a value is missing in them: line 3, line 5, line 7, line 8",
        missing="drop",
    ),
    "a name used twice": _text(
        "a,a,b,y\n0.1,2,3,5\n-2e-3,2,4,6\n1234.5,2,7,8\n1e-5,2,0,9\n", "csv", drop=["a.1"]
    ),
    "a blank name": _text("a,,y\n" + PLAIN[6:], "csv", "column 1 has no name: called 'x1'"),
    "several lines in a cell": _text(
        'z,a,b,y\n"one\n# two",0.1,3,5\nu,-2e-3,4,6\nv,1234.5,7,8\nw,1e-5,0,9\n', "csv", drop=["z"]
    ),
}
