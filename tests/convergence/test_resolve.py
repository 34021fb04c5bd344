from __future__ import annotations

import json
import signal
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, ctx

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.base import Status
from exactsaddle.convergence import PlateauResolution, Resolution, resolution
from exactsaddle.convergence.hypotheses import Hypothesis
from exactsaddle.path import SaddlePath
from tests.convergence.test_expansion import DYING_HITTER, TWO_BY_THREE, ZERO_SLACK
from tests.support.command import run


def test_two_by_three_by_hand() -> None:
    # plateau 1 is [1/4, 9/16]: c_1 = 0, c_2 = ln(8/5)/8, lambda_min = 4, so l = (ln(8/5)/8 + 1/4)/(5/16).
    found = resolution(saddle_path(TWO_BY_THREE))
    assert [p.length for p in found.plateaus] == [Fraction(1, 4), Fraction(5, 16)]
    assert found.plateaus[0].log_scale == 0
    with ctx.workprec(128):
        expected = (arb(8) / 5).log() / 8 + arb(1) / 4
        assert found.plateaus[1].log_scale is not None
        assert found.plateaus[1].log_scale.overlaps(expected / (arb(5) / 16))
    assert [p.decimal_exponent for p in found.plateaus] == [0, 1]
    assert found.decimal_exponent == 1
    assert found.verdict.status is Status.VERIFIED


def test_a_short_plateau_needs_a_small_alpha() -> None:
    # X = I, y = (1, 101/100): G = I/2, r = y/2, coordinates enter at 1/r_i = 2 and 200/101. On [200/101, 2]
    # the jumps do not shift each other (c = 0) and 1/lambda = 1/(101/100 · 1/2) = 200/101, so
    # l = (200/101)/(2/101) = 100 and alpha = 1e-44.
    found = resolution(saddle_path(Problem([[1, 0], [0, 1]], [1, "101/100"])))
    assert found.plateaus[1].length == Fraction(2, 101)
    assert found.plateaus[1].log_scale is not None
    assert found.plateaus[1].log_scale.overlaps(arb(100))
    assert found.decimal_exponent == 44


def test_corrections_along_orbits_are_verified() -> None:
    found = resolution(saddle_path(DYING_HITTER))
    assert [p.enclosed for p in found.plateaus] == [False, True, True]
    assert not any(p.numerical for p in found.plateaus)
    assert found.plateaus[2].shift is not None
    assert round(float(found.plateaus[2].shift), 5) == round(-0.2158237180 + 0.5257495372, 5)  # c_3 − c_2
    assert found.decimal_exponent == 1
    assert found.verdict.status is Status.VERIFIED
    assert found.verdict.evidence == "closed forms and enclosures in rigorous balls"


def test_numerical_corrections_are_unchecked() -> None:
    found = resolution(saddle_path(Problem([[-1, 0, -1], [-2, 1, -2]], [-1, 3])))  # equal columns leave
    assert [p.numerical for p in found.plateaus] == [False, False, True]
    assert found.decimal_exponent == 1
    assert found.verdict.status is Status.UNCHECKED
    assert "numerical" in found.verdict.evidence


def test_which_plateaus_show_at_one_scale() -> None:
    found = resolution(saddle_path(load_dataset("planted")))
    assert [found.shown(alpha) for alpha in ("1e-2", "1e-16")] == [(0,), (0, 1, 2, 4)]
    assert [len(found.shown(f"1e-{m}")) for m in (31, 32)] == [4, 5]  # decimal_exponent is 32
    numerical = resolution(saddle_path(Problem([[-1, 0, -1], [-2, 1, -2]], [-1, 3])))
    assert numerical.plateaus[2].log_scale is not None
    assert numerical.shown("1e-9") == (0, 1)


def test_zero_slack_is_unchecked_by_name() -> None:
    found = resolution(saddle_path(ZERO_SLACK))
    undecided = [p for p in found.plateaus if p.log_scale is None]
    assert [p.plateau for p in undecided] == [1, 2]
    assert {f.hypothesis for p in undecided for f in p.failed} == {Hypothesis.NO_ZERO_SLACK}
    assert found.decimal_exponent is None
    assert found.verdict.status is Status.UNCHECKED


def test_a_prefix_is_unchecked() -> None:
    found = resolution(saddle_path(TWO_BY_THREE, max_saddles=2))
    assert found.verdict.status is Status.UNCHECKED
    assert "prefix" in found.verdict.evidence


def test_nothing_to_resolve_when_nothing_moves() -> None:
    found = resolution(saddle_path(Problem([[1]], [0])))
    assert found.plateaus == ()
    assert found.decimal_exponent == 0


def test_resolve_prints_and_exits(tmp_path: Any) -> None:
    place, slack = tmp_path / "problem.json", tmp_path / "slack.json"
    TWO_BY_THREE.save(place)
    ZERO_SLACK.save(slack)
    done = run("resolve", place)
    assert done.returncode == 0, done.stderr
    assert "every plateau shows for alpha ≤ 1e-1" in done.stdout
    document = json.loads(run("resolve", place, "--json").stdout)
    assert document["alpha_exponent"] == -1
    assert [p["evidence"] for p in document["plateaus"]] == ["rigorous", "rigorous"]
    done = run("resolve", slack)
    assert done.returncode == 3
    assert '"no zero slack" fails on plateau 1' in done.stdout


def test_ctrl_c_keeps_the_plateaus_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    TWO_BY_THREE.save(tmp_path / "problem.json")

    def pressed(path: SaddlePath, *, progress: Callable[[PlateauResolution], bool | None]) -> Resolution:
        def report(plateau: PlateauResolution) -> bool | None:
            signal.raise_signal(signal.SIGINT)
            return progress(plateau)

        return resolution(path, progress=report)

    monkeypatch.setattr("exactsaddle.cli.resolve.resolution", pressed)
    done = run("resolve", tmp_path / "problem.json", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 3
    assert [plateau["plateau"] for plateau in document["plateaus"]] == [0]
    assert document["alpha_exponent"] is None
    assert document["verdict"]["evidence"] == "interrupted after 1 plateau"


def test_an_answer_of_all_plateaus_is_not_interrupted() -> None:
    told: list[int] = []

    def until_the_last(plateau: PlateauResolution) -> bool:
        told.append(plateau.plateau)
        return len(told) < 2

    found = resolution(saddle_path(TWO_BY_THREE), progress=until_the_last)
    assert (found.interrupted, told) == (False, [0, 1])
    assert found.verdict.status is Status.VERIFIED
