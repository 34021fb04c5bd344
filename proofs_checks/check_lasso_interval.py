"""Check the certificate of a Lasso path by its events (version 2): standard library, no code of the solver.

    python -I check_lasso_interval.py lasso.json                          a certificate that holds its problem
    python -I check_lasso_interval.py lasso.json --problem problem.json   a detached one

Such a certificate states which coordinate joins or leaves the support at each knot, and no numbers. Between
knots the solution is that of the equations of its support and signs, linear in lambda; this file encloses
both, as integers over a power of two with an integer bound of the error, and proves the KKT conditions at
both ends of every segment. Where intervals prove no equality (several events at one knot, a coordinate that
rests on its bound, a gradient that is zero at the end) the knot states lambda and b: checked exactly.
CERTIFICATE.md says why the claims suffice. What is still undecided at MAX_BITS is *unchecked*, and named.

Exit codes: 0 verified; 1 rejected; 2 malformed; 3 unchecked (a prefix whose claims hold, or left open).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, lcm
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:  # run as a script: with -I its folder is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from proofs_checks import check_lasso, check_path_interval
from proofs_checks import check_path as grammar
from proofs_checks.check_path_interval import (
    EXACT,
    MAX_BITS,
    SIDES,
    Enclosure,
    Fit,
    Interval,
    Number,
    Packed,
    Rejected,
    Replay,
    Undecided,
    by_name,
)

CLAIMS = ["problem", "order", "bounds", "segment", "end"]
NUMBERS = "numbers"
"""The optional last claim: penalty, loss, norm and coefficients lie in the intervals stated."""

Bounds = tuple[int, int]
"""Around a number, in units of 2^-bits."""
Ends = tuple[Fraction, Fraction]
"""Around a number, in the units of the problem."""
Sides = dict[int, int]


@dataclass(frozen=True)
class Report:
    """What was decided: "verified", "rejected" or "unchecked", and why; bits is the precision it took."""

    verdict: str
    knots: int
    digest: str
    message: str
    bits: int


class Knot(NamedTuple):
    """As stated: who joins on which side, or leaves (0); or else lambda, b, and who is nonzero below."""

    event: tuple[int, int] | None
    exact: check_lasso.Knot | None
    below: Sides
    dependence: dict[int, dict[int, Fraction]]
    numbers: dict[str, Interval] | None


class Certificate(NamedTuple):
    """As stated; bits is the precision to begin with."""

    complete: bool
    claims: list[str]
    digest: str
    problem: Any
    bits: int
    knots: list[Knot]


# --- The verdict ------------------------------------------------------------------------------------------


def check(
    text: str | bytes,
    problem: str | bytes | None = None,
    names: tuple[str, str] = ("", "problem: "),
    max_bits: int = MAX_BITS,
) -> Report:
    """Decide the certificate in text; arguments and exceptions are as in ``check_path.check``.

    max_bits is the precision at which what is open stays so.
    """
    with grammar.unlimited_digits():
        given = (
            None
            if problem is None
            else grammar.load(
                problem, names[1], lambda found: grammar.read_problem(found, "", True, roots=True)
            )
        )
        certificate = grammar.load(text, names[0], lambda found: read_certificate(found, given))
        return decide(certificate, given, max_bits)


def decide(certificate: Certificate, given: Any, max_bits: int) -> Report:
    """Follow the events at rising precision, at last at max_bits, until every claim is decided."""
    problem, count, digest = certificate.problem, len(certificate.knots), certificate.digest
    for found in (problem, given or problem):
        if found.digest != digest:
            message = f"knot 0: problem: stated {digest}, the problem has {found.digest}"
            return Report("rejected", count, digest, message, 0)
        if any(found.dual.values) or found.roots:
            message = "knot 0: problem: the initial dual of a Lasso path is 0"
            return Report("rejected", count, digest, message, 0)
    bits = min(certificate.bits, max_bits)
    while True:
        try:
            Follow(problem, bits).run(certificate)
        except Rejected as failure:
            return Report("rejected", count, digest, str(failure), bits)
        except Undecided as reason:
            if bits < max_bits and not str(reason).endswith(EXACT):
                bits = min(2 * bits, max_bits)
                continue
            return Report("unchecked", count, digest, f"{reason}, at {bits} bits", bits)
        scope = "down to lambda = 0" if certificate.complete else "a prefix: what follows is not known"
        names = ", ".join(certificate.claims)
        message = f"{count} knots of the Lasso path ({scope}), problem {digest}; proved by intervals: {names}"
        return Report("verified" if certificate.complete else "unchecked", count, digest, message, bits)


# --- One segment ------------------------------------------------------------------------------------------


class Segment:
    """b_A = u - lambda w and c = X'(y - Xb)/n = p + lambda q for one support A with signs, enclosed.

    In the units of ``check_path_interval.Scaled``: u minimises |y - xu| on A, x_A'x_A w = tau, the signed
    thresholds. Each number is within a bound of an integer, in units of 2^-bits.
    """

    def __init__(self, follow: Follow, active: Sides) -> None:
        self.follow, self.active = follow, active
        data: Any = follow.lean.data
        pushed = {i: follow.place(i, side) * -1 for i, side in active.items()}
        data.penalty = [pushed.get(i, Fraction(0)) for i in range(data.d)]
        self.base, self.tilt = (
            replay.fit(sorted(active)) if active else replay.given_fit({})
            for replay in (follow.base, follow.lean)
        )

        others = [i for i in range(data.d) if i not in active]
        self.pulls = self.products(self.base, others)
        """p off the support, each within spread + 1."""
        self.leans = {i: -product for i, product in self.products(self.tilt, others).items()}
        """q, likewise."""

    def products(self, fit: Fit, columns: list[int]) -> Sides:
        """x_i times the slope, for all columns at once."""
        found = self.follow.rows.product(dict(enumerate(fit.slope)), columns) if columns else {}
        return {i: product >> self.follow.data.exponents[i] for i, product in found.items()}

    def coefficient(self, fit: Fit, i: int) -> Bounds:
        """u_i or w_i."""
        value = fit.coefficients[i] >> (fit.places - self.follow.bits)
        return value - fit.error, value + 1 + fit.error

    def form(self, i: int, side: int) -> tuple[Bounds, Bounds]:
        """(a, h): the KKT condition a lambda - h >= 0 of a side of i off the support, or of its sign (0)."""
        if side == 0:
            sign = -self.active[i]
            return turned(self.coefficient(self.tilt, i), sign), turned(self.coefficient(self.base, i), sign)
        bound, data = self.follow.base.bounds[side][i], self.follow.data
        if bound is None:
            raise Rejected(f"order: coordinate {data.called[i]} has no {SIDES[side]} bound")
        pull, lean = self.pulls[i], self.leans[i]
        off, turn = self.base.spread + 1, self.tilt.spread + 1
        low, high = turned((lean - turn, lean + turn), -side)
        return (bound + low, bound + 1 + high), turned((pull - off, pull + off), side)

    def conditions(self, known: set[int]) -> Iterator[tuple[int, int]]:
        """All that there are, but for coordinates off the support whose conditions are known to hold."""
        yield from ((i, 0) for i in self.active)
        for i in range(self.follow.data.d):
            if i not in self.active and i not in known:
                yield from ((i, side) for side in (1, -1) if self.follow.base.bounds[side][i] is not None)

    def numbers(self, penalty: Bounds, *, fits: bool) -> dict[str, Ends]:
        """lambda, L(b), |b|_1 and each coefficient, in the units of the problem."""
        data, one = self.follow.data, 1 << self.follow.bits
        found = {"penalty": (penalty[0] / data.time_unit / one, penalty[1] / data.time_unit / one)}
        least = most = lean_low = lean_high = Fraction(0)
        for i, side in sorted(self.active.items()):
            u, w = (self.coefficient(fit, i) for fit in (self.base, self.tilt))
            moved = [Fraction(a * b, one) for a in w for b in penalty]
            low, high = ((u[0] - max(moved)) * side, (u[1] - min(moved)) * side)
            low, high = min(low, high), max(low, high)  # |b_i|, where the sign is proved
            unit = data.beta_units[i] / one
            least, most = least + max(low, Fraction(0)) * unit, most + high * unit
            found[f"beta {i}"] = (low * unit, high * unit) if side > 0 else (-high * unit, -low * unit)
            ends = [value * bound for value in w for bound in self.follow.around(i, side)]
            lean_low, lean_high = lean_low + min(ends), lean_high + max(ends)
        found["norm"] = (least, most)
        length = 0 if fits else isqrt(sum(v * v for v in self.base.slope))
        spread = 0 if fits else self.base.spread + 1
        # |y - xb|^2 = |y - xu|^2 + lambda^2 tau'w: the residual of u is orthogonal to xw
        found["loss"] = (
            (max(length - spread, 0) ** 2 + penalty[0] ** 2 * max(lean_low, Fraction(0)) / one)
            * data.loss_unit
            / one**2,
            ((length + spread) ** 2 + penalty[1] ** 2 * lean_high / one) * data.loss_unit / one**2,
        )
        return found


def turned(bounds: Bounds, sign: int) -> Bounds:
    """The bounds of a number times 1 or -1."""
    return bounds if sign > 0 else (-bounds[1], -bounds[0])


# --- The path ---------------------------------------------------------------------------------------------


class Follow:
    """The segments from above, one after another; active is the support, with signs, of the one to come."""

    def __init__(self, problem: Any, bits: int) -> None:
        self.problem, self.bits = problem, bits
        self.base = Replay(problem, bits)
        self.data = self.base.data
        self.lean = copy(self.base)
        """Least squares of the target 0 with pulls -tau: w, by the same enclosures."""
        self.lean.data, self.lean.against, self.lean.penalised = copy(self.data), {}, True
        self.lean.data.target = [0] * self.data.n
        self.rows = Packed(self.data.rows, self.data.bits)
        self.active: Sides = {}
        self.resting: set[int] = set()
        """Coordinates on their bound all along the segment, as their columns depend on the support."""
        self.last: Bounds | None = None
        self.exactly: Fraction | None = None
        """lambda of the knot before, where it was stated."""

    def place(self, i: int, side: int) -> Number:
        """The signed threshold, in the units of the data."""
        return self.data.place(i, side)

    def around(self, i: int, side: int) -> tuple[Fraction, Fraction]:
        """Rational bounds of it."""
        found = self.place(i, side)
        if isinstance(found, Fraction):
            return found, found
        low = found.floor(self.bits)
        return Fraction(low, 1 << self.bits), Fraction(low + 1, 1 << self.bits)

    def run(self, certificate: Certificate) -> None:
        """Decide every claim; raises Rejected or Undecided."""
        for k, knot in enumerate(certificate.knots):
            last = k + 1 == len(certificate.knots)
            try:
                if knot.exact is not None:
                    self.stated(k, knot, knot.exact)
                elif knot.event is not None:
                    self.bend(knot, *knot.event)
                else:
                    self.end(knot)
                ends = self.last == (0, 0)
                if ends and not last:
                    raise Rejected("order: lambda = 0 before the last knot")
                if last and ends != certificate.complete:
                    raise Rejected("end: " + ("the last lambda is not 0" if not ends else "it is complete"))
            except Rejected as failure:
                raise Rejected(f"knot {k}: {failure}") from None
            except Undecided as reason:
                raise Undecided(f"knot {k}: {reason}") from None

    def bend(self, knot: Knot, i: int, side: int) -> None:
        """One coordinate joins or leaves, where its condition reaches zero; all others hold there."""
        who = self.data.called[i]
        if (side == 0) != (i in self.active) or i in self.resting:
            raise Rejected(f"order: coordinate {who} cannot {'join' if side else 'leave'} here")
        segment = Segment(self, self.active)
        a, h = segment.form(i, side)
        if a[1] <= 0 or h[1] <= 0:
            raise Rejected(f"order: coordinate {who} does not reach its bound as lambda falls")
        if a[0] <= 0 or h[0] <= 0:
            raise Undecided(f"order: whether coordinate {who} reaches its bound")
        penalty = ((h[0] << self.bits) // a[1], -((-h[1] << self.bits) // a[0]))
        self.falls(penalty, None)
        known = self.data.empty | self.resting
        for other in segment.conditions(known):
            if other != (i, side):
                self.holds(segment, *other, penalty)
        self.contains(knot, segment, penalty)
        self.active = {j: sign for j, sign in self.active.items() if j != i}
        if side:
            self.active[i] = side
        elif self.resting:
            self.resting = (
                set()
            )  # their columns may have depended on it: their conditions are looked at again

    def end(self, knot: Knot) -> None:
        """lambda = 0 comes before any other event."""
        segment = Segment(self, self.active)
        self.falls((0, 0), None)
        fits = len(self.active) == self.data.n  # independent columns that leave no residual
        known = set(range(self.data.d)) if fits else self.data.empty
        for i, side in segment.conditions(known):
            _, h = segment.form(i, side)
            who = self.data.called[i]
            if h[0] > 0:
                raise Rejected(f"bounds: coordinate {who} is beyond its bound at lambda = 0")
            if h[1] > 0:
                sided = side and None in (self.base.bounds[s][i] for s in (1, -1))
                open_at = f"bounds: the gradient of coordinate {who} at lambda = 0"
                raise Undecided(open_at if sided or not side else f"{open_at} {EXACT}")
        self.contains(knot, segment, (0, 0))

    def stated(self, k: int, knot: Knot, found: check_lasso.Knot) -> None:
        """lambda and b as stated lie on the segment above and on that below; the KKT conditions, exactly."""
        state = check_lasso.State(self.problem, k, found)
        exact = Fraction(*found.penalty)
        if exact < 0:
            raise Rejected("order: lambda is negative")
        if exact and any(isinstance(c, grammar.Root) for c in (*self.problem.lower, *self.problem.upper)):
            raise Rejected("order: lambda is not stated above 0 where thresholds are square roots")
        here = exact * self.data.time_unit * (1 << self.bits)
        penalty = (here.numerator // here.denominator, -(-here.numerator // here.denominator))
        self.falls(penalty, exact)
        for i, sides in enumerate(zip(state.above, state.below, strict=True)):
            if 2 in sides:
                raise Rejected(f"bounds: {state.show(state.c, i)} is beyond its bound")
        b = state.b.values
        for active, which in (
            ((self.active, "above"), (knot.below, "below")) if exact else ((self.active, "above"),)
        ):
            for i, value in enumerate(b):
                if value * active.get(i, 0) < 0 or (value and i not in active):
                    raise Rejected(
                        f"segment: {state.show(state.b, i)}, which the support {which} does not allow"
                    )
            for i, sign in active.items():
                if not state.on_bound(i, sign):
                    raise Rejected(f"segment: {state.show(state.c, i)} is not on its bound, {which}")
        if next(self.base.independent(sorted(self.active)), None) is None and self.active:
            raise Undecided(
                f"segment: that columns {by_name(sorted(self.active), self.data.called)} are independent"
            )
        for j, weights in knot.dependence.items():
            self.depends(j, weights, knot.below, state)
        if knot.numbers is not None:
            support = {i for i, value in enumerate(b) if value}
            self.states(knot.numbers, exact_numbers(state, exact), support)
        self.active, self.resting = dict(knot.below), set(knot.dependence)

    def depends(self, j: int, weights: dict[int, Fraction], below: Sides, state: check_lasso.State) -> None:
        """Column j is this combination of the support below, and its bound the same one of theirs."""
        columns, scale, who = self.problem.columns, self.data, self.data.called[j]
        if j in below or not weights.keys() <= below.keys():
            raise Rejected(f"segment: the dependence of column {who} is not on the support below")
        found = [
            sum((w * columns[i][row] for i, w in weights.items()), Fraction(0)) for row in range(scale.n)
        ]
        if found != columns[j]:
            raise Rejected(f"segment: column {who} is not the combination stated")
        bounds = {side: (self.problem.upper if side > 0 else self.problem.lower) for side in (1, -1)}
        bound = sum((w * below[i] * Fraction(*bounds[below[i]][i]) for i, w in weights.items()), Fraction(0))
        sides = [
            s for s in (1, -1) if bounds[s][j] != grammar.INFINITE and bound == s * Fraction(*bounds[s][j])
        ]
        if not sides:
            raise Rejected(f"segment: the bound of column {who} is not the same combination")

    def falls(self, penalty: Bounds, exact: Fraction | None) -> None:
        """lambda is below that of the knot before."""
        if self.last is not None:
            both = exact is not None and self.exactly is not None
            if (both and exact >= self.exactly) or penalty[0] >= self.last[1]:  # type: ignore[operator]
                raise Rejected("order: lambda is not below that of the knot before")
            if not both and penalty[1] >= self.last[0]:
                raise Undecided("order: whether lambda is below that of the knot before")
        self.last, self.exactly = penalty, exact

    def holds(self, segment: Segment, i: int, side: int, penalty: Bounds) -> None:
        """The condition at lambda."""
        a, h = segment.form(i, side)
        least = (a[0] * (penalty[0] if a[0] > 0 else penalty[1]) >> self.bits) - h[1]
        most = (a[1] * (penalty[1] if a[1] > 0 else penalty[0]) >> self.bits) + 1 - h[0]
        within = "is within its bound" if side else "has the sign of its bound"
        what = f"coordinate {self.data.called[i]} {within}"
        if most < 0:
            raise Rejected(f"{'segment' if side == 0 else 'bounds'}: it is false that {what}")
        if least < 0:
            raise Undecided(f"{'segment' if side == 0 else 'bounds'}: whether {what}")

    def contains(self, knot: Knot, segment: Segment, penalty: Bounds) -> None:
        """The intervals that the knot states, if it does: of the coefficients that are not zero."""
        if knot.numbers is not None:
            fits = len(segment.active) == self.data.n
            gone = knot.event[0] if knot.event is not None and knot.event[1] == 0 else None
            self.states(knot.numbers, segment.numbers(penalty, fits=fits), set(segment.active) - {gone})

    def states(self, stated: dict[str, Interval], enclosed: dict[str, Ends], support: set[int]) -> None:
        """What is stated is of the support, and contains what was enclosed."""
        listed = {int(what.removeprefix("beta ")) for what in stated if what.startswith("beta ")}
        if listed != support:
            raise Rejected(
                f"{NUMBERS}: beta must list the support, {by_name(sorted(support), self.data.called)}"
            )
        self.base.contains(stated, {what: over_one_unit(*ends) for what, ends in enclosed.items()})


def over_one_unit(low: Fraction, high: Fraction) -> Enclosure:
    """The same bounds, as integers times a unit."""
    unit = lcm(low.denominator, high.denominator)
    return Enclosure(int(low * unit), int(high * unit), Fraction(1, unit))


def exact_numbers(state: check_lasso.State, penalty: Fraction) -> dict[str, Ends]:
    """Those of a knot that states lambda and b."""
    problem, scale = state.problem, state.b.scale
    values = {i: Fraction(v, scale) for i, v in enumerate(state.b.values)}
    unit = scale * problem.scale
    residual = [scale * y for y in problem.target]
    for value, column in zip(state.b.values, problem.columns, strict=True):
        if value:
            residual = [r - value * x for r, x in zip(residual, column, strict=True)]
    loss = Fraction(sum(r * r for r in residual), 2 * len(residual) * unit**2)
    found = {"penalty": penalty, "loss": loss, "norm": sum(map(abs, values.values()), Fraction(0))}
    found |= {f"beta {i}": value for i, value in values.items()}
    return {what: (value, value) for what, value in found.items()}


# --- The grammar ------------------------------------------------------------------------------------------


def read_certificate(document: Any, given: Any) -> Certificate:
    """The certificate about the problem inside, else about the one given."""
    need, name = grammar.need, grammar.name
    required = {"format", "version", "complete", "claims", "digest", "bits", "knots"}
    found = grammar.fields(document, "", required, {"problem"})
    version, complete = found["version"], found["complete"]
    need(
        found["format"] == "exactsaddle lasso certificate",
        "format",
        'must be "exactsaddle lasso certificate"',
    )
    need(type(version) is grammar.Bare and version == "2", "version", f"must be 2, not {name(version)}")
    need(type(complete) is bool, "complete", f"must be true or false, not {name(complete)}")
    claims = CLAIMS if complete else CLAIMS[:-1]
    numbers = found["claims"] == [*claims, NUMBERS]
    need(numbers or found["claims"] == claims, "claims", f"must be {json.dumps(claims)} (and {NUMBERS})")
    hexadecimal = type(found["digest"]) is str and re.fullmatch("[0-9a-f]{64}", found["digest"])
    need(hexadecimal, "digest", "must be 64 lower-case hexadecimal digits")
    bits = check_path_interval.index(found["bits"], "bits", MAX_BITS + 1)
    need(bits >= 1, "bits", "must be positive")
    problem = grammar.read_problem(found["problem"], "problem", roots=True) if "problem" in found else given
    need(problem is not None, "problem", "absent (a detached certificate): give it, with --problem FILE")
    d = len(problem.columns)
    knots = grammar.each(lambda value, at: read_knot(value, at, d, numbers), found["knots"], "knots")
    return Certificate(complete, found["claims"], found["digest"], problem, bits, knots)


def read_knot(document: Any, path: str, d: int, numbers: bool) -> Knot:
    """A knot: one event, or lambda and b with who is nonzero below, or nothing at lambda = 0."""
    keys = {key for key, _ in document} if type(document) is tuple else set()
    exact = "penalty" in keys
    required = {"penalty", "beta", "below"} if exact else {"event"}
    optional = {"dependence"} if exact else set()
    found = grammar.fields(document, path, required | ({NUMBERS} if numbers else set()), optional)
    stated = read_numbers(found[NUMBERS], f"{path}.{NUMBERS}", d) if numbers else None
    if not exact:
        events = read_sides(found["event"], f"{path}.event", d, ("1", "-1", "0"))
        grammar.need(len(events) <= 1, f"{path}.event", "must name one coordinate, or none at lambda = 0")
        return Knot(next(iter(events.items()), None), None, {}, {}, stated)
    penalty = grammar.number(found["penalty"], f"{path}.penalty")
    knot = check_lasso.Knot(penalty, grammar.read_sparse(found["beta"], f"{path}.beta", "b", d))
    below = read_sides(found["below"], f"{path}.below", d, ("1", "-1"))
    grammar.need(penalty[0] or not below, f"{path}.below", "must be empty at lambda = 0")
    dependence = {
        j: check_path_interval.sparse(value, at, d)
        for j, value, at in check_path_interval.entries(found.get("dependence", ()), f"{path}.dependence", d)
    }
    return Knot(None, knot, below, dependence, stated)


def read_sides(value: Any, path: str, d: int, allowed: tuple[str, ...]) -> Sides:
    """A side by column."""
    found = {}
    for i, side, at in check_path_interval.entries(value, path, d):
        known = type(side) is grammar.Bare and side in allowed
        grammar.need(known, at, f"must be one of {', '.join(allowed)}, not {grammar.name(side)}")
        found[i] = int(side)
    return found


def read_numbers(document: Any, path: str, d: int) -> dict[str, Interval]:
    """Intervals of the penalty, the loss, the norm and the coefficients that are not zero."""
    found = grammar.fields(document, path, {"penalty", "loss", "norm", "beta"}, set())
    read = check_path_interval.interval
    stated = {what: read(found[what], f"{path}.{what}") for what in ("penalty", "loss", "norm")}
    betas = check_path_interval.entries(found["beta"], f"{path}.beta", d)
    return stated | {f"beta {i}": read(value, at) for i, value, at in betas}


if __name__ == "__main__":
    sys.exit(grammar.main(None, check, __doc__))
