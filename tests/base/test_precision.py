"""Threads, and settings of the process: the same digits as alone, and the user's settings as they were."""

from __future__ import annotations

import ast
import csv
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint
import mpmath
import pytest
from threadpoolctl import threadpool_info

from exactsaddle import Problem, RealProblem, lasso_path, load_dataset, read_problem, saddle_path
from exactsaddle.base import (
    ExactSaddleError,
    csv_field_limit,
    mpmath_workprec,
    one_at_a_time,
    single_threaded_blas,
    workprec,
)
from exactsaddle.convergence import (
    compare_curves,
    converge,
    corrections,
    flow_curve,
    jump_corrections,
    limit_curve,
    resolution,
    transitions,
)
from exactsaddle.flow import enclose, integrate
from exactsaddle.minimisers import entropic_selection, general_position, minimisers, plateau_limit
from exactsaddle.report.drawing import draw
from tests.support.places import ROOT

SMALL = Problem([["1", "1/2", "0"], ["1/3", "-1", "2"]], ["1", "3/2"])
FLAT = Problem([[1, 1]], [1])
TIMES = [Fraction(1, 8), Fraction(1, 4)]
THREADS = 8


def exact(ball: flint.arb) -> tuple[object, object]:
    """Mantissas and exponents: what is printed depends on a precision that any thread may set."""
    return ball.mid().man_exp(), ball.rad().man_exp()


def enclosed(k: int) -> str:
    pipe = enclose(SMALL, "1e-3", TIMES, radius=f"1e-{6 + k}", keep=True)
    points = (*pipe.points, pipe.at("1/9"))
    return str([pipe.precision, [[exact(b) for b in (*p.beta, *p.dual, p.loss)] for p in points]])


def integrated(k: int) -> str:
    run = integrate(SMALL, "1e-3", TIMES, digits=10 + 4 * k, keep=True)
    return str([[value._mpf_ for value in point.beta] for point in (*run.points, run.at("1/9"))])


def solved(k: int) -> str:
    path = saddle_path(load_dataset("planted"), arithmetic="ball")
    return str([[s.jump_time_text(20 + 10 * k) for s in path], *map(exact, path[-1].dual_ball(30 + 5 * k))])


def real(k: int) -> str:
    path = saddle_path(RealProblem([["sqrt(2)", "pi/4"], ["1", "exp(-1/2)"]], ["1", f"sqrt({k + 2})"]))
    return str([s.jump_time_text(20 + 10 * k) for s in path])


@pytest.mark.parametrize("task", [enclosed, integrated, solved, real])
def test_eight_threads_find_what_one_finds(task: Callable[[int], str]) -> None:
    alone = [task(k) for k in range(THREADS)]
    settings = flint.ctx.prec, mpmath.mp.prec
    with ThreadPoolExecutor(THREADS) as pool:
        together = [future.result() for future in [pool.submit(task, k) for k in range(THREADS)]]
    assert together == alone
    assert (flint.ctx.prec, mpmath.mp.prec) == settings


def table(folder: Path, content: str) -> Path:
    place = folder / "table.csv"
    place.write_text(content)
    return place


PUBLIC: dict[str, Callable[[Path], Any]] = {
    "saddle_path, rational": lambda _: repr(saddle_path(SMALL, arithmetic="rational")),
    "saddle_path, ball": lambda _: saddle_path(SMALL, arithmetic="ball")[-1].dual_ball(50),
    "saddle_path, real": lambda _: real(1),
    "saddle_path, stopped": lambda _: saddle_path(SMALL, arithmetic="ball", progress=lambda s: False),
    "saddle_path, norms": lambda _: saddle_path(SMALL.standardized())[1].jump_time_text(30),
    "lasso_path": lambda _: lasso_path(SMALL),
    "certificate": lambda _: saddle_path(SMALL).certificate(uniqueness=True).check(),
    "outline": lambda _: saddle_path(SMALL, arithmetic="ball").outline().check(),
    "enclose": lambda _: enclose(SMALL, "1e-3", TIMES, keep=True).over(0, "1/5"),
    "enclose, stopped": lambda _: enclose(SMALL, "1e-3", TIMES, progress=lambda state: False),
    "integrate": lambda _: integrate(SMALL, "1e-3", TIMES, keep=True).at("1/9"),
    "integrate, stopped": lambda _: integrate(SMALL, "1e-3", TIMES, progress=lambda state: False),
    "converge": lambda _: converge(saddle_path(FLAT), ["1e-3"]),
    "corrections": lambda _: corrections(saddle_path(SMALL)),
    "transitions": lambda _: transitions(saddle_path(SMALL)),
    "jump_corrections": lambda _: jump_corrections(saddle_path(SMALL)),
    "resolution": lambda _: resolution(saddle_path(SMALL)),
    "compare_curves": lambda _: compare_curves(saddle_path(SMALL), ["1e-3"]),
    "flow_curve": lambda _: flow_curve(SMALL, "1e-3", 1),
    "limit_curve": lambda _: limit_curve(saddle_path(SMALL), transitions(saddle_path(SMALL)), 9),
    "minimisers": lambda _: minimisers(saddle_path(FLAT)[-1]),
    "entropic_selection": lambda _: entropic_selection(minimisers(saddle_path(FLAT)[-1])),
    "plateau_limit": lambda _: plateau_limit(saddle_path(FLAT)[-1]),
    "general_position": lambda _: general_position(SMALL),
    "read_problem": lambda folder: read_problem(table(folder, "a,y\n1,sqrt(2)\n2,pi\n")),
    "read_problem, refused": lambda folder: read_problem(table(folder, "a,y\n1,exp(10**10)\n2,pi\n")),
    "draw": lambda _: draw(saddle_path(SMALL), ["1e-3"]),
    "_repr_html_": lambda _: saddle_path(SMALL)._repr_html_(),
}


