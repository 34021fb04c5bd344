"""Everything a report shows of one path: computed once, each part within a stated budget, and frozen.

A part that is not there is ``Absent`` with its reason. No budget is a time: the same input gives the same
findings on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from flint import arb

from exactsaddle.base import Inconclusive, InvalidInput, Status, Verdict
from exactsaddle.certificates import (
    EXACT_CHECKER,
    INTERVAL_CHECKER,
    Certificate,
    StoredCertificate,
    certificate_of,
)
from exactsaddle.convergence import (
    Convergence,
    ConvergenceProgress,
    Correction,
    Resolution,
    converge,
    corrections,
    jump_corrections,
    resolution,
)
from exactsaddle.lasso import LassoPath, Stretch, lasso_agreement, lasso_path
from exactsaddle.minimisers import Extremes, GeneralPosition, Selection, general_position
from exactsaddle.numbers import to_fraction, to_rational
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.problem import Problem
from exactsaddle.report.drawing import Drawing, draw, flow_work
from exactsaddle.testing.properties import PROPERTIES, Property

T = TypeVar("T")
Progress = Callable[[str, float | None], bool | None]
"""Called with what is being computed and how much of it is done, from 0 to 1 where that is known."""

ALPHAS = ("1e-2", "1e-4", "1e-8", "1e-16")
"""Initialisation scales at which a report looks at the flow."""


_SMALLEST, _LARGEST = arb("1e-150"), arb("1e150")
"""Within these bounds products of two numbers are floats as well."""


@dataclass(frozen=True)
class Absent:
    """A part of the findings that is not there, and why."""

    reason: str


@dataclass(frozen=True)
class Budgets:
    """What each part may cost, in units that do not depend on the machine."""

    flow_work: int = 40_000
    """Σ over α of (saddles)·min(n, d)²·d, to which the work of enclosing the flow is proportional."""
    flow_digits: int = 5
    """Digits the balls around the flow are good for."""
    orbit_integrals: int = 3
    """Jumps without a closed-form correction that are followed numerically."""
    rays: int = 100
    """Vertices and extreme rays of one set of minimisers."""
    described: int = 40
    """Saddles with several minimisers that are described."""
    selected_width: int = 40
    """Coordinates of a set of minimisers in which the flow's choice is enclosed."""
    subsets: int = 2_000
    """Subsets of columns that are tried for general position."""
    knots: int = 1_000
    """Knots of the Lasso path."""
    multiplications: int = 200_000
    """Estimated rational multiplications of all properties together, in numbers of 1,000 bits."""
    eigenvalue_work: int = 500_000
    """(saddles)·min(n, d)³, to which the work of the relaxation rates is proportional."""
    ledger_work: int = 200_000
    """(saddles)·d², to which the work of the dearest statement of the ledger is proportional."""


@dataclass(frozen=True)
class Certified:
    """The certificate as text, the independent program that decides it, and its verdict."""

    text: str
    checker: str
    verdict: Verdict

    @property
    def claims(self) -> tuple[str, ...]:
        """The names of the claims that the certificate makes."""
        return tuple(json.loads(self.text)["claims"])

    @classmethod
    def of(cls, path: SaddlePath) -> Certified:
        """The certificate of a path, with uniqueness where it states numbers, checked."""
        certificate = certificate_of(path, uniqueness=path.decisions is None)
        checker = EXACT_CHECKER if isinstance(certificate, Certificate) else INTERVAL_CHECKER
        return cls(certificate.to_text(), checker, certificate.check())

    @classmethod
    def stored(cls, certificate: StoredCertificate) -> Certified:
        """A certificate that was found in a file."""
        return cls(certificate.text, certificate.checker, certificate.verdict)


@dataclass(frozen=True, eq=False)
class MinimisersHere:
    """The minimisers at one saddle: unique, decided exactly, or None where it was not decided.

    Where β_k is the only one, dimension is 0, and there is nothing to describe or to choose.
    """

    saddle: Saddle
    unique: bool | None
    dimension: int | Absent
    bounded: bool
    extremes: Extremes | Absent
    selection: Selection | Absent


