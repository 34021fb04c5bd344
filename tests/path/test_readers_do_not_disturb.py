"""Whoever watches a run changes nothing: the same path, decision by decision, as when nobody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from itertools import pairwise

import flint
import pytest
from flint import arb, fmpq
from hypothesis import given, settings

from exactsaddle import Problem, RealProblem, Saddle, SaddlePath, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput, ProofFailed
from exactsaddle.path import MAX_BITS, Arithmetic
from exactsaddle.path.engines.ball import BallRun
from exactsaddle.path.engines.data import ScaledProblem
from exactsaddle.path.engines.fit import Fitter
from exactsaddle.path.engines.hits import replay
from exactsaddle.path.engines.trajectory import Stay, Trajectory
from exactsaddle.testing import strategies
from tests.project.test_corpus import CORPUS, load

DIGITS = (30, 60, 10)
EXACT = ("jump_time", "beta", "dual", "gradient", "loss", "next_hit", "l1_norm", "active_set", "still")
TEXTS = ("jump_time_text", "loss_text", "l1_norm_text")
BALLS = ("jump_time_ball", "beta_ball", "dual_ball", "gradient_ball", "loss_ball")


def read_everything(saddle: Saddle) -> None:
    """Every public number to every number of digits."""
    for digits in DIGITS:
        for name in (*TEXTS, *BALLS):
            if hasattr(saddle, name):
                getattr(saddle, name)(digits)
        for i in saddle.support:
            saddle.beta_text(i, digits)
    for name in EXACT:
        with suppress(InvalidInput, Inconclusive):  # numbers that are not rational, or too long
            getattr(saddle, name)
    for time in (fmpq(1, 3), fmpq(7)):
        saddle.comes_after(time)
        saddle.is_over_by(time)


@contextmanager
def precision_left_alone() -> Iterator[None]:
    before = flint.ctx.prec
    try:
        yield
    finally:
        flint.ctx.prec = before


def read_and_leave_a_mess(saddle: Saddle) -> None:
    """The same, and afterwards FLINT's precision is absurd and every mapping handed out is empty."""
    read_everything(saddle)
    saddle.hits.clear()
    flint.ctx.prec = 2 if saddle.index % 2 else 5000


def account(path: SaddlePath) -> tuple[object, ...]:
    """What a path says of itself: its combinatorics, its times and duals, how each decision was made."""
    counts = path.decisions.to_json() if path.decisions else None  # before the numbers are read
    saddles = [
        (s.support, s.signs, s.hits, s.still, s.jump_time_text(25), [float(v) for v in s.dual_ball(25)])
        for s in path
    ]
    return path.complete, path.stopped_by, counts, saddles


def watched(problem: Problem, arithmetic: Arithmetic, watch: Callable[[Saddle], None]) -> SaddlePath:
    with precision_left_alone():
        return saddle_path(problem, arithmetic=arithmetic, progress=watch)


def undisturbed(problem: Problem, arithmetic: Arithmetic) -> None:
    expected = account(saddle_path(problem, arithmetic=arithmetic))
    assert account(watched(problem, arithmetic, read_and_leave_a_mess)) == expected


@pytest.mark.parametrize("arithmetic", ["ball", "rational"])
@pytest.mark.parametrize("name", sorted(strategies.FAMILIES))
def test_every_family(name: str, arithmetic: Arithmetic) -> None:
    @settings(max_examples=4)
    @given(strategies.FAMILIES[name].problems())
    def undisturbed_by_readers(problem: Problem) -> None:
        undisturbed(problem, arithmetic)

    undisturbed_by_readers()


@pytest.mark.parametrize("arithmetic", ["ball", "rational"])
@pytest.mark.parametrize("name", CORPUS)
def test_every_corpus_file(name: str, arithmetic: Arithmetic) -> None:
    undisturbed(load(name)[1], arithmetic)


def test_the_smallest_path_that_reading_once_changed() -> None:
    _, problem = load("smallest-strict-drop")
    path = watched(problem, "ball", lambda saddle: saddle.jump_time_ball(30) and None)
    assert [saddle.jump_time_text(10) for saddle in path] == [
        "0",
        "1.500000000",
        "5.250000000",
        "21.00000000",
    ]
    assert path.jump_times == (0, Fraction(3, 2), Fraction(21, 4), 21)


