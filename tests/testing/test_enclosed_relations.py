"""Paths of changed data and of closed forms, compared by balls: events exactly, numbers in enclosures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exactsaddle import Problem, Status, saddle_path
from exactsaddle.path import SaddlePath
from exactsaddle.report.findings import Budgets, Examined
from exactsaddle.report.findings.judgement import examine
from exactsaddle.testing.properties import CHANGES, RATIONAL_ONLY, Enclosures, enclosed_relations
from tests.support.noisy import NOISY, with_wrong


@pytest.mark.parametrize("name", CHANGES)
def test_a_path_that_changed_data_do_not_share_is_rejected(name: str) -> None:
    path = saddle_path(NOISY, arithmetic="ball")
    right, i = path[2], path[2].support[0]

    def reading(name: str) -> Callable[..., Any]:
        """The right numbers of saddle 2, the first or the only one moved."""

        def wrong(self: Any, digits: int = 30) -> Any:
            found = getattr(right, name)(digits)
            if not isinstance(found, tuple):
                return found + 1e-20
            return tuple(value + 1e-20 if j == i else value for j, value in enumerate(found))

        return wrong

    for reader in ("beta_ball", "dual_ball", "jump_time_ball"):
        verdict = Enclosures(with_wrong(path, 2, **{reader: reading(reader)}))(name)
        assert verdict.status is Status.REJECTED, reader
        assert "saddle 2: " in verdict.evidence
        assert "a difference of at least" in verdict.evidence
    hit = next(iter(right.hits))
    events = (
        ("who is on which threshold", {"signs": tuple(-s for s in right.signs)}),
        ("who hits", {"hits": {hit: -right.hits[hit]}}),
        ("the support", {"support": right.support[1:]}),
    )
    for what, wrong in events:
        verdict = Enclosures(with_wrong(path, 2, **wrong))(name)
        assert verdict.status is Status.REJECTED, what
        assert verdict.evidence.startswith(f"saddle 2: {what} should become ")
    shorter = SaddlePath(NOISY, path[:-1], None, path.decisions)
    verdict = Enclosures(shorter)(name)
    assert (verdict.status, f"{len(path) - 1} saddles, but " in verdict.evidence) == (Status.REJECTED, True)


def test_a_changed_path_that_is_not_known_to_its_end_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    path = saddle_path(NOISY, arithmetic="ball")
    short = lambda problem, **options: saddle_path(problem, arithmetic="ball", max_saddles=2)  # noqa: E731
    monkeypatch.setattr(enclosed_relations, "saddle_path", short)
    verdict = Enclosures(path)("row-repetition")
    assert verdict.status is Status.UNCHECKED
    assert verdict.evidence.endswith("the path of the changed data is not known to its end: max_saddles = 2")


def test_orthogonal_designs_have_their_closed_form() -> None:
    path = saddle_path(Problem([["0.3", 0], [0, "0.7"]], ["0.9", "0.4"]), arithmetic="ball")
    verdict = Enclosures(path)("orthogonal-design")
    assert verdict.status is Status.UNCHECKED
    assert verdict.evidence.startswith("the same supports; rigorous enclosure, |difference| ≤ ")
    time, beta = path[1].jump_time_ball(60) + 1e-9, path[1].beta_ball(60)
    wrongs: tuple[dict[str, Any], ...] = (
        {"jump_time_ball": lambda self, digits=30: time},
        {"beta_ball": lambda self, digits=30: tuple(b + 1e-9 for b in beta)},
        {"support": (0, 1)},
    )
    for wrong in wrongs:
        assert Enclosures(with_wrong(path, 1, **wrong))("orthogonal-design").status is Status.REJECTED, wrong


def test_paths_of_changed_data_are_left_out_one_by_one() -> None:
    path = saddle_path(NOISY, arithmetic="ball")

    def changed(budget: int) -> tuple[list[str], dict[str, str]]:
        found = examine(path, Budgets(exact_work=0, multiplications=budget))
        assert isinstance(found, Examined)
        return [e.name for e in found.judged if e.name in CHANGES], dict(found.left_out)

    n, d = NOISY.shape
    each = len(path) * (10 * n * d + n**3) // 100
    judged, left_out = changed(3 * each)
    assert judged == list(CHANGES)[:2]
    third = list(CHANGES)[2]
    assert left_out[third] == (
        f"about {each} multiplications; of the budget, {3 * each}, 0 are left "
        f"(--budget multiplications={4 * each})"
    )
    assert changed(9 * each)[0] == list(CHANGES)


def test_what_takes_rational_thresholds_is_left_out_where_they_are_roots() -> None:
    path = saddle_path(Problem([[1, 2], [3, 4]], [1, 2], lower="sqrt(5)"))
    found = examine(path, Budgets())
    assert isinstance(found, Examined)
    judged, left_out = {entry.name for entry in found.judged}, dict(found.left_out)
    assert {"gradient", "lookup", "certificate", "uniqueness"} <= judged
    for name in RATIONAL_ONLY:
        assert name not in judged
        assert "irrational" in left_out[name]
