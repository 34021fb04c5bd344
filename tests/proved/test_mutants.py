"""Of every mutant check_path.py, the native program and the script say the same, word for word."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import asdict
from typing import Any

import pytest

from proofs_checks import check_path
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


@needs_tools
@needs_node
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_100_000_mutants_by_both(many_checker: str, seed: int) -> None:
    documents = texts(5000, seed)
    found = by_script(documents)
    require_agreement(documents, found)
    assert by_program(many_checker, documents) == found
