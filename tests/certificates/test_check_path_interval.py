"""The interval checker: accepts what the solver finds, never verifies what was changed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from fractions import Fraction
from itertools import pairwise, product
from math import isqrt
from operator import mul
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from exactsaddle import Problem, SaddlePath, Status, load_dataset, saddle_path
from exactsaddle.certificates import checker_of
from proofs_checks import check_path_interval
from proofs_checks.check_path_interval import Factor, Gram, Replay, Scaled, check, grammar
from tests.support.problems import general_problems, standard_problems

Document = dict[str, Any]


def outline(problem: Problem) -> Document:
    document: Document = json.loads(saddle_path(problem, arithmetic="ball").outline().to_text())
    return document


def verdict(document: Document) -> tuple[str, str]:
    report = check(json.dumps(document))
    return report.verdict, report.message


def generic(n: int, d: int, seed: int = 0) -> Problem:
    rng = np.random.default_rng(seed)
    return Problem(rng.normal(size=(n, d)), rng.normal(size=n))


@settings(max_examples=40)
@given(standard_problems(4, 6) | general_problems())
def test_what_the_solver_finds_is_verified(problem: Problem) -> None:
    assert verdict(outline(problem))[0] == "verified"


@settings(max_examples=40)
@given(standard_problems(4, 6) | general_problems())
def test_an_outline_does_not_depend_on_the_arithmetic(problem: Problem) -> None:
    document = json.loads(saddle_path(problem, arithmetic="rational").outline().to_text())
    assert document["saddles"] == outline(problem)["saddles"]


@pytest.mark.parametrize("shape", [(6, 9), (9, 6), (5, 5), (40, 6)])
def test_generic_problems_are_verified(shape: tuple[int, int]) -> None:
    assert verdict(outline(generic(*shape)))[0] == "verified"


def test_packaged_data() -> None:
    assert saddle_path(load_dataset("diabetes")).outline().check().status is Status.VERIFIED


def change(document: Document, k: int, **fields: Any) -> Document:
    changed = deepcopy(document)
    changed["saddles"][k].update(fields)
    return changed


BASE = outline(generic(6, 9))


def hit_of(k: int) -> tuple[str, int]:
    return next(iter(BASE["saddles"][k]["hits"].items()))


def mutants() -> dict[str, Document]:
    k = 3
    support = BASE["saddles"][k]["support"]
    column, side = hit_of(k)
    known = {*support, int(column)}
    other = next(i for i in range(9) if i not in known)
    found = {
        "digest": {**BASE, "digest": "0" * 64},
        "hit on the other side": change(BASE, k, hits={column: -side}),
        "hit of another": change(BASE, k, hits={str(other): side}),
        "hit of the support": change(BASE, k, hits={str(support[0]): side}),
        "a tie that is none": change(BASE, k, hits=dict(sorted({column: side, str(other): side}.items()))),
        "no hit": change(BASE, k, hits={}),
        "support too small": change(BASE, k, support=support[1:]),
        "support too large": change(BASE, k, support=sorted([*support, other])),
        "empty support": change(BASE, k, support=[]),
        "end too early": {**BASE, "saddles": [*BASE["saddles"][:k], {"support": support, "hits": {}}]},
        "hit at the end": change(BASE, -1, hits={str(other): 1}),
        "a saddle left out": {**BASE, "saddles": BASE["saddles"][:2] + BASE["saddles"][3:]},
        "a saddle twice": {**BASE, "saddles": BASE["saddles"][:3] + BASE["saddles"][2:]},
        "wrong beta": change(BASE, k, beta={str(i): "1" for i in support}),
    }
    problem = deepcopy(BASE)
    problem["problem"]["X"][0][0] = "7"
    found["another problem"] = problem
    return found


@pytest.mark.parametrize("name", mutants())
def test_changed_outlines_are_rejected(name: str) -> None:
    assert verdict(BASE)[0] == "verified"
    assert verdict(mutants()[name])[0] == "rejected"


def test_a_prefix_is_unchecked() -> None:
    path = saddle_path(generic(6, 9), max_saddles=4, arithmetic="ball")
    found, message = verdict(json.loads(path.outline().to_text()))
    assert found == "unchecked"
    assert "4 saddles of a prefix" in message


def test_a_wrong_beta_with_the_right_support_is_rejected() -> None:
    # X = I, y = (1, 0): β_1 = (1, 0), and column 1 never moves.
    document = outline(Problem([[1, 0], [0, 1]], [1, 0]))
    assert document["saddles"][1]["beta"] == {"0": "1"}
    assert verdict(document)[0] == "verified"
    for value in ("2", "-1"):
        assert verdict(change(document, 1, beta={"0": value}))[0] == "rejected"
    del document["saddles"][1]["beta"]
    assert verdict(document) == (
        "unchecked",
        f"saddle 1: end: that g[x1] is zero, at {check(json.dumps(document)).bits} bits",
    )


def duplicates() -> Document:
    """Column 8 is twice the column that hits second, with twice its thresholds."""
    rng = np.random.default_rng(1)
    X = [[float(x) for x in row] for row in rng.normal(size=(5, 8))]
    second = next(iter(saddle_path(Problem(X, [1, 2, 3, 4, 5]))[1].hits))
    rows = [[*row, 2 * row[second]] for row in X]
    return outline(Problem(rows, [1, 2, 3, 4, 5], upper=[1] * 8 + [2], lower=[1] * 8 + [2]))


def test_a_tie_by_dependence_is_proved_and_a_false_dependence_is_not() -> None:
    document = duplicates()
    k = next(k for k, saddle in enumerate(document["saddles"]) if "dependence" in saddle)
    assert k > 0
    ((column, _),) = document["saddles"][k]["dependence"]["8"].items()
    assert document["saddles"][k]["dependence"] == {"8": {column: "2"}}
    assert verdict(document)[0] == "verified"
    for wrong in ({"8": {column: "3"}}, {"8": {column: "2", next(c for c in "01" if c != column): "1"}}):
        assert verdict(change(document, k, dependence=wrong))[0] == "rejected"
    alone = deepcopy(document)
    del alone["saddles"][k]["dependence"]
    assert verdict(alone)[0] == "unchecked"
    single = {column: document["saddles"][k]["hits"][column]}
    assert verdict(change(document, k, hits=single, dependence={}))[0] != "verified"


def test_a_tie_at_the_first_saddle_is_compared_exactly() -> None:
    document = outline(Problem([[1, 0], [0, 1]], [1, 1]))
    assert verdict(document)[0] == "verified"
    near = outline(Problem([[1, 0], [0, 1]], [1, 1 + Fraction(1, 10**300)]))
    assert verdict(near)[0] == "verified"
    near["saddles"][0]["hits"] = {"0": 1, "1": 1}
    assert verdict(near)[0] == "rejected"


def test_initial_duals_outside_the_box_are_rejected() -> None:
    document = outline(Problem([[1, 2]], [1]))
    document["problem"]["dual"][0] = "3"
    problem = grammar.read_problem(grammar.decode(json.dumps(document["problem"])), "", True)
    document["digest"] = problem.digest
    assert verdict(document) == ("rejected", "saddle 0: start: s[x0] is beyond its upper threshold")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["version"], 1),
        (["bits"], 0),
        (["bits"], "64"),
        (["claims"], []),
        (["complete"], 1),
        (["saddles"], []),
        (["saddles", 1, "support"], [9]),
        (["saddles", 1, "support"], [1, 0]),
        (["saddles", 1, "support"], ["0"]),
        (["saddles", 1, "hits"], {"0": 2}),
        (["saddles", 1, "hits"], {"x": 1}),
        (["saddles", 1, "hits"], []),
        (["saddles", 1, "beta"], {"0": "1", "2": "1"}),
        (["saddles", 1, "dependence"], {"0": {"1": "1"}}),
        (["saddles", 1, "more"], 1),
    ],
)
def test_malformed_outlines_are_refused(path: list[Any], value: Any) -> None:
    document = deepcopy(BASE)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(grammar.Malformed, match=str(path[0])):
        check(json.dumps(document))


def test_precision_may_start_low() -> None:
    low = {**BASE, "bits": 1}
    report = check(json.dumps(low))
    assert report.verdict == "verified"
    assert report.bits > 16


def test_wrong_floats_never_verify_what_is_false(monkeypatch: pytest.MonkeyPatch) -> None:
    # The factor only steers: noise for its solutions leaves true claims true and false ones unproved.
    rng = np.random.default_rng(0)
    monkeypatch.setattr(
        check_path_interval.Guess, "solve", lambda guess, right: {j: float(rng.normal()) for j in right}
    )
    monkeypatch.setattr(check_path_interval, "MAX_BITS", 512)
    assert verdict(BASE)[0] == "unchecked"
    assert all(verdict(document)[0] != "verified" for document in mutants().values())


def factor_of(columns: Any, digits: int) -> Factor:
    problem = Problem(columns, [1] * len(columns))
    data = Scaled(grammar.read_problem(grammar.decode(json.dumps(problem.to_json())), ""))
    return Factor(Gram(data), digits)


def read(document: Document) -> Any:
    return check_path_interval.read_certificate(grammar.decode(json.dumps(document)), None)


@pytest.mark.parametrize("digits", [0, 40])
def test_the_factorisation_bounds_the_least_eigenvalue_from_below(digits: int) -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(10, 8))
    columns[:, 6] = columns[:, 5] + 1e-5 * columns[:, 6]  # below what is hoped for at first
    factor = factor_of(columns, digits)
    scaled = np.array(factor.data.columns, dtype=float).T / [2.0**e for e in factor.data.exponents]
    for wanted in ([0], [0, 3, 5], [0, 3, 5, 7, 1, 2], [3, 7, 1, 2, 4], [0, 5, 6], [3, 1, 5]):
        factor.extend(wanted)
        assert factor.smallest >= check_path_interval.HOPES[-1] or 6 in factor.order
        assert set(wanted) <= set(factor.order)
        chosen = scaled[:, factor.order]
        assert 0 < factor.smallest < np.linalg.eigvalsh(chosen.T @ chosen)[0]
        size = len(factor.order)
        full = np.array([[float(v) for v in row] + [0.0] * (size - len(row)) for row in factor.rows])
        assert np.allclose(full @ full.T, chosen.T @ chosen - float(factor.twice) * np.eye(size), atol=1e-13)
        right = {j: (i + 1) << 70 for i, j in enumerate(wanted)}
        step, shift = factor.solve(right)
        asked = scaled[:, wanted]
        truth = np.linalg.solve(asked.T @ asked, np.array(list(right.values()), dtype=float))
        assert np.allclose(
            np.array([float(step[j]) for j in wanted]) * 2.0**shift, truth, rtol=1e-3 if 6 in wanted else 1e-9
        )


def test_guesses_begin_where_the_right_side_does() -> None:
    factor = factor_of(np.random.default_rng(2).normal(size=(8, 5)), 0)
    right = {0: -1, 1: 1, 2: 0, 3: -(1 << 90), 4: 1 << 89}  # what is 2^-60 of the rest is nothing
    step, shift = factor.solve(right)
    assert factor.guess.forward([0.0, 0.0, 0.0, 1.0, 0.0])[:3] == [0.0, 0.0, 0.0]
    scaled = np.array(factor.data.columns, dtype=float).T / [2.0**e for e in factor.data.exponents]
    truth = np.linalg.solve(scaled.T @ scaled, np.array(list(right.values()), dtype=float))
    assert np.allclose(np.array(list(step.values()), dtype=float) * 2.0**shift, truth, rtol=1e-9)


@pytest.mark.parametrize(
    ("expected", "known"),
    [([], [1, 30, 46, 46, 2, 4, 60]), ([7, 8, 29, 31, 51, 3, 55, 9, 10, 11], [2, 33, 48, 48, 48, 5, 60])],
)
def test_inner_products_of_columns_that_come_and_go_are_exact(expected: list[int], known: list[int]) -> None:
    rng = np.random.default_rng(3)
    factor = factor_of(rng.normal(size=(7, 60)) * 2.0 ** rng.integers(-9, 9, size=60), 0)
    gram, columns, kept = factor.gram, factor.data.columns, []
    gram.expected = expected
    for met in ([7], [*range(30)], [*range(45, 14, -1)], [3, 9], [55, 3], [3, 50, 9], [*range(60)]):
        weights = {j: int(rng.integers(-99, 99)) for j in met}
        combined = [sum(w * columns[j][i] for j, w in weights.items()) for i in range(7)]
        products = {j: sum(x * v for x, v in zip(columns[j], combined, strict=True)) for j in weights}
        assert gram.product(weights) == products
        kept.append(len(gram.rows))
    assert kept == known


@pytest.mark.parametrize("digits", [0, 40])
def test_no_factorisation_of_dependent_columns_ends(digits: int) -> None:
    tiny = Fraction(1, 10**30)
    cases: list[list[list[Any]]] = [
        [[1, 1], [2, 2]],
        [[1, 0, 1], [0, 1, 1], [2, 2, 4]],
        [[1, 1], [2, 2 + tiny]],
    ]
    for columns in cases:
        factor = factor_of(columns, digits)
        factor.extend([0])
        with pytest.raises(check_path_interval.Undecided):
            factor.extend(list(range(len(columns[0]))))
        factor.extend([0])
        assert 0 in factor.order
        assert len(factor.order) < len(columns[0])


def test_columns_close_to_dependent_are_decided_in_more_digits() -> None:
    tiny = Fraction(1, 2**60)  # columns 0 and 1 are independent, but not to a factorisation in binary64
    document = outline(Problem([[1, 1, 1], [0, tiny, 1], [2, 2, 0]], [3, 1, 2]))
    assert any({0, 1} <= set(saddle["support"]) for saddle in document["saddles"])
    assert verdict(document)[0] == "verified"


def test_a_support_of_dependent_columns_is_never_verified() -> None:
    document = outline(Problem([[1, 1, 3], [1, 1, -1], [2, 2, 1]], [3, 1, 3]))
    k = next(k for k, saddle in enumerate(document["saddles"]) if {"0", "1"} <= saddle["hits"].keys())
    changed = change(document, k + 1, support=[0, 1])
    del changed["saddles"][k + 1]["beta"]
    found, message = verdict(changed)
    assert found == "unchecked"
    assert "that columns x0, x1 are independent" in message


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = check_path_interval.__file__
    return subprocess.run(
        [sys.executable, "-I", str(script), *arguments], capture_output=True, text=True, check=False
    )


def test_command_line(tmp_path: Path) -> None:
    path = saddle_path(generic(6, 9), arithmetic="ball")
    path.outline().save(tmp_path / "c.json")
    path.outline().detached().save(tmp_path / "detached.json")
    path.problem.save(tmp_path / "p.json")
    assert run(str(tmp_path / "c.json")).returncode == 0
    assert run(str(tmp_path / "detached.json")).returncode == 2
    assert run(str(tmp_path / "detached.json"), "--problem", str(tmp_path / "p.json")).returncode == 0
    answer = json.loads(run(str(tmp_path / "c.json"), "--json").stdout)
    assert answer["verdict"] == "verified"
    assert checker_of(tmp_path / "c.json") == "check_path_interval.py"
    path.certificate().save(tmp_path / "exact.json")
    assert checker_of(tmp_path / "exact.json") == "check_path.py"


BELOW = Fraction(1, 10**3000)
"""Less than intervals of MAX_BITS bits can see."""


def test_a_near_tie_that_no_interval_sees_is_refuted_exactly() -> None:
    first = outline(Problem([[1, 0], [0, 1]], [1, 1 + BELOW]))
    first["saddles"][0]["hits"] = {"0": 1, "1": 1}
    assert verdict(first) == ("rejected", "saddle 0: first hit: x1 does not land with x0")


@pytest.mark.parametrize(
    ("entry", "threshold", "witness"), [(BELOW, 0, "is false"), (0, BELOW, "does not land")]
)
def test_a_dependence_that_no_interval_refutes_is_refuted_exactly(
    entry: Fraction, threshold: Fraction, witness: str
) -> None:
    document = duplicates()
    k = next(k for k, saddle in enumerate(document["saddles"]) if "dependence" in saddle)
    X = [[Fraction(x) for x in row] for row in document["problem"]["X"]]
    X[0][8] += entry
    problem = Problem(X, [1, 2, 3, 4, 5], upper=[1] * 8 + [2 + threshold], lower=[1] * 8 + [2 + threshold])
    changed = {**document, "problem": problem.to_json(), "digest": problem.digest}
    found, message = verdict(changed)
    assert found == "rejected"
    assert message.startswith(f"saddle {k}: first hit")
    assert witness in message


def test_a_coefficient_within_its_error_is_undecided() -> None:
    certificate = read(BASE)
    replay = check_path_interval.Replay(certificate.problem, 64)
    saddle = next(saddle for saddle in certificate.saddles if saddle.support)
    fit = replay.fit(saddle.support)
    side = saddle.support[0]
    active = {side: 1 if fit.coefficients[side] > 0 else -1}
    replay.cone(saddle, fit, active)
    with pytest.raises(check_path_interval.Undecided):
        replay.cone(saddle, fit._replace(error=2**70), active)
    with pytest.raises(check_path_interval.Rejected):
        replay.cone(saddle, fit, {side: -active[side]})


def check_fit(replay: Replay, path: SaddlePath, k: int, fit: Any) -> None:
    """Coefficients, slope and pull of a fit are as near to the exact ones as it says."""
    data, problem, unit = replay.data, path.problem, Fraction(1, 1 << replay.bits)
    beta, residual = (
        path[k].beta,
        [y - v for y, v in zip(problem.y, problem.fitted(path[k].beta), strict=True)],
    )
    for j, b in fit.coefficients.items():
        assert abs(Fraction(b, 1 << fit.places) - beta[j] / data.beta_units[j]) <= fit.error * unit
    scale = Fraction(replay.problem.scale, 2**data.target_exponent)
    off = [v * unit - r * scale for v, r in zip(fit.slope, residual, strict=True)]
    assert sum(v * v for v in off) <= (fit.spread * unit) ** 2
    pulls = [
        Fraction(sum(x * v for x, v in zip(data.columns[j], fit.slope, strict=True)), 1 << data.exponents[j])
        for j in fit.coefficients
    ]
    assert sum(v * v for v in pulls) <= fit.pull**2


def test_a_fit_that_begins_at_the_last_is_as_near_as_it_says() -> None:
    for problem in (generic(8, 16, 1), load_dataset("diabetes"), LEANING):
        path = saddle_path(problem, arithmetic="rational")
        replay = Replay(read(outline(problem)).problem, 128)
        forth = [*range(1, len(path)), *range(len(path) - 2, 0, -1), len(path) - 1, 1]
        for k in forth:  # columns come, go, and come back
            check_fit(replay, path, k, replay.fit(list(path[k].support)))


def test_the_fit_of_a_neighbour_takes_fewer_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    solved: list[bool] = []
    solve = Factor.solve

    def counted(self: Factor, right: dict[int, int]) -> Any:
        solved.append(afresh)
        return solve(self, right)

    monkeypatch.setattr(Factor, "solve", counted)
    columns = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 12)))[0]
    problem = read(outline(Problem(columns, range(1, 13)))).problem
    for afresh in (False, True):
        replay = Replay(problem, 128)
        for size in range(1, 13):
            replay.fit(list(range(size)))
            if afresh:
                replay.nearby = check_path_interval.Solution(0, {}, {})
    assert solved.count(False) < solved.count(True) - 4


# --- the distance from the truth ------------------------------------------------------------------


def true_z(path: SaddlePath, replay: Replay) -> list[Fraction]:
    """The exact z at the time that the replay has reached, in the units of the replay."""
    data, problem = replay.data, path.problem
    time = Fraction(replay.begun, 1 << replay.bits) * data.time_unit
    z = [Fraction(0)] * problem.n
    for k, saddle in enumerate(path):
        end = path[k + 1].jump_time if k + 1 < len(path) else time
        spent = (min(end, time) - min(saddle.jump_time, time)) / data.time_unit
        fitted = problem.fitted(saddle.beta)
        z = [a + spent * (y - f) for a, y, f in zip(z, problem.y, fitted, strict=True)]
    unit = Fraction(replay.problem.scale, 2**data.target_exponent) * (1 << replay.bits)
    return [v * unit for v in z]


def true_distance(path: SaddlePath, replay: Replay, active: dict[int, int]) -> Fraction:
    """How far s at z is from the thresholds of these coordinates, squared, in the units of the replay."""
    found = Fraction(0)
    for i, side in active.items():
        pull = sum(x * z for x, z in zip(replay.data.columns[i], replay.z, strict=True))
        room = Fraction(replay.data.place(i, side)) - Fraction(replay.data.dual[i])
        found += (room * (1 << replay.bits) - Fraction(pull, 1 << replay.data.exponents[i])) ** 2
    return found


Shift = Callable[[int, list[int]], list[int]]


def distances(problem: Problem, shift: Shift, bits: int = 160) -> list[tuple[Fraction, int]]:
    """At each jump how far z is from the truth, and how far the replay says, both squared.

    shift may move z as it likes.
    """
    path = saddle_path(problem, arithmetic="rational")
    replay = Replay(read(outline(problem)).problem, bits)
    found: list[tuple[Fraction, int]] = []
    correction, anchor = Replay.correction, Replay.anchor

    def moved(self: Replay, *arguments: Any) -> list[int]:
        return shift(len(found), correction(self, *arguments))

    def gap(self: Replay) -> Fraction:
        off = [a - b for a, b in zip(true_z(path, self), self.z, strict=True)]
        return sum((v * v for v in off), Fraction(0))

    def watched(self: Replay, active: dict[int, int], total: int) -> int:
        assert all({j, *others} <= active.keys() for j, others in self.dependent.items())
        assert gap(self) <= total**2
        unit = self.data.time_unit / (1 << self.bits)
        assert self.window[0] * unit <= path[len(found) + 1].jump_time <= self.window[1] * unit
        total = anchor(self, active, total)
        assert gap(self) <= total**2
        assert true_distance(path, self, active) <= self.stray**2
        found.append((gap(self), self.total**2))
        return total

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Replay, "correction", moved)
        patch.setattr(Replay, "anchor", watched)
        replay.run(read(outline(problem)))
    return found


@settings(max_examples=15)
@given(standard_problems(4, 6) | general_problems())
@pytest.mark.parametrize("near", [0, 1 << 48, 1 << 400])
def test_the_distance_proved_contains_the_true_one(near: int, problem: Problem) -> None:
    """However seldom z is moved to where coordinates are on thresholds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check_path_interval, "NEAR", near)
        assert all(true <= proved for true, proved in distances(problem, lambda k, moved: moved, 600))


