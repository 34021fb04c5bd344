"""No verdict rests on the hint of precision, and what is open is tried up to the last one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exactsaddle import Problem, saddle_path
from proofs_checks.check_path_interval import MAX_BITS, check


def events(problem: Problem) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(saddle_path(problem, arithmetic="ball").outline().to_text())
    return found


@pytest.mark.parametrize("bits", [1, 40, 100, 3000, MAX_BITS])
def test_the_hint_changes_no_verdict(bits: int) -> None:
    near_tie = Problem([[1, 0], [0, 1]], ["1", f"{10**400}/{10**400 + 1}"])
    for problem in (near_tie, Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])):
        assert check(json.dumps(events(problem) | {"bits": bits})).verdict == "verified"


def test_an_open_claim_is_tried_up_to_the_last_precision_whatever_the_hint() -> None:
    closer = Problem([[1, 0], [0, 1]], ["1", f"{2**3000}/{2**3000 + 1}"])
    for bits in (100, 2100):  # 2100 doubled is beyond the last precision
        assert check(json.dumps(events(closer) | {"bits": bits})).verdict == "verified"
    report = check(json.dumps(events(closer)), max_bits=500)
    assert (report.verdict, report.bits) == ("unchecked", 500)
