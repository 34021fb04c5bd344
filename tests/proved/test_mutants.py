"""Of every mutant check_path.py, the native program and the script say the same, word for word."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import pytest

from exactsaddle import Problem, saddle_path
from proofs_checks import check_path
from tests.certificates.test_budgets import SMALL
from tests.proved.mutants import texts
from tests.proved.programs import SCRIPT, needs_node, needs_tools

IN_ONE_PROCESS = """
require(process.argv[1]);
const texts = JSON.parse(require("fs").readFileSync(0));
console.log(JSON.stringify(texts.map((text) => JSON.parse(provedCheck(text, null, "", "", "100000000000")))));
"""


def by_reference(text: str) -> dict[str, Any]:
    try:
        report = check_path.check(text)
    except check_path.Malformed as error:
        return {"verdict": "malformed", "message": " ".join(str(error).splitlines())}
    return {**asdict(report), "message": report.message}


def by_script(documents: list[str]) -> list[dict[str, Any]]:
    command = ["node", "-e", IN_ONE_PROCESS, str(SCRIPT)]
    done = subprocess.run(command, input=json.dumps(documents), capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def by_program(many_checker: str, documents: list[str]) -> list[dict[str, Any]]:
    lines = "".join(text + "\n" for text in documents)
    done = subprocess.run([many_checker], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def require_agreement(documents: list[str], found: list[dict[str, Any]]) -> Counter[str]:
    """Every report is that of check_path.py; how many of each verdict."""
    expected = [by_reference(text) for text in documents]
    for text, one, other in zip(documents, expected, found, strict=True):
        assert other == one, text
    verdicts = Counter(report["verdict"] for report in expected)
    assert verdicts.keys() == {"verified", "rejected", "malformed", "unchecked"}
    return verdicts


@needs_tools
def test_mutants_by_the_program(many_checker: str) -> None:
    documents = texts(400, 20231210)
    require_agreement(documents, by_program(many_checker, documents))


@needs_node
def test_mutants_by_the_script() -> None:
    documents = texts(400, 20231210)
    require_agreement(documents, by_script(documents))


def numerals() -> list[str]:
    """Certificates with escapes, and with a long number into which another character comes at each place."""
    long = "1234567890" * 2
    wrong = [long[:place] + character + long[place:] for place in range(18) for character in "/:.,é"]
    numbers = [*wrong, *("-" + text for text in wrong), *(f"1/{text}" for text in wrong), long, f"7/{long}"]
    documents = [SMALL | {"problem": SMALL["problem"] | {"y": [number]}} for number in numbers]
    written = json.dumps(SMALL)
    texts = [written, written.replace('"loss"', r'"l\u006fss"'), written.replace('"y"', '"\\u0079" ')]
    return [*texts, *(json.dumps(document, ensure_ascii=False) for document in documents)]


@needs_tools
@needs_node
def test_numerals_and_escapes(many_checker: str) -> None:
    documents = numerals()
    expected = [by_reference(text) for text in documents]
    assert [report["verdict"] for report in expected[:3]] == ["verified"] * 3
    assert {report["verdict"] for report in expected[3:]} == {"malformed", "rejected"}
    assert by_program(many_checker, documents) == expected
    assert by_script([text.encode().decode("latin-1") for text in documents]) == expected


def unreduced() -> list[str]:
    """Certificates with one jump time, the same of each, not in lowest terms."""
    problem = Problem([[3, 1, 2, 4], [1, 5, -1, 2], [2, 1, 7, -3], [1, 1, 1, 9]], [1, -2, 3, 5])
    document = json.loads(saddle_path(problem).certificate().to_text())
    times = [Fraction(saddle["jump_time"]) for saddle in document["saddles"]]
    assert sum(time.denominator > 1 for time in times) > 3
    found = []
    for place, time in enumerate(times):
        again = json.loads(json.dumps(document))
        again["saddles"][place]["jump_time"] = f"{3 * time.numerator}/{3 * time.denominator}"
        found.append(json.dumps(again))
    return [*found, json.dumps(document)]


@needs_tools
@needs_node
def test_jump_times_not_in_lowest_terms(many_checker: str) -> None:
    documents = unreduced()
    expected = [by_reference(text) for text in documents]
    assert [report["verdict"] for report in expected] == ["malformed"] * (len(documents) - 1) + ["verified"]
    assert by_program(many_checker, documents) == expected
    assert by_script(documents) == expected


@needs_tools
def test_an_invalid_byte_anywhere(many_checker: str) -> None:
    text = json.dumps(SMALL).encode()
    lines = b"".join(text[:place] + b"\xff" + text[place:] + b"\n" for place in range(32))
    done = subprocess.run([many_checker], input=lines, capture_output=True, check=True)
    expected = [f"not JSON in UTF-8: an invalid byte: char {place}" for place in range(32)]
    assert [json.loads(line)["message"] for line in done.stdout.splitlines()] == expected


@needs_tools
@needs_node
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_100_000_mutants_by_both(many_checker: str, seed: int) -> None:
    documents = texts(5000, seed)
    found = by_script(documents)
    require_agreement(documents, found)
    assert by_program(many_checker, documents) == found