LEANING = Problem([[5, 5, 5, 4], [1, 0, 0, 1], [0, 1, 0, 2], [0, 0, 2, -1]], [9, 3, 7, 5])
"""Columns that lean on each other: what is off a threshold is far from where it is on."""


def test_no_room_is_less_than_what_is_known_of_it() -> None:
    """Coordinates that were not computed of late are no nearer to their thresholds than is assumed."""
    nearest = Replay.nearest
    lazy = 0

    def watched(self: Replay, need: int, active: dict[int, int]) -> tuple[int, int | None]:
        nonlocal lazy
        found, known = nearest(self, need, active), dict(self.alarm)
        self.measure(range(self.data.d), active)
        lazy += sum(known[i] < at - 6 for i, at in self.alarm.items())
        assert all(known[i] <= at + 6 for i, at in self.alarm.items())
        least = min((at - self.way for at in self.alarm.values()), default=need + 1)
        assert least > need if found[1] is None else found[0] == least
        self.alarm = known
        return found

    leaving = generic(12, 24, 1)
    assert any(not {*a.active_set} <= {*b.active_set} for a, b in pairwise(saddle_path(leaving)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Replay, "nearest", watched)
        for problem in (leaving, LEANING, load_dataset("diabetes")):
            assert verdict(outline(problem))[0] == "verified"
    assert lazy > 100


@pytest.mark.parametrize("sharp", [False, True])
def test_the_distance_proved_holds_wherever_z_is_moved(sharp: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """z is put off by 2^−60 once and never put back: the truth goes on without it.

    With a sharp bound of λ_min z̃ is the projection of z, else where the truth lands.
    """

    def put_off(k: int, moved: list[int]) -> list[int]:
        return [(1 << 100) * (-1) ** i if k == 0 else 0 for i in range(len(moved))]

    extend = Factor.extend

    def sharpened(self: Factor, columns: list[int]) -> None:
        extend(self, columns)
        scaled = np.array(self.data.columns, dtype=float).T / [2.0**e for e in self.data.exponents]
        chosen = scaled[:, self.order]
        self.smallest = Fraction(0.99 * np.linalg.eigvalsh(chosen.T @ chosen)[0])

    monkeypatch.setattr(check_path_interval, "NEAR", 0)
    if sharp:
        monkeypatch.setattr(Factor, "extend", sharpened)
    found = distances(LEANING, put_off)
    assert len(found) > 3
    assert found[0][0] > 1 << 200
    assert max(true for true, _ in found) > 2 * found[0][0]  # so that z̃ is not z counts
    assert all(true <= proved for true, proved in found)


def test_a_dependence_is_forgotten_when_a_column_leaves() -> None:
    rng = np.random.default_rng(9)
    X = [[int(v) for v in row] for row in rng.integers(-5, 6, size=(4, 5))]
    twice = Problem([[*row, *row] for row in X], [int(v) for v in rng.integers(-5, 6, size=4)])
    left = [
        k for k, (a, b) in enumerate(pairwise(saddle_path(twice))) if not {*a.active_set} <= {*b.active_set}
    ]
    assert left
    assert left[0] + 3 < len(saddle_path(twice))
    assert distances(twice, lambda k, moved: moved)


@pytest.mark.parametrize("room", [-3, 0, 5, 40])
@pytest.mark.parametrize("total", [0, 7, 60])
def test_a_landing_is_where_the_extremes_land(room: int, total: int) -> None:
    replay = Replay(read(BASE).problem, 64)
    replay.begun = 1 << 70
    low, high = replay.landing(room, 1 << 60, 1 << 58, total)
    for true, speed in product([room - total, room, room + total], [3 << 58, 5 << 58]):
        assert low <= replay.begun + Fraction(true << 64, speed) <= high


STEEP = Problem([[30] * 9, *np.eye(9, dtype=int).tolist()], [9, 3, 7, 5, 2, 8, -1, 4, -3, 12])
"""Columns of nearly one direction: a slope that is off along it pulls all of them."""


@pytest.mark.parametrize("near", [0, 1 << 400])
@pytest.mark.parametrize(
    ("problem", "along", "from_size"), [(LEANING, [1] * 4, 0), (STEEP, [1] + [0] * 9, 8)]
)
def test_the_distance_proved_holds_for_slopes_that_are_off(
    problem: Problem, along: list[int], from_size: int, near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Least squares on so many columns is spoilt in its 60th bit: the drift counts, and what it pulls."""
    fit = Replay.fit

    def spoilt(self: Replay, support: list[int]) -> Any:
        found = fit(self, support)
        if len(support) < from_size:
            return found
        shape = [v << (self.bits - 60) for v in along]
        slope = [v + e for v, e in zip(found.slope, shape, strict=True)]
        pulls = [sum(map(mul, self.data.columns[j], shape)) >> self.data.exponents[j] for j in support]
        return found._replace(
            slope=slope,
            spread=found.spread + isqrt(sum(v * v for v in shape)) + 1,
            pull=found.pull + isqrt(sum((v + 1) ** 2 for v in pulls)) + 1,
        )

    monkeypatch.setattr(Replay, "fit", spoilt)
    monkeypatch.setattr(check_path_interval, "NEAR", near)
    found = distances(problem, lambda k, moved: [0] * len(moved))
    assert max(true for true, _ in found) > 1 << 180
    assert all(true <= proved for true, proved in found)


@pytest.mark.parametrize("gap", [40, 90, 300])
def test_near_ties_late_in_a_path_are_decided_and_their_other_order_is_rejected(gap: int) -> None:
    problem = generic(6, 9)
    last = list(saddle_path(problem))[-2]
    ((late, _),) = last.hits.items()
    X = [[*row, row[late]] for row in problem.X]
    bounds = [1] * 9 + [1 + Fraction(1, 2**gap)]
    document = outline(Problem(X, problem.y, lower=bounds, upper=bounds))
    report = check(json.dumps(document))
    assert report.verdict == "verified"
    assert report.bits > gap
    k = next(k for k, saddle in enumerate(document["saddles"]) if str(late) in saddle["hits"])
    side = document["saddles"][k]["hits"][str(late)]
    swapped = change(document, k, hits={"9": side})
    swapped["saddles"] = [
        {**saddle, "support": sorted(9 if i == late else i for i in saddle["support"])}
        if place > k
        else saddle
        for place, saddle in enumerate(swapped["saddles"])
    ]
    assert verdict(swapped) == (
        "rejected",
        f"saddle {k}: first hit: x{late} lands before x9",
    )


def test_a_tie_that_only_the_history_explains_is_proved_from_exact_numbers() -> None:
    document = outline(Problem([[0, 2, -1, -2], [1, 1, 0, 0], [-1, 0, -1, 0]], [1, -2, -1]))
    k = max(k for k, saddle in enumerate(document["saddles"]) if len(saddle["hits"]) > 1)
    assert k > 0
    assert "dependence" not in document["saddles"][k]
    assert all("beta" in saddle for saddle in document["saddles"][1 : k + 1])
    assert verdict(document)[0] == "verified"
    without = deepcopy(document)
    del without["saddles"][1]["beta"]
    found, message = verdict(without)
    assert (found, "is not proved exactly" in message) == ("unchecked", True)
    X = [[Fraction(v) for v in row] for row in document["problem"]["X"]]
    (first, second, *_) = (int(i) for i in document["saddles"][k]["hits"])
    bounds = [1 + (BELOW if i == second else 0) for i in range(4)]
    changed = Problem(X, [1, -2, -1], lower=bounds, upper=bounds)
    forged = {**document, "problem": changed.to_json(), "digest": changed.digest}
    assert verdict(forged) == (
        "rejected",
        f"saddle {k}: first hit: x{second} does not land with x{first}",
    )


# --- thresholds and duals that are square roots ---------------------------------------------------


def standardised() -> Document:
    """Generic data of unit-norm columns, one of them fine-tuned: every threshold and s_0,0 are roots."""
    rng = np.random.default_rng(3)
    X = [[int(x) for x in row] for row in rng.integers(-9, 10, size=(5, 7))]
    return outline(Problem(X, [1, 2, 3, 4, 5], dual=[Fraction(1, 2), 0, 0, 0, 0, 0, 0]).standardized())


ROOTS = standardised()


def with_problem(document: Document, **fields: Any) -> Document:
    """Another problem under the same events, its digest put right."""
    changed = deepcopy(document)
    changed["problem"].update(fields)
    problem = grammar.read_problem(grammar.decode(json.dumps(changed["problem"])), "", roots=True)
    return {**changed, "digest": problem.digest}


def test_roots_are_verified() -> None:
    assert sum(c.startswith("sqrt(") for c in ROOTS["problem"]["upper"]) > 4
    assert ROOTS["problem"]["dual"][0].startswith("sqrt(")
    assert verdict(ROOTS)[0] == "verified"
    report = check(json.dumps({**ROOTS, "bits": 1}))
    assert report.verdict == "verified"
    assert with_problem(ROOTS) == ROOTS


def root_mutants() -> dict[str, Document]:
    upper = ROOTS["problem"]["upper"]
    column, side = next(iter(ROOTS["saddles"][2]["hits"].items()))
    beyond = [*ROOTS["problem"]["dual"]]
    beyond[0] = "sqrt(100000)"
    return {
        "digest": {**ROOTS, "digest": "0" * 64},
        "a root as a rational": with_problem(ROOTS, upper=[c.strip("sqrt()") for c in upper]),
        "thresholds far apart": with_problem(ROOTS, upper=[*upper[:-1], "sqrt(1/10000019)"]),
        "dual of the other sign": with_problem(
            ROOTS, dual=[f"-{ROOTS['problem']['dual'][0]}", *ROOTS["problem"]["dual"][1:]]
        ),
        "dual outside": with_problem(ROOTS, dual=beyond),
        "hit on the other side": change(ROOTS, 2, hits={column: -side}),
        "a saddle left out": {**ROOTS, "saddles": ROOTS["saddles"][:2] + ROOTS["saddles"][3:]},
    }


@pytest.mark.parametrize("name", root_mutants())
def test_changed_roots_are_rejected(name: str) -> None:
    assert verdict(root_mutants()[name])[0] == "rejected"


def root_tie() -> Document:
    """Norms √2 and √8 of columns that hit together at t = 2√2, by no dependence of columns."""
    return outline(Problem([[1, 2, 0], [1, -2, 0], [0, 0, 3]], [1, 0, Fraction(1, 2)]).standardized())


def test_a_tie_of_roots_is_proved_and_a_near_tie_refuted() -> None:
    document = root_tie()
    assert document["saddles"][0]["hits"] == {"0": 1, "1": 1}
    assert verdict(document)[0] == "verified"
    for square in ("8" + "0" * 900 + "1/1" + "0" * 901, "7" + "9" * 2500 + "/1" + "0" * 2500):
        bounds = {side: ["sqrt(2)", f"sqrt({square})", "3"] for side in ("lower", "upper")}
        found, message = verdict(with_problem(document, **bounds))
        assert (found, "does not land with" in message) == ("rejected", True)


def test_a_tie_by_dependence_with_roots() -> None:
    rows = [[1, 2, 0], [1, 2, 1], [3, 6, -1]]
    document = outline(Problem(rows, [1, Fraction(1, 3), 2], dual=["1/3", "1/3", 0]).standardized())
    k = next(k for k, saddle in enumerate(document["saddles"]) if "dependence" in saddle)
    assert document["saddles"][k]["dependence"] == {"1": {"0": "2"}}
    assert verdict(document)[0] == "verified"
    upper = [*document["problem"]["upper"]]
    upper[1] = f"sqrt({Fraction(upper[1][5:-1]) + BELOW})"
    assert verdict(with_problem(document, upper=upper))[0] == "rejected"
    dual = [*document["problem"]["dual"]]
    dual[1] = f"sqrt({Fraction(dual[1][5:-1]) + BELOW})"
    assert verdict(with_problem(document, dual=dual))[0] == "rejected"


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("upper", "sqrt(4)", "must be written 2"),
        ("upper", "sqrt(4/9)", "must be written 2/3"),
        ("upper", "sqrt(6/4)", "must be written 3/2"),
        ("upper", "-sqrt(2)", "a threshold must be positive"),
        ("upper", "sqrt(-2)", "which is not positive"),
        ("dual", "sqrt(0)", "which is not positive"),
        ("lower", "sqrt(pi)", "is not a number"),
        ("lower", "sqrt(2)+1", "is not a number"),
        ("lower", "2*sqrt(2)", "is not a number"),
        ("dual", "- sqrt(2)", "is not a number"),
    ],
)
def test_malformed_roots_are_refused(field: str, text: str, message: str) -> None:
    document = deepcopy(ROOTS)
    document["problem"][field][1] = text
    with pytest.raises(grammar.Malformed, match=message) as refused:
        check(json.dumps(document))
    assert f"problem.{field}[1]" in str(refused.value)


def test_roots_are_for_thresholds_and_duals_of_version_2_alone() -> None:
    document = deepcopy(ROOTS)
    document["problem"]["X"][0][0] = "sqrt(2)"
    with pytest.raises(grammar.Malformed, match="X"):
        check(json.dumps(document))
    with pytest.raises(grammar.Malformed, match=r"problem\.lower\[0\]"):
        grammar.read_problem(grammar.decode(json.dumps(ROOTS["problem"])), "problem")


def test_a_plain_problem_file_may_hold_roots_of_squares() -> None:
    plain = {**ROOTS["problem"], "lower": "sqrt(4/1)", "upper": "sqrt(9.0)", "dual": "-sqrt(1e-2)"}
    found = grammar.read_problem(grammar.decode(json.dumps(plain)), "", plain=True, roots=True)
    assert (found.lower[0], found.upper[0], found.dual.values[0], found.dual.scale) == (
        (2, 1),
        (3, 1),
        -1,
        10,
    )


# --- whatever is verified is the path -----------------------------------------------------------------


def disturbed(rng: np.random.Generator, document: Document, d: int) -> Document:
    """The document with one thing about it changed, in its grammar."""
    found = deepcopy(document)
    saddle = found["saddles"][rng.integers(len(found["saddles"]))]
    column, side = int(rng.integers(d)), int(rng.choice([-1, 1]))
    match rng.integers(7):
        case 0:
            saddle["support"] = sorted({*saddle["support"], column})
        case 1:
            saddle["support"] = saddle["support"][1:]
        case 2:
            saddle["hits"] = {**saddle["hits"], str(column): side}
        case 3:
            saddle["hits"] = dict(list(saddle["hits"].items())[1:])
        case 4:
            saddle["dependence"] = {j: {str(column): str(side)} for j in saddle["hits"]}
        case 5:
            found["saddles"].remove(saddle)
        case _:
            saddle.pop("beta", None)
    saddle["hits"] = dict(sorted(saddle["hits"].items(), key=lambda item: int(item[0])))
    if "beta" in saddle:
        saddle["beta"] = {str(i): saddle["beta"].get(str(i), "1") for i in saddle["support"]}
    if "dependence" in saddle:
        saddle["dependence"] = {j: w for j, w in saddle["dependence"].items() if j in saddle["hits"]}
    return found


@pytest.mark.parametrize("seed", range(40))
def test_a_disturbed_outline_is_verified_only_where_it_is_still_the_path(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(1, 5)), int(rng.integers(2, 6))
    X = [[Fraction(int(x)) for x in row] for row in rng.integers(-2, 3, size=(n, d))]
    if seed % 2:  # a near-copy that floats hardly tell apart, or a copy
        for row in X:
            row[-1] = row[0] + Fraction(int(rng.integers(-1, 2)), 2 ** int(rng.choice([26, 27, 60])))
    problem = Problem(X, [int(v) for v in rng.integers(-2, 3, size=n)])
    path = saddle_path(problem, arithmetic="rational")
    document = outline(problem)
    for _ in range(25):
        changed = disturbed(rng, document, d)
        try:
            verdict = check(json.dumps(changed)).verdict
        except grammar.Malformed:
            continue
        if verdict == "verified":  # hits and gradients do not depend on the minimiser that is chosen
            assert [s["hits"] for s in changed["saddles"]] == [
                {str(i): side for i, side in sorted(saddle.hits.items())} for saddle in path
            ]
            for stated, saddle in zip(changed["saddles"], path, strict=True):
                if "beta" not in stated:
                    beta = problem.normal_equations.least_squares(tuple(stated["support"]))
                    assert problem.loss(beta.fractions()) == saddle.loss