@dataclass(frozen=True)
class Judged:
    """A statement and what came of checking it on this path; source says whose statement it is."""

    name: str
    statement: str
    source: str
    verdict: Verdict


@dataclass(frozen=True)
class Examined:
    """Properties judged on this path, and the names of the others with why they were not."""

    judged: tuple[Judged, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything a report shows. Made by ``find``; a part is Absent, with its reason, or complete."""

    path: SaddlePath
    certified: Certified
    minimisers: tuple[MinimisersHere, ...]
    position: GeneralPosition | Absent
    minimum_l1: Saddle | Absent
    """The last saddle where it minimises the ℓ₁ norm over argmin L, as the certificate then proves."""
    alphas: tuple[Fraction, ...]
    convergence: Convergence | Absent
    not_enclosed: tuple[tuple[Fraction, str], ...]
    """α at which the flow was not enclosed, largest first, and why."""
    orbits_left_out: int
    """Jumps whose correction has no closed form and was not integrated numerically."""
    resolution: Resolution | Absent
    lasso: LassoPath | Absent
    agreement: tuple[Stretch, ...] | Absent
    examined: Examined | Absent
    claims: tuple[Judged, ...] | Absent
    drawing: Drawing | Absent
    drawable: Absent | None
    """Why there can be no pictures, None when there can."""
    budgets: Budgets

    @property
    def problem(self) -> Problem:
        """The problem."""
        return self.path.problem

    @property
    def selected(self) -> dict[int, tuple[arb, ...]] | None:
        """What the flow selects at each saddle with several minimisers; None where that is not known."""
        open_ones = [here for here in self.minimisers if here.unique is not True]
        found = {
            here.saddle.index: here.selection.balls
            for here in open_ones
            if isinstance(here.selection, Selection)
        }
        return found if len(found) == len(open_ones) else None

    @property
    def verdict(self) -> Verdict:
        """The checker's; rejected where a statement about every exact path is false of this one."""
        judged = self.examined.judged if isinstance(self.examined, Examined) else ()
        claims = self.claims if isinstance(self.claims, tuple) else ()
        false = [entry for entry in (*judged, *claims) if entry.verdict.status is Status.REJECTED]
        if not false:
            return self.certified.verdict
        return Verdict("report", Status.REJECTED, f"{false[0].name} is false: {false[0].verdict.evidence}")


def find(
    path: SaddlePath,
    *,
    certified: Certified | None = None,
    alphas: Iterable[Any] = ALPHAS,
    flow: bool = True,
    budgets: Budgets = Budgets(),
    judge: Callable[[SaddlePath], tuple[Judged, ...]] | None = None,
    curves: bool = False,
    progress: Progress | None = None,
) -> Findings:
    """Everything a report shows of a path.

    certified is its certificate when there is one already; flow False leaves out whatever needs the flow at
    finite α; judge judges further statements on the exact path; curves says to draw the flow, for pictures.
    """
    tell = progress or (lambda stage, share: None)
    scales = tuple(sorted({to_fraction(to_rational(alpha)) for alpha in alphas}, reverse=True))
    tell("checking the certificate", None)
    certificate = certified or Certified.of(path)
    no_flow = Absent("it was asked not to look at the flow at finite α")
    tell("corrections of the jump times", None)
    known, left_out = _corrections(path, budgets) if flow and path.decisions is None else ((), 0)
    converged, missing = _convergence(path, scales, known, budgets, tell) if flow else (no_flow, ())
    tell("minimisers", None)
    described = tuple(_describe(path, budgets))
    tell("the Lasso path", None)
    lasso = _exactly(path, lambda: lasso_path(path.problem, max_knots=budgets.knots))
    agreement = _exactly(path, lambda: lasso_agreement(path))
    tell("properties", None)
    examined = _exactly(path, lambda: _examine(path, budgets.multiplications))
    tell("drawing the flow", None)
    extreme = _drawable(path)
    drawing: Drawing | Absent = no_flow if not flow else Absent("no pictures were asked for")
    if flow and curves:
        drawing = _attempt(lambda: draw(path, scales)) if extreme is None else extreme
    return Findings(
        path=path,
        certified=certificate,
        minimisers=described,
        position=_attempt(lambda: general_position(path.problem, budgets.subsets)),
        minimum_l1=_minimum_l1(path),
        alphas=scales if flow else (),
        convergence=converged,
        not_enclosed=missing,
        orbits_left_out=left_out,
        resolution=_resolution(path, known, budgets) if flow else no_flow,
        lasso=lasso,
        agreement=agreement,
        examined=examined,
        claims=() if judge is None else _judged(path, judge, budgets),
        drawing=drawing,
        drawable=extreme,
        budgets=budgets,
    )


def _attempt(compute: Callable[[], T]) -> T | Absent:
    """What is computed, or the budget or hypothesis that is in the way."""
    try:
        return compute()
    except (Inconclusive, InvalidInput) as error:
        return Absent(str(error))


def _exactly(path: SaddlePath, compute: Callable[[], T]) -> T | Absent:
    """The same, for what needs the exact numbers of a path."""
    return _attempt(compute) if path.decisions is None else _needs_exact(path)


def _needs_exact(path: SaddlePath) -> Absent:
    return Absent(
        "it needs the exact numbers of the path, which are long here: the path was found by rigorous bounds "
        "(--arithmetic rational finds it in rationals)"
    )


def _drawable(path: SaddlePath) -> Absent | None:
    """Why jump times, coefficients or losses cannot be floats, in which pictures and steps are planned."""
    sizes = [saddle.jump_time_ball(17) for saddle in path[1:]]
    sizes += [saddle.loss_ball(17) for saddle in path[:1]]
    sizes += [value for saddle in path for value in saddle.beta_ball(17) if value != 0]
    if all(_SMALLEST < abs(value) < _LARGEST for value in sizes if value != 0):
        return None
    return Absent("jump times or coefficients are beyond the range of binary64")


def _minimum_l1(path: SaddlePath) -> Saddle | Absent:
    if not path.problem.is_standard:
        return Absent("thresholds are not all 1, or the initial dual is not 0")
    if not path.complete:
        return Absent(f"the path is a prefix, stopped by {path.stopped_by}: its end is not known")
    return path[-1]


# --- the flow at finite α ---------------------------------------------------------------------


def _corrections(path: SaddlePath, budgets: Budgets) -> tuple[tuple[Correction, ...], int]:
    """All corrections, or the closed forms alone with the number of those that would take an integral."""
    exact = jump_corrections(path)
    open_jumps = {correction.jump for correction in exact if correction.closed_form is None}
    if len(open_jumps) <= budgets.orbit_integrals:
        return corrections(path), 0
    return tuple(Correction(correction, None, correction.failed) for correction in exact), len(open_jumps)


def _convergence(
    path: SaddlePath,
    alphas: Sequence[Fraction],
    known: Sequence[Correction],
    budgets: Budgets,
    tell: Progress,
) -> tuple[Convergence | Absent, tuple[tuple[Fraction, str], ...]]:
    """The measurements at as many α as the budget allows, the smallest first; two at least, else none."""
    if path.decisions is not None:
        long = _needs_exact(path)
        return long, tuple((alpha, long.reason) for alpha in alphas)
    extreme = _drawable(path)
    if extreme is not None:
        return extreme, tuple((alpha, extreme.reason) for alpha in alphas)
    each = flow_work(path)
    affordable = budgets.flow_work // each if each else len(alphas)
    chosen = alphas[-affordable:] if affordable else ()
    beyond = (
        f"beyond the budget: {each:,} units of work at each α, of {budgets.flow_work:,} in all "
        "(saddles · min(n, d)² · d)"
    )
    dropped = tuple((alpha, beyond) for alpha in alphas if alpha not in chosen)
    if not chosen:
        return Absent(beyond), dropped

    def report(state: ConvergenceProgress) -> bool | None:
        share = float(state.time / state.last) if state.last else 1.0
        return tell("enclosing the flow", (state.index + share) / len(chosen))

    found = _attempt(lambda: converge(path, chosen, digits=budgets.flow_digits, known=known, progress=report))
    missing = found.missing if isinstance(found, Convergence) else ()
    return found, (*dropped, *missing)


def _resolution(path: SaddlePath, known: Sequence[Correction], budgets: Budgets) -> Resolution | Absent:
    work = len(path) * min(path.problem.shape) ** 3
    if work > budgets.eigenvalue_work:
        return Absent(
            f"beyond the budget: {work:,} units of work, of {budgets.eigenvalue_work:,} "
            "(saddles · min(n, d)³)"
        )
    return _exactly(path, lambda: resolution(path, known))


# --- minimisers -------------------------------------------------------------------------------


def _describe(path: SaddlePath, budgets: Budgets) -> Iterator[MinimisersHere]:
    only, described = Absent("β_k is the only minimiser"), 0
    for saddle in path:
        if path.decisions is not None and saddle.still:
            long = _needs_exact(path)
            yield MinimisersHere(saddle, None, long, True, long, long)
        elif path.decisions is not None or saddle.unique:
            # by balls: E is the support, whose columns are independent
            yield MinimisersHere(saddle, True, 0, True, only, only)
        else:
            described += 1
            yield _several(saddle, budgets, described <= budgets.described)


def _several(saddle: Saddle, budgets: Budgets, wanted: bool) -> MinimisersHere:
    here = saddle.minimisers
    extremes: Extremes | Absent
    selection: Selection | Absent
    if not wanted:
        extremes = selection = Absent(f"only the first {budgets.described} such saddles are described")
    else:
        extremes = _attempt(lambda: here.extremes(budgets.rays))
        wide = len(here.free)
        selection = (
            _attempt(lambda: saddle.selected)
            if wide <= budgets.selected_width
            else Absent(f"{wide} coordinates take part, more than the budget of {budgets.selected_width}")
        )
    return MinimisersHere(saddle, False, here.dimension, here.bounded, extremes, selection)


# --- properties -------------------------------------------------------------------------------


def _judged(
    path: SaddlePath, judge: Callable[[SaddlePath], tuple[Judged, ...]], budgets: Budgets
) -> tuple[Judged, ...] | Absent:
    work = len(path) * path.problem.d**2
    if work > budgets.ledger_work:
        return Absent(f"beyond the budget: {work:,} units of work, of {budgets.ledger_work:,} (saddles · d²)")
    return _exactly(path, lambda: judge(path))


def _examine(path: SaddlePath, budget: int) -> Examined:
    judged: list[Judged] = []
    left_out: list[tuple[str, str]] = []
    spent = 0
    for claim in PROPERTIES.values():
        cost = _multiplications(claim, path)
        if claim.hypothesis is not None and not claim.applies(path.problem, path):
            left_out.append((claim.name, f"applies to {claim.hypothesis.name} only"))
        elif spent + cost > budget:
            left_out.append(
                (
                    claim.name,
                    f"about {cost:,} multiplications; of the budget, {budget:,}, {budget - spent:,} are left",
                )
            )
        else:
            spent += cost
            verdict = claim(path.problem, path)
            judged.append(Judged(claim.name, claim.statement, "", verdict))
    return Examined(tuple(judged), tuple(left_out))


def _multiplications(claim: Property, path: SaddlePath) -> int:
    """Roughly how many rational multiplications the check takes: a reading of its loops.

    A multiplication costs as many as its numbers have thousands of bits.
    """
    n, d = path.problem.shape
    once = n * d * len(path)
    dear = {
        "orthogonal-mixing": n * n * d,
        "strict-saddle": once * d,
        "average-identity": 3 * once,
        "average-lasso": 2 * once,
        "average-lasso-throughout": once,
        "certificate": 0,
        "uniqueness": 0,
        "general-position": 0,
    }
    cheap = {"start", "sign-cone", "kkt", "first-hit", "end", "lookup", "distinct-supports"}
    count = d * len(path) if claim.name in cheap else dear.get(claim.name, once)
    return count * (1 + path[-1].dual_vector.bits // 1_000)
