"""Tables as people write them: one exact problem whatever the manner, or one message that helps."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import resource
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, RealProblem, read_problem
from exactsaddle.base import InvalidInput, UnreadableFile
from tests.support.command import run
from tests.support.tables import EXPECTED, PLAIN, TABLES, Written


def place_of(folder: Path, written: Written) -> Path:
    place = folder / f"table.{written.ending}"
    place.write_bytes(written.content)
    return place


@pytest.mark.parametrize("kind", TABLES)
def test_every_manner_of_writing_is_read_to_the_same_problem(kind: str, tmp_path: Path) -> None:
    written = TABLES[kind]
    problem = read_problem(place_of(tmp_path, written), **written.options)
    assert problem == EXPECTED
    assert problem.source == "exact"
    reading = [note for note in problem.source.reading if not note.startswith("the target is")]
    assert len(reading) == len(written.notes), reading
    for expected in written.notes:
        assert sum(re.search(expected, note) is not None for note in reading) == 1, reading


def test_names_are_those_of_the_table(tmp_path: Path) -> None:
    for kind, names in (
        ("plain", ("a", "b")),
        ("no header", ("x0", "x1")),
        ("pandas' index", ("a", "b")),
        ("numbers as names", ("7", "8")),
        ("a blank name", ("a", "x1")),
        ("columns chosen", ("a", "b")),
        ("R's row names", ("a", "b")),
    ):
        problem = read_problem(place_of(tmp_path, TABLES[kind]), **TABLES[kind].options)
        assert problem.names == names, kind


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "text": (
        "a,firm,y\n1,IBM,2\n2,GM,3\n3,GM,3\n",
        {},
        r"line 2, column 'firm': 'IBM' is text, not a number: --drop firm, or --categories one-hot$",
    ),
    "nothing but labels": (
        "day,y\nMo,1\nTu,2\nWe,1\n",
        {},
        r"column 'day': 'Mo' is text, not a number: --categories one-hot$",
    ),
    "labels of rows": (
        "state,a,y\nTX,1,2\nNY,2,3\nOH,1,1\n",
        {},
        r"column 'state': 'TX' is text, not a number: --drop state$",
    ),
    "several texts": (
        "p,q r,a,y\nu,v,1,2\nu,w,2,3\nu,w,2,3\n",
        {},
        r"--drop 'p,q r', or --categories one-hot$",
    ),
    "a slip": (
        "a,b,y\n1,1,2\n2x,2,3\n4,3,5\n",
        {},
        r"line 3, column 'a': '2x' is not a rational number.*: --drop a$",
    ),
    "a slip in the only column": (
        "a,y\n1,2\n2x,3\n4,5\n",
        {},
        r"line 3, column 'a': '2x' is not a rational number.*: 'x' is not expected there$",
    ),
    "numbers as Python shows them": (
        "a,b,y\n1,np.float64(0.5),2\n2,np.float64(1.5),3\n",
        {},
        r"'np.float64\(0.5\)' is how Python shows a number of np.float64: write str\(\) .*, or --drop b$",
    ),
    "nothing but numbers as Python shows them": (
        "a,b,y\nnp.float64(0.5),np.float64(1.5),2\n",
        {},
        r"'np.float64\(0.5\)' is how Python shows a number of np.float64: write str\(\) of it, not repr\(\)$",
    ),
    "a word among numbers": (
        "a,b,y\n1,1,2\nlow,1,3\n",
        {},
        r"line 3, column 'a': 'low' is text among numbers: --drop a$",
    ),
    "text as target": (
        "a,kind\n1,low\n2,high\n",
        {},
        r"line 2, column 'kind': the target: 'low' is text, not a number: --target NAME names another",
    ),
    "text as weights": (
        "a,w,y\n1,low,1\n2,high,2\n",
        {"weights": "w"},
        r"the weights: 'low'.*--weights NAME names another",
    ),
    "decimal comma": (
        "a;y\n1,5;2\n2;3\n",
        {},
        r"line 2, column 'a': '1,5' is not a rational.*: --decimal ,, or --drop a$",
    ),
    "decimal commas, which part regular lines too": (
        "1,5;2,5;3\n2,5;3,5;4\n",
        {},
        r"line 1, column 'x0': '1,5' is not a rational.*: --decimal ,, or --drop x0",
    ),
    "thousands": ('a;y\n"1,234";2\n2;3\n', {}, r": --decimal ,, or --thousands ,, or --drop a$"),
    "thousands and decimals": ("a;y\n1.234,5;2\n2;3\n", {}, r": --thousands . --decimal ,, or --drop a$"),
    "thousands with spaces": ("a;y\n1 234;2\n2;3\n", {}, r": --thousands ' ', or --drop a$"),
    "per cent": ("a,y\n5%,2\n2,3\n", {}, r": --percent, or --drop a$"),
    "wrong groups": (
        "a;y\n12,34;2\n",
        {"thousands": ","},
        r"'12,34' is not a number: ',' parts no groups of three digits",
    ),
    "a point beside commas": (
        "a;y\n1.5;2\n",
        {"decimal": ","},
        r"'1.5' is not a number whose decimal sign is ','",
    ),
    "empty": (
        "a,b,y\n1,,2\n2,1,3\n2,,3\n",
        {},
        r"'b': empty; column 'b' holds few values, or none: --drop b, or --missing drop leaves out 2 such",
    ),
    "NA": (
        "a,b,y\n1,NA,2\n2,1,3\n2,4,3\n",
        {},
        r"line 2, column 'b': 'NA' is no value: --missing drop leaves out 1 such row of 3, or --drop b$",
    ),
    "a target with gaps": (
        "a,b,y\n1,1,2\n2,1,\n2,4,3\n",
        {},
        r"line 3, column 'y': empty: --missing drop leaves out 1 such row of 3$",
    ),
    "all rows missing": (
        "a,b,y\n1,,2\n,1,3\n",
        {"missing": "drop"},
        r"every row has a missing value.*--drop a,b$",
    ),
    "a column of nothing": (
        "a,b,y\n1,,2\n2,,3\n",
        {"missing": "drop"},
        r"column 'b' holds few values, or none: --drop b$",
    ),
    "two headers": (
        "a,b,y\ncm,kg,s\n1,2,3\n4,5,6\n",
        {},
        r"line 2: 'cm, kg, s' looks like a second header: --skip-lines 1 .* a # before the line",
    ),
    "ragged": (
        "a,b,y\n1,2,3\n1,2\n4,5,6\n",
        {},
        r"line 3: 2 entries, not 3: a # before the line makes it a comment, --delimiter",
    ),
    "ragged at the start": (
        "1,2\n1,2,3\n4,5,6\n",
        {},
        r"line 1: 2 entries, not 3: --skip-lines 1 begins the table below it",
    ),
    "a name used twice": (
        "a,b,a,y\n1,2,3,4\n",
        {},
        r"named 'a': the second one, column 2, is 'a\.1': --drop a\.1, or --columns a,a\.1 and others$",
    ),
    "many categories": (
        "k,a,y\n" + "".join(f"w{i // 2},1,{i}\n" for i in range(2002)),
        {"categories": "one-hot"},
        r"column 'k': more than 1,000 categories, the budget for one column: --drop k$",
    ),
    "many columns of categories": (
        "k,a,y\n" + "".join(f"w{i % 90},1,{i}\n" for i in range(45_000)),
        {"categories": "one-hot"},
        r"more than 4,000,000 entries with its categories: --drop k$",
    ),
    "mixed categories": (
        "k,a,y\nu,1,1\n2,2,2\n",
        {"categories": "one-hot"},
        r"column 'k': 'u' is text among numbers: --drop k$",
    ),
    "no such column": ("a,y\n1,2\n", {"drop": ["b"]}, r"no column 'b'; columns: a, y$"),
    "target dropped": (
        "a,b,y\n1,2,3\n",
        {"drop": ["y"], "target": "y"},
        r"column 'y': cannot be both target and dropped",
    ),
    "taken and dropped": (
        "a,b,y\n1,2,3\n",
        {"drop": ["a"], "columns": ["a", "b"]},
        r"column 'a': cannot be both taken and dropped",
    ),
    "one column": (
        "y\n1\n2\n",
        {},
        r"one column only: a target and at least one feature are needed; --delimiter ';' if",
    ),
    "a strange delimiter": ("a,y\n1,2\n", {"delimiter": "ab"}, r"--delimiter 'ab' is not one sign"),
    "no such encoding": ("a,y\n1,2\n", {"encoding": "utf-99"}, r"no encoding is called 'utf-99'"),
    "other encoding": ("a,y\nä,2\n", {"encoding": "ascii"}, r"not ASCII text .*: --encoding names another"),
    "a strange decimal sign": ("a,y\n1,2\n", {"decimal": ";"}, r"--decimal ';' is neither \. nor ,"),
    "a strange separator": ("a,y\n1,2\n", {"thousands": "."}, r"--thousands '\.' is not one sign"),
    "a sheet of text": ("a,y\n1,2\n", {"sheet": "one"}, r"--sheet does not apply to \.csv files"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refusal_names_the_place_and_the_option_that_helps(kind: str, tmp_path: Path) -> None:
    content, options, message = REFUSED[kind]
    place = place_of(tmp_path, Written("csv", content.encode()))
    with pytest.raises(InvalidInput) as refused:
        read_problem(place, **options)
    assert re.search(message, str(refused.value)), str(refused.value)
    assert len(str(refused.value)) < 600


def test_categories_are_exact_columns_of_0_and_1(tmp_path: Path) -> None:
    place = tmp_path / "firms.csv"
    place.write_text("size,firm,y\n0.5,GM,2\n2,IBM,3\n3,E,5\n4,GM,1\n", encoding="utf-8")
    problem = read_problem(place, categories="one-hot")
    assert problem.names == ("size", "firm=E", "firm=GM", "firm=IBM")
    half = Fraction(1, 2)
    assert problem.X == ((half, 0, 1, 0), (2, 0, 0, 1), (3, 1, 0, 0), (4, 0, 1, 0))
    first = read_problem(place, categories="one-hot", drop_first=True)
    assert (first.names, first.X[2]) == (("size", "firm=GM", "firm=IBM"), (3, 0, 0))
    assert (
        "column 'firm' became 2 of 0 and 1, firm=…: 'GM', 'IBM', 'E' where all are 0" in first.source.reading
    )
    chosen = read_problem(place, columns=["firm", "size"], categories="one-hot")
    assert chosen.names == ("firm=E", "firm=GM", "firm=IBM", "size")


def test_a_letter_that_is_a_constant_is_one_only_among_numbers(tmp_path: Path) -> None:
    place = tmp_path / "e.csv"
    place.write_text("a,y\nE,1\n2,2\n")
    assert isinstance(read_problem(place), RealProblem)
    place.write_text("k,a,y\nE,1,1\nB,2,2\nB,2,2\n")
    assert read_problem(place, categories="one-hot").names == ("k=B", "k=E", "a")


def test_expressions_and_decimal_commas_go_together(tmp_path: Path) -> None:
    place = tmp_path / "e.csv"
    place.write_text("a;y\nsqrt(2);1,5\n1;2\n")
    problem = read_problem(place, decimal=",")
    assert isinstance(problem, RealProblem)
    assert str(problem.entries[0][0]) == "sqrt(2)"
    assert problem.targets[0] == Fraction(3, 2)


def test_numbers_as_names_are_data_unless_said(tmp_path: Path) -> None:
    place = tmp_path / "years.csv"
    place.write_text("1990,1991,1992\n1,2,3\n4,5,6\n")
    problem = read_problem(place)
    assert problem.n == 3
    assert "no header: line 1 is data (--header: it holds names)" in problem.source.reading
    named = read_problem(place, header=True)
    assert (named.n, named.names) == (2, ("1990", "1991"))
    said = read_problem(place, header=False).source.reading
    assert said == ("the target is 'x2', the last column (--target NAME)",)
    place.write_text("country,1990,1991,1992\nA,1,2,3\nB,4,5,6\n")
    assert read_problem(place, drop=["country"]).names == ("1990", "1991")


def test_an_index_is_left_out_unless_asked_for(tmp_path: Path) -> None:
    place = tmp_path / "frame.csv"
    place.write_text(",a,y\n10,1,2\n20,3,5\n")
    assert read_problem(place).names == ("a",)
    assert read_problem(place, columns=["index", "a"]).X == ((10, 1), (20, 3))
    assert read_problem(place, target="index").y == (10, 20)


def test_the_default_target_is_the_last_column_that_is_left(tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    place.write_text("a,b,c\n1,2,3\n4,5,7\n")
    assert read_problem(place, drop=["c"]).y == (2, 5)
    assert read_problem(place, columns=["b"]).y == (3, 7)
    assert read_problem(place, columns=["b", "c"]).names == ("b",)
    assert read_problem(place, columns=["a"], target="b").names == ("a",)
    assert "the target is 'b'" in read_problem(place, weights="c").source.reading[0]


def test_what_was_read_stays_with_the_problem(tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    place.write_text("a;y\n1;2\n;3\n2;5\n")
    problem = read_problem(place, missing="drop", center=True)
    for other in (problem.replace(upper=2), problem.standardized(), problem.centered()):
        assert other.source.reading == problem.source.reading != ()
    assert problem == read_problem(place, missing="drop", center=True, delimiter=";")


def test_bombs_are_refused_in_little_memory(tmp_path: Path) -> None:
    place = tmp_path / "bomb.csv.gz"
    with gzip.open(place, "wb", compresslevel=1) as stream:
        for _ in range(70):
            stream.write(b"1," * (1 << 19))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnreadableFile, match="more than 67,108,864 bytes unpacked"):
        read_problem(place)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024  # KiB
    place.write_bytes(gzip.compress(PLAIN.encode())[:-9])
    with pytest.raises(UnreadableFile, match="not a readable gzip file"):
        read_problem(place)


def test_npz_files_with_other_names_say_which_is_which(tmp_path: Path) -> None:
    X, y = np.arange(6.0).reshape(3, 2), np.arange(3.0)
    np.savez(tmp_path / "d.npz", data=X, target=y, feature_names=["p", "q"])
    with pytest.raises(UnreadableFile, match=r"by their shapes: --arrays X=data,y=target$"):
        read_problem(tmp_path / "d.npz")
    np.savez(tmp_path / "e.npz", train=X, t1=y, t2=y, test=X[:2], t3=y[:2])
    choices = " or ".join(
        f"--arrays X={x},y={t}" for x, t in (("train", "t1"), ("train", "t2"), ("test", "t3"))
    )
    with pytest.raises(UnreadableFile, match=rf"by their shapes: {choices}$"):
        read_problem(tmp_path / "e.npz")
    np.savez(tmp_path / "f.npz", **{f"m{i}": X for i in range(3)}, **{f"v{i}": y for i in range(3)})
    with pytest.raises(UnreadableFile, match=r"X=m1,y=v2 or 3 more$"):
        read_problem(tmp_path / "f.npz")
    problem = read_problem(tmp_path / "d.npz", arrays={"X": "data", "y": "target"})
    assert problem == Problem(X, y)
    assert problem.source.reading == ("arrays left out: feature_names",)
    names = {"X": "data", "y": "target", "names": "feature_names"}
    assert read_problem(tmp_path / "d.npz", arrays=names).names == ("p", "q")
    with pytest.raises(UnreadableFile, match="no array 'dat'; there are: data"):
        read_problem(tmp_path / "d.npz", arrays={"X": "dat"})
    with pytest.raises(UnreadableFile, match="the fields of a problem are X, y"):
        read_problem(tmp_path / "d.npz", arrays={"Z": "data"})


def test_commands_take_the_options_and_say_what_was_guessed_once(tmp_path: Path) -> None:
    place = tmp_path / "mess.csv"
    place.write_text('title\n"the key";b,5;y\n1,5;u;2\n3;v;4\n;u;1\n4;u;7\n')
    options = ["--decimal", ",", "--missing", "drop", "--categories", "one-hot", "--drop-first"]
    for command in (["path"], ["resolve"]):
        done = run(*command, place, *options)
        assert done.stdout.count("parted by semicolons") == 0
        for said in (
            "parted by semicolons",
            "preamble line",
            "1 of 4 rows left out",
            "'b,5' became",
            "'y', the last",
        ):
            assert done.stderr.count(said) == 1, done.stderr
    done = run("path", place, *options, "--json", "--drop", '"b,5"')
    assert done.stdout.startswith("{")
    problem = json.loads(done.stdout)["problem"]
    assert problem["names"] == ["the key"]
    assert any("1 of 4 rows left out" in sentence for sentence in problem["reading"])
    done = run("path", place)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "--missing drop" in done.stderr
    assert run("path", place, "--arrays", "X").returncode == 2


def test_a_report_repeats_how_the_data_were_read(tmp_path: Path) -> None:
    place = tmp_path / "mess.csv"
    place.write_text("a;b;y\n1;2;2\n3;4;4\n;1;1\n4;0;7\n")
    done = run("report", place, "--missing", "drop", "--no-flow", "--format", "md,json", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "report.md").read_text()
    assert "1 of 4 rows left out, as a value is missing in them: line 4" in page
    assert "cells are parted by semicolons" in page
    assert "exactsaddle report mess.csv --missing drop --no-flow" in page


DIALECTS = st.sampled_from([(",", "."), (";", "."), (";", ","), ("\t", "."), ("|", ",")])
NUMBERS = st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 6))
NAMES = st.text("abcdefghÄß,;'\" .", min_size=1, max_size=8).filter(lambda name: name.strip(" '\"") == name)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_written_table_reads_back_exactly_in_every_dialect(data: st.DataObject) -> None:
    delimiter, decimal = data.draw(DIALECTS)
    d = data.draw(st.integers(2, 5))
    names = data.draw(st.lists(NAMES, min_size=d, max_size=d, unique=True))
    rows = data.draw(st.lists(st.lists(NUMBERS, min_size=d, max_size=d), min_size=1, max_size=6))
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    ends = data.draw(st.sampled_from(["\n", "\r\n"]))
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=delimiter, quoting=quoting, lineterminator=ends)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_decimal(digits, places, decimal) for digits, places in row])
    packed = data.draw(st.booleans())
    content = sink.getvalue().encode(encoding)
    with _temporary("csv.gz" if packed else "csv", gzip.compress(content) if packed else content) as place:
        problem = read_problem(place, decimal=decimal)
    exact = [[Fraction(digits, 10**places) for digits, places in row] for row in rows]
    assert problem.X == tuple(tuple(row[:-1]) for row in exact)
    assert problem.y == tuple(row[-1] for row in exact)
    assert problem.names == tuple(names[:-1])


def _decimal(digits: int, places: int, sign: str) -> str:
    text = str(abs(digits)).rjust(places + 1, "0")
    whole = text if not places else f"{text[:-places]}{sign}{text[-places:]}"
    return f"-{whole}" if digits < 0 else whole


class _temporary:  # noqa: N801 (reads as a statement)
    """A file for one example: Hypothesis refuses fixtures that live longer."""

    def __init__(self, ending: str, content: bytes) -> None:
        import tempfile

        self._folder = tempfile.TemporaryDirectory()
        self._place = Path(self._folder.name) / f"t.{ending}"
        self._place.write_bytes(content)

    def __enter__(self) -> Path:
        return self._place

    def __exit__(self, *_error: object) -> None:
        self._folder.cleanup()