@pytest.mark.parametrize("name", PUBLIC)
def test_no_public_call_changes_the_settings_of_the_user(name: str, tmp_path: Path) -> None:
    before = flint.ctx.prec, mpmath.mp.prec, csv.field_size_limit(), blas()
    flint.ctx.prec, mpmath.mp.prec = 71, 67
    try:
        try:
            PUBLIC[name](tmp_path)
        except ExactSaddleError:
            assert "refused" in name
        assert (flint.ctx.prec, mpmath.mp.prec, csv.field_size_limit(), blas()) == (71, 67, *before[2:])
    finally:
        flint.ctx.prec, mpmath.mp.prec = before[:2]


def blas() -> set[int]:
    """Threads of the BLAS libraries: SciPy brings its own."""
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


SECTIONS: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "workprec": (lambda: workprec(99), lambda: flint.ctx.prec),
    "mpmath_workprec": (lambda: mpmath_workprec(99), lambda: mpmath.mp.prec),
    "csv_field_limit": (lambda: csv_field_limit(99), csv.field_size_limit),
    "single_threaded_blas": (single_threaded_blas, blas),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_is_left_as_it_was_entered_even_by_an_error(name: str) -> None:
    section, setting = SECTIONS[name]
    before = setting()
    with suppress(KeyboardInterrupt), section():
        assert name == "single_threaded_blas" or setting() == 99
        raise KeyboardInterrupt
    assert setting() == before
    assert not waits_for_the_lock()


def test_a_section_that_cannot_be_entered_lets_go_of_the_lock() -> None:
    with pytest.raises(ValueError, match="prec"), workprec(-1):
        pass
    assert not waits_for_the_lock()


def waits_for_the_lock() -> bool:
    entered = threading.Event()

    @one_at_a_time
    def enter() -> None:
        entered.set()

    threading.Thread(target=enter, daemon=True).start()
    return not entered.wait(0.2)


def test_sections_of_one_thread_nest_and_those_of_others_wait() -> None:
    with workprec(100), workprec(200):
        assert flint.ctx.prec == 200
        assert waits_for_the_lock()
    assert not waits_for_the_lock()


def test_a_forked_child_does_not_wait_for_a_thread_it_does_not_have() -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with workprec(100):
            inside.set()
            leave.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait()
    child = os.fork()
    if not child:
        os._exit(waits_for_the_lock())
    leave.set()
    holder.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_settings_of_the_process_are_changed_in_one_file_and_no_section_yields() -> None:
    sections = {"workprec", "mpmath_workprec", "single_threaded_blas", "csv_field_limit"}
    words = ("workdps", "extraprec", "extradps", "field_size_limit", ".prec", ".dps")
    strangers = []
    for place in (*(ROOT / "exactsaddle").rglob("*.py"), *(ROOT / "proofs_checks" / "claims").rglob("*.py")):
        text = place.read_text()
        if place.name == "precision.py" or not any(word in text for word in (*sections, *words)):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute) and node.attr in (
                *("workprec", "workdps", "extraprec", "extradps", "field_size_limit"),
            ):
                strangers.append(f"{place}: {node.lineno}")
            if isinstance(node, ast.Attribute) and node.attr in ("prec", "dps"):
                strangers += [f"{place}: {node.lineno}"] * isinstance(node.ctx, ast.Store)
            if isinstance(node, ast.With):
                names = {n.id for item in node.items for n in ast.walk(item) if isinstance(n, ast.Name)}
                if names & sections:
                    yields = (n for n in ast.walk(node) if isinstance(n, (ast.Yield, ast.YieldFrom)))
                    strangers += [f"{place}: {n.lineno}" for n in yields]
    assert not strangers