REAL = [
    RealProblem([["sqrt(2)", 1, "pi"], [0, "sqrt(3)", 1], [1, -1, 2]], [1, "pi", -2]),
    RealProblem([[1, "sqrt(2)", 3], ["sqrt(2)", 2, 1]], ["sqrt(2)", 1], upper=[1, "sqrt(2)", 2]),
]


@pytest.mark.parametrize("problem", REAL, ids=["enclosed", "a tie by algebra"])
def test_real_entries(problem: RealProblem) -> None:
    undisturbed(problem, "auto")


def test_real_entries_of_the_corpus() -> None:
    for name in ("smallest-strict-drop", "smallest-simultaneous-swap", "near-tie-beyond-binary64"):
        undisturbed(RealProblem(**load(name)[1].to_json()), "auto")


def test_asking_a_finished_path_changes_no_count() -> None:
    path = saddle_path(REAL[0])
    before = account(path)
    for t in range(20):
        path.saddle_at(Fraction(t, 3))
    for saddle in path:
        read_everything(saddle)
    assert account(path) == before


def test_an_exact_number_that_a_reader_paid_for_does_not_raise_the_budget() -> None:
    # Rows 0 and 1 exchange columns 0 and 1: a tie that only the exact dual decides, beyond max_bits here.
    problem = Problem([[0, 1, 2], [1, 0, 2], [0, 0, 1]], [-1, -1, 2])
    run = BallRun(problem, 1, 64)

    def saddles() -> Iterator[Saddle]:
        for saddle in run:
            saddle.place(MAX_BITS)  # type: ignore[attr-defined]
            yield saddle

    with pytest.raises(Inconclusive, match=r"x0, x1 were not told apart"):
        list(saddles())


def test_no_plateau_counts_twice_or_out_of_order() -> None:
    problem = load("smallest-strict-drop")[1]
    data = ScaledProblem(problem)
    run = BallRun(problem, MAX_BITS, 64)
    list(run)
    trajectory, fitter = Trajectory(data, 64), Fitter(data)
    replay(trajectory, run.history.plateaus[:2], fitter)
    before = trajectory.time_ball(2)
    replay(trajectory, run.history.plateaus[:1], fitter)
    plateau = run.history.plateaus[1]
    fit = fitter.fit(plateau.support, 64)
    for k in (0, 1, 3):
        with pytest.raises(ProofFailed, match=f"plateau {k} cannot follow the 2"):
            trajectory.advance(k, plateau, fit, Stay(arb(1), True, 0.0), fitter)
    assert trajectory.plateaus == 2
    assert str(trajectory.time_ball(2)) == str(before)


@pytest.mark.parametrize(("room", "again"), [(1 << 21, False), (0, True)])
def test_reading_in_order_is_linear(room: int, again: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    moves = []
    monkeypatch.setattr("exactsaddle.path.engines.trajectory.MAX_KEPT", room)
    advance = Trajectory.advance
    monkeypatch.setattr(
        Trajectory, "advance", lambda self, *more: (moves.append(more[0]), advance(self, *more))[1]
    )

    def read(saddle: Saddle) -> None:
        saddle.jump_time_ball(10)
        saddle.dual_ball(10)

    path = watched(load("long-path-5x5")[1], "ball", read)
    assert moves == list(range(len(path) - 1))  # once, for the readers: the run needed none
    moves.clear()
    for saddle in path:
        read(saddle)
    assert len(moves) == (len(path) - 2 if again else 0)  # without room duals go again from the start


def test_a_reader_that_raises_ends_the_run_at_once() -> None:
    class Stop(Exception):
        pass

    def watch(saddle: Saddle) -> None:
        if saddle.index:
            raise Stop

    with pytest.raises(Stop):
        watched(load("smallest-strict-drop")[1], "ball", watch)


@pytest.mark.parametrize("arithmetic", ["rational", "ball"])
def test_plateaus_end_where_the_next_begin(arithmetic: Arithmetic) -> None:
    problem = Problem([[0, -1], [1, 2]], [-1, -2])
    paths = [
        saddle_path(problem, arithmetic=arithmetic),
        saddle_path(RealProblem([[0, -1], ["pi/4", 2]], [-1, -2])),
    ]
    for path in paths:
        for before, after in pairwise(path):
            end = before.end_ball(20)
            assert end is not None
            assert end.overlaps(after.jump_time_ball(20))
            assert end.rad() < 1e-19
        assert path[-1].end_ball() is None
