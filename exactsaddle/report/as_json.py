"""Results as JSON types, for ``--json`` and reports: rationals as exact text, balls as mid and rad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exactsaddle.base import Verdict
from exactsaddle.certificates import descent_saddle_to_json
from exactsaddle.numbers import RootSum, ball_to_json, sum_text, to_decimal, to_rational, to_text

if TYPE_CHECKING:  # a command loads what it prints, and no other room
    from flint import arb

    from exactsaddle.audit import Audit
    from exactsaddle.convergence import Convergence, JumpMeasurement, PlateauDistances, Resolution
    from exactsaddle.lasso import Stretch
    from exactsaddle.minimisers import Extremes, GeneralPosition, Selection
    from exactsaddle.path import SaddlePath
    from exactsaddle.path.descent import Bracket, DescentPath, JumpExpansion, StepLimits
    from exactsaddle.problem import Problem


def exact_text(value: Any) -> str:
    """A rational as "p/q", of any length: Python's own str() refuses more than 4,300 digits.

    A sum of roots as SymPy reads it, "sqrt(2)-1/3".
    """
    return sum_text(value) if isinstance(value, RootSum) else to_text(to_rational(value))


def _ball(ball: arb | None) -> dict[str, str] | None:
    return None if ball is None else ball_to_json(ball)


def verdict_to_json(verdict: Verdict) -> dict[str, str]:
    """status, claim and evidence."""
    return {"status": verdict.status.value, "claim": verdict.claim, "evidence": verdict.evidence}


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """The problem with its digest, whether its numbers were floats, how sharply they were given, and read."""
    return {
        **problem.to_json(),
        "digest": problem.digest,
        "source": problem.source,
        "reading": list(problem.source.reading),
        "resolution": problem.resolution.to_json(),
    }


def origin_to_json(problem: Problem) -> dict[str, Any]:
    """Which problem a result is about, without its numbers: how it was read, its network and clock."""
    return {
        "digest": problem.digest,
        "names": list(problem.names),
        "reading": list(problem.source.reading),
        "network": problem.network.to_json(),
        "clock": problem.network.clock,
    }


def descent_path_to_json(
    path: DescentPath, expansion: JumpExpansion | None, verdict: Verdict
) -> dict[str, Any]:
    """Problem, rule, saddles with bounds of their times, and dt_k/dη at 0 where the rule has a step."""
    document = {
        "problem": problem_to_json(path.problem),
        "rule": path.rule.to_json(),
        "complete": path.complete,
        "stopped_by": path.stopped_by,
        "saddles": [{**descent_saddle_to_json(saddle), "support": list(saddle.support)} for saddle in path],
        "verdict": verdict.status.value,
        "evidence": verdict.evidence,
    }
    if expansion is not None:
        document["first_order"] = {
            "shared_jumps": path.shared_jumps(expansion.path),
            "times": list(map(exact_text, expansion.times)),
            "slopes": list(map(exact_text, expansion.slopes)),
            "stopped_by": expansion.stopped_by,
        }
    return document


def step_limits_to_json(limits: StepLimits) -> dict[str, Any]:
    """The largest steps: exact for signs, brackets for the rest; null where there is no limit."""

    def bracket(found: Bracket | None) -> dict[str, Any] | None:
        if found is None:
            return None
        high = None if found.high is None else exact_text(found.high)
        return {"low": exact_text(found.low), "high": high, "reason": found.reason}

    return {
        "complete": limits.path.complete,
        "rule": {key: value for key, value in limits.rule.to_json().items() if key != "step"},
        "signs_below": None if limits.signs is None else exact_text(limits.signs),
        "oscillation": bracket(limits.oscillation),
        "stability": bracket(limits.stability),
        "order": bracket(limits.order),
    }


def convergence_to_json(found: Convergence) -> dict[str, Any]:
    """The measurements at each α, plateau by plateau and jump by jump."""
    return {
        **_subject(found.path),
        "alphas": [str(alpha) for alpha in found.alphas],
        "missing": [{"alpha": str(alpha), "reason": reason} for alpha, reason in found.missing],
        "precisions": list(found.precisions),
        "plateaus": [_plateau(plateau) for plateau in found.plateaus],
        "jumps": [{**_jump(jump), **_side(found.path, jump)} for jump in found.jumps],
        "verdict": verdict_to_json(found.verdict),
    }


def _subject(path: SaddlePath) -> dict[str, Any]:
    """What problem a path of the flow is of, with what rule, and whether it is whole."""
    source: Any = getattr(path, "source", None)
    if source is None:
        return {"problem": origin_to_json(path.problem), "complete": path.complete}
    return {**_subject(source), "rule": source.rule.to_json()}


def _side(path: SaddlePath, jump: JumpMeasurement) -> dict[str, int]:
    """Which column, and on which side, a coordinate of a path of weights is."""
    source: Any = getattr(path, "source", None)
    if source is None:
        return {}
    from exactsaddle.path.descent import sides_of

    coordinate, side = sides_of(source.problem)[jump.correction.exact.coordinate]
    return {"coordinate": coordinate, "side": side}


def _plateau(plateau: PlateauDistances) -> dict[str, Any]:
    return {
        "plateau": plateau.plateau,
        "middle": [exact_text(plateau.start), exact_text(plateau.end)],
        "probe": exact_text(plateau.probe),
        "distance_to": "selected minimiser" if plateau.limit.selection else "beta",
        "supremum": [ball_to_json(ball) for ball in plateau.supremum],
        "at_probe": [ball_to_json(ball) for ball in plateau.probed],
        "rate_measured": _ball(plateau.measured),
        "rate_predicted": _ball(plateau.predicted),
        **_constant(plateau),
        "failed_hypotheses": list(map(str, plateau.rate.failed)),
    }


def _constant(plateau: PlateauDistances) -> dict[str, Any]:
    """The constant of an algebraic rate; nothing where the network's rates have none."""
    closed, failed = plateau.constant.closed_form, plateau.constant.failed
    if closed is None and not failed:
        return {}
    return {
        "constant": {
            "expression": closed and str(closed),
            "value": closed and ball_to_json(closed.ball(256)),
            "measured": _ball(plateau.constant_measured),
            "digits": plateau.constant_digits,
            "failed_hypotheses": list(map(str, failed)),
        }
    }


