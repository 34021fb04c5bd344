"""Documents made to exhaust a checker are refused before they are expanded; threads share the digit limit."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from exactsaddle import Problem, saddle_path
from proofs_checks import check_lasso, check_path, check_path_interval
from proofs_checks.check_path import Malformed, unlimited_digits

SMALL: dict[str, Any] = json.loads(saddle_path(Problem([[1, 1]], [2])).certificate().to_text())
EVENTS: dict[str, Any] = json.loads(
    saddle_path(Problem([[1, 1]], [2]), arithmetic="ball").outline().to_text()
)


def problem(columns: int, **fields: Any) -> dict[str, Any]:
    plain = {"X": [["1"] * columns], "y": ["1"], "dual": ["0"] * columns}
    return {**plain, "lower": ["1"] * columns, "upper": ["1"] * columns, **fields}


def test_ones_under_a_long_denominator() -> None:
    long = problem(7_000, y=["1/1" + "0" * 50_000])
    for module, document in ((check_path, SMALL), (check_path_interval, EVENTS)):
        with pytest.raises(Malformed, match="bits over the common denominator"):
            module.check(json.dumps(document | {"problem": long}))


def test_many_columns_times_many_empty_saddles() -> None:
    saddles = [{"jump_time": "0", "beta": {}, "loss": "0"}] * 4_000
    with pytest.raises(Malformed, match=r"^saddles: 16000000 entries"):
        check_path.check(json.dumps(SMALL | {"problem": problem(4_000), "saddles": saddles}))
    lasso = {key: SMALL[key] for key in ("version", "digest")} | {
        "complete": True,
        "problem": problem(4_000),
    }
    lasso |= {"format": "exactsaddle lasso certificate", "claims": check_lasso.claims_of(True)}
    with pytest.raises(Malformed, match=r"^knots: 16000000 entries"):
        check_lasso.check(json.dumps(lasso | {"knots": [{"penalty": "0", "beta": {}}] * 4_000}))


def test_a_plain_problem_of_large_exponents() -> None:
    plain = json.dumps({"X": [["1e199998"] * 100], "y": ["1"]})
    detached = {key: value for key, value in EVENTS.items() if key != "problem"}
    with pytest.raises(Malformed, match="exponents add 19999800 digits"):
        check_path_interval.check(json.dumps(detached), plain)


def test_a_long_prime_is_beyond_the_budget() -> None:
    proof = {"unique": True, "w": ["0"], "prime": "1" + "0" * 19_998, "rows": [0]}
    claims = check_path.claims_of(True, True)
    saddles = [saddle | {"uniqueness": proof} for saddle in SMALL["saddles"]]
    report = check_path.check(json.dumps(SMALL | {"claims": claims, "saddles": saddles}), max_work=10**9)
    assert report.verdict == "unchecked"
    assert report.beyond


@pytest.mark.parametrize("module", [check_path, check_path_interval, check_lasso])
def test_want_of_memory_is_unchecked(
    module: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    def exhausted(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(check_path, "decode", exhausted)
    file = tmp_path / "certificate.json"
    file.write_text("{}")
    found = check_path.main([str(file)], module.check) if module is check_lasso else module.main([str(file)])
    assert found == 3
    assert "memory" in capsys.readouterr().out


def test_the_first_to_leave_does_not_lower_the_limit_of_another() -> None:
    before, first, second = sys.get_int_max_str_digits(), unlimited_digits(), unlimited_digits()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert sys.get_int_max_str_digits() == 0
    second.__exit__(None, None, None)
    assert sys.get_int_max_str_digits() == before
    assert check_path_interval.grammar is check_path


def test_a_dependence_of_the_leader_is_refused() -> None:
    changed = json.loads(json.dumps(EVENTS))
    changed["saddles"][0]["dependence"]["0"] = {"1": "7"}
    changed["saddles"][0]["dependence"] = dict(sorted(changed["saddles"][0]["dependence"].items()))
    with pytest.raises(Malformed, match="of column 0, the first of the hits"):
        check_path_interval.check(json.dumps(changed))


def test_strings_for_the_version_and_for_hits_are_refused() -> None:
    with pytest.raises(Malformed, match="version"):
        check_path_interval.check(json.dumps(EVENTS | {"version": "2"}))
    changed = json.loads(json.dumps(EVENTS))
    changed["saddles"][0]["hits"] = {"0": "1", "1": "1"}
    with pytest.raises(Malformed, match="hits"):
        check_path_interval.check(json.dumps(changed))


def test_a_whole_path_that_calls_itself_a_prefix_is_unchecked_by_both() -> None:
    for module, document in ((check_path, SMALL), (check_path_interval, EVENTS)):
        prefix = document | {"complete": False, "claims": [c for c in document["claims"] if c != "end"]}
        assert module.check(json.dumps(prefix)).verdict == "unchecked"
        assert "prefix" in module.check(json.dumps(prefix)).message
