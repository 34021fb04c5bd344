"""What each part of a report may cost, and a part that is not there: Absent, with its reason.

No budget is a time: the same input gives the same findings on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from flint import arb

from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.certificates import exact_work
from exactsaddle.numbers import parse_rational, shorten
from exactsaddle.path import SaddlePath
from exactsaddle.problem import Problem, RealProblem

T = TypeVar("T")

Progress = Callable[[str, float | None], bool | None]
"""Called with what is being computed and how much of it is done, from 0 to 1 where that is known."""
_SMALLEST, _LARGEST = arb("1e-150"), arb("1e150")
"""Within these bounds products of two numbers are floats as well."""
_UNLIMITED = 10**18


@dataclass(frozen=True)
class Absent:
    """A part of the findings that is not there, and why."""

    reason: str


IRRATIONAL = Absent("it needs a problem over the rationals, and numbers here are irrational")


@dataclass(frozen=True)
class Budgets:
    """What each part may cost, in units that do not depend on the machine; the defaults are "standard".

    There a report of 178 × 13 numbers has every part, and one of 50 × 100 noisy floats all but general
    position and the drawn curves of the flow, of which one takes a third of the time of all else; both take
    minutes. ``read`` reads others.
    """

    flow_work: int = 20_000
    """``flow.flow_work`` summed over α, some milliseconds each: of what is measured, and of what is drawn."""
    curve_work: int = 400_000_000
    """(intervals of time)·(saddles)·nd that the drawn curves of the flow are cut into."""
    flow_digits: int = 5
    """Digits the balls around the flow are good for."""
    orbit_work: int = 2_000_000
    """``convergence.orbit_work`` of the orbits that corrections without a closed form take."""
    exact_work: int = 5_000_000_000
    """``certificates.exact_work`` of a path found by bounds, for what takes its exact numbers."""
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
    lasso_work: int = 50_000_000
    """(saddles)·nd, to which the work of a Lasso path of about as many knots is proportional."""
    multiplications: int = 6_000_000
    """Estimated rational multiplications of all properties together, in numbers of 1,000 bits.

    What is beyond that is judged by balls, as far as it can be and the path was found by bounds.
    """
    eigenvalue_work: int = 20_000_000
    """(saddles)·min(n, d)³, to which the work of the relaxation rates is proportional."""
    ledger_work: int = 2_000_000
    """(saddles)·d², to which the work of the dearest statement of the ledger is proportional."""

    @classmethod
    def read(cls, words: Sequence[str]) -> Budgets:
        """The budgets that small, standard, all or NAME=NUMBER say, one after another.

        Raises InvalidInput for anything else, with what there is.
        """
        found = cls()
        names = [field.name for field in fields(cls)]
        for word in words:
            typed, equals, value = word.partition("=")
            name = typed.strip().replace("-", "_")
            if not equals and typed in _LEVELS:
                found = _LEVELS[typed]
            elif equals and name in names:
                found = replace(found, **{name: _number(word, value)})
            else:
                known = ", ".join(kebab(known) for known in names)
                raise InvalidInput(
                    f"--budget {shorten(word)!r} is not small, standard or all, nor NAME=NUMBER with a NAME "
                    f"of {known}"
                )
        return found


_LEVELS = {
    "small": Budgets(
        flow_work=600,
        curve_work=40_000_000,
        orbit_work=0,
        exact_work=1_000_000,
        lasso_work=5_000_000,
        multiplications=200_000,
        eigenvalue_work=500_000,
        ledger_work=200_000,
    ),
    "standard": Budgets(),
    "all": Budgets(**{field.name: _UNLIMITED for field in fields(Budgets) if field.name != "flow_digits"}),
}


def kebab(name: str) -> str:
    """The name of a budget as one types it."""
    return name.replace("_", "-")


def _number(word: str, text: str) -> int:
    try:
        value = parse_rational(text)
    except InvalidInput:
        value = None
    if value is None or value.denominator != 1 or not 0 <= value <= _UNLIMITED:
        raise InvalidInput(f"--budget {shorten(word)!r}: a budget is an integer from 0 to 1e18")
    return int(value.numerator)


def attempt(compute: Callable[[], T], name: str | None = None) -> T | Absent:
    """What is computed, or the budget, of that name, or hypothesis that is in the way."""
    try:
        return compute()
    except Inconclusive as error:
        return Absent(str(error) if name is None else f"{error} (--budget {kebab(name)}=N allows more)")
    except InvalidInput as error:
        return Absent(str(error))


def exactly(
    path: SaddlePath, budgets: Budgets, compute: Callable[[], T], *, roots: bool = False
) -> T | Absent:
    """The same, for what needs the exact numbers of a path; roots: also where they are sums of roots."""
    long = no_numbers(path, budgets, roots=roots)
    return attempt(compute) if long is None else long


def no_numbers(path: SaddlePath, budgets: Budgets, *, roots: bool = False) -> Absent | None:
    """Why the exact numbers of a path are not to be had: it was found by bounds, and they are long.

    Times and duals of irrational thresholds are sums of up to d roots, taken where roots are.
    """
    if path.decisions is None:
        return None
    rational = path.problem.is_rational
    if isinstance(path.problem, RealProblem) or not (rational or roots):
        return IRRATIONAL
    work = exact_work(path) * (1 if rational else path.problem.d)
    if work <= budgets.exact_work:
        return None
    return Absent(
        "it needs the exact numbers of the path, which are long here: the path was found by rigorous bounds "
        f"(about {work:,} products of 32-bit words; --budget exact-work={work} allows that, and "
        "--arithmetic rational finds it in rationals)"
    )


def entry_bits(problem: Problem) -> int:
    """About the bits of an entry of XᵀX over one denominator."""
    return 2 * problem.design_matrix.bits + problem.n.bit_length()


def beyond(name: str, work: int, budget: int, units: str) -> Absent:
    """A part that would cost more than the budget of that name; units says what is counted."""
    return Absent(
        f"beyond the budget: {work:,} units of work, of {budget:,} ({units}; --budget {kebab(name)}={work})"
    )


def beyond_floats(path: SaddlePath) -> Absent | None:
    """Why jump times, coefficients or losses cannot be floats, in which pictures and steps are planned."""
    sizes = [saddle.jump_time_ball(17) for saddle in path[1:]]
    sizes += [saddle.loss_ball(17) for saddle in path[:1]]
    sizes += [value for saddle in path for value in saddle.beta_ball(17) if value != 0]
    if all(_SMALLEST < abs(value) < _LARGEST for value in sizes if value != 0):
        return None
    return Absent("jump times or coefficients are beyond the range of binary64")