def _jump(jump: JumpMeasurement) -> dict[str, Any]:
    correction = jump.correction
    closed = correction.exact.closed_form
    numerical = "unchecked" if correction.numerical is None else "numerical"
    numerical = "rigorous" if correction.enclosed else numerical
    kind = numerical if closed is None else "closed form"
    value = correction.value(256)
    return {
        "jump": correction.exact.jump,
        "coordinate": correction.exact.coordinate,
        "t": exact_text(correction.exact.time),
        "observed_at": exact_text(jump.observed_at),
        "arrivals": [ball_to_json(ball) for ball in jump.arrivals],
        "scaled": [ball_to_json(ball) for ball in jump.scaled],
        "extrapolated": _ball(jump.extrapolated),
        "digits": jump.digits,
        "recognised": None
        if jump.recognised is None
        else {
            "value": str(jump.recognised.value),
            "digits": jump.recognised.digits,
            "margin": jump.recognised.margin,
        },
        "correction": {
            "kind": kind,
            "expression": None if closed is None else str(closed),
            "value": _ball(value),
            "digits": jump.correction_digits,
            "remainder_exponent": _ball(jump.remainder),
            "failed_hypotheses": list(map(str, (*correction.exact.failed, *correction.failed))),
        },
    }


def resolution_to_json(found: Resolution) -> dict[str, Any]:
    """How small α must be, plateau by plateau."""
    return {
        **_subject(found.path),
        "plateaus": [
            {
                "plateau": p.plateau,
                "length": exact_text(p.length),
                "shift": _ball(p.shift),
                "relaxation_time": _ball(p.relaxation_time),
                "log_scale": _ball(p.log_scale),
                "alpha_exponent": None if p.decimal_exponent is None else -p.decimal_exponent,
                "evidence": "unchecked" if p.log_scale is None else ("rigorous", "numerical")[p.numerical],
                "failed_hypotheses": list(map(str, p.failed)),
            }
            for p in found.plateaus
        ],
        "alpha_exponent": None if found.decimal_exponent is None else -found.decimal_exponent,
        "verdict": verdict_to_json(found.verdict),
    }


def stretch_to_json(stretch: Stretch) -> dict[str, Any]:
    """An interval of times, and whether the relation holds there."""
    return {
        **_ends_to_json(stretch),
        "closed_start": stretch.closed_start,
        "closed_end": stretch.closed_end,
        "holds": stretch.holds,
    }


def _ends_to_json(stretch: Stretch) -> dict[str, Any]:
    """Exact text, or balls where exact numbers are long."""
    if stretch.is_exact:
        last = None if stretch.end is None else exact_text(stretch.end)
        return {"start": exact_text(stretch.start), "end": last}
    end = stretch.end_ball()
    return {"start": ball_to_json(stretch.start_ball()), "end": None if end is None else ball_to_json(end)}


def extremes_to_json(extremes: Extremes | None) -> dict[str, Any]:
    """Vertices and rays; None for both where they were not enumerated."""
    return {
        "vertices": extremes and [list(map(exact_text, v)) for v in extremes.vertices],
        "rays": extremes and [list(map(exact_text, v)) for v in extremes.rays],
    }


def selection_to_json(selection: Selection) -> dict[str, Any]:
    """What the flow selects: centre over Q, radius, and whether the centre is it."""
    return {
        "exact": selection.exact is not None,
        "centre": [exact_text(value) for value in selection.centre],
        "radius": [to_decimal(to_rational(value), 3) for value in selection.radius],
    }


def position_to_json(placed: GeneralPosition) -> dict[str, Any]:
    """Whether the columns are in general position, and the dependence that breaks it."""
    witness = placed.dependence
    dependence = witness and {
        "columns": list(witness.columns),
        "sides": list(witness.sides),
        "weights": [exact_text(w) for w in witness.weights],
    }
    return {"general_position": {"holds": placed.holds, "dependence": dependence}}


def audit_to_json(found: Audit) -> dict[str, Any]:
    """The audit of a run: verdict, clock, alpha, plateaus, arrivals, distances, what is unexplained."""
    account, plateaus = found.account, found.itinerary
    return {
        "verdict": found.verdict,
        "problem": found.problem.digest,
        "rows": len(found.run),
        "reasons": list(found.reasons),
        "clock": None if account is None else {"factor": account.factor, "because": str(account)},
        "rule": None if found.rule is None else str(found.rule),
        "alpha": {
            "stated": found.stated_alpha,
            "inferred": None if account is None else account.alpha,
            "spread": found.alpha_spread,
        },
        "unsound": None if found.unsound is None else vars(found.unsound),
        "plateaus": []
        if plateaus is None
        else [
            {"saddle": p.saddle, "from": p.start, "to": p.end, "distance": p.distance}
            for p in plateaus.plateaus
        ],
        "missed": [] if plateaus is None else list(plateaus.missed),
        "hidden": list(found.hidden),
        "out_of_order": [] if plateaus is None else list(plateaus.swapped),
        "arrivals": [vars(arrival) for arrival in found.arrivals],
        "distances": [vars(distance) for distance in found.distances],
        "tolerance": found.tolerance,
        "first_unexplained": None if found.first_unexplained is None else vars(found.first_unexplained),
    }
