"""``exactsaddle flow`` and ``converge`` with --step: the iteration itself beside its limit path."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from rich.text import Text

from exactsaddle.base import Inconclusive, InvalidInput, Status, visible, workprec
from exactsaddle.cli.descent import optimiser
from exactsaddle.cli.terminal import make_table, out, print_json, progress_bar, say, say_verdict
from exactsaddle.convergence import IterateDistance, compare_iterates
from exactsaddle.numbers import (
    above,
    agreed,
    ball_to_decimal,
    scale_text,
    shorten,
    to_decimal,
    to_rational,
    to_text,
)
from exactsaddle.path.descent import (
    DescentIterate,
    DescentPath,
    WeightReversed,
    descend,
    descent_path,
    steps_until,
)
from exactsaddle.path.rules import Rule, SteppedRule, WeightDecay, require_two_layers
from exactsaddle.problem import Problem
from exactsaddle.report.as_json import origin_to_json

MAX_ENCLOSED = 20_000
"""The most steps that are enclosed: bits are needed for each."""


def at_finite_alpha(
    problem: Problem, step: str | None, decay: list[str], momentum: str | None, sharpness: str | None
) -> SteppedRule | WeightDecay | None:
    """The rule that the options name, iterated if it has steps, a flow if not; None for plain gradient flow.

    Raises InvalidInput where the rule is known in the limit alone.
    """
    rule = optimiser(problem, step, decay, momentum, sharpness)
    if rule is None:
        return None
    require_two_layers(problem, rule)
    if isinstance(rule, (SteppedRule, WeightDecay)):
        return rule
    raise InvalidInput(
        "--sharpness: as a flow not known at finite α, where the ascent moves the large weights too: the "
        "gradient is then taken at another β, no increasing function of the dual, and nothing bounds how "
        "errors grow; with --step it is iterated, and exactsaddle path gives the limit"
    )


def say_rule(rule: Rule | None) -> None:
    """Which flow with weight decay the numbers are of; nothing for plain gradient flow."""
    if rule is not None:
        say(f"with {shorten(repr(rule), 200)}: a weight of a column is on its threshold c where ±s = c + λt")


def print_iterates(
    problem: Problem,
    rule: SteppedRule,
    heading: str,
    *,
    alpha: str,
    times: Sequence[Any],
    digits: int,
    enclosed: bool,
    as_json: bool,
) -> Status:
    """The iterates at these times, beside the limit path of their rule; the verdict's status."""
    counts = [steps_until(time, alpha, rule.step) for time in times]
    if enclosed and counts[-1] > MAX_ENCLOSED:
        raise Inconclusive(
            f"{counts[-1]:,} steps, more than the {MAX_ENCLOSED:,} that are enclosed: --mpmath gives numbers"
        )
    path = descent_path(problem, rule=rule)
    ended = ""
    with progress_bar("iterating", total=counts[-1] or None) as update:
        try:
            found = descend(
                problem, alpha, steps=counts, rule=rule, enclosed=enclosed, digits=digits, progress=update
            )
        except WeightReversed as error:
            if not error.found:
                raise
            found, ended = error.found, f"{error}; "
    by_steps = {iterate.steps: iterate for iterate in found}
    pairs = [(time, count) for time, count in zip(times, counts, strict=True) if count in by_steps]
    rows = [(time, by_steps[count], _limit(path, time)) for time, count in pairs]
    status = Status.VERIFIED if enclosed and not ended else Status.UNCHECKED
    said = "every ball contains the exact iterate" if enclosed else "numerical evidence, no digit is proved"
    if as_json:
        print_json(
            {
                "alpha": alpha,
                "rule": rule.to_json(),
                "rigorous": enclosed,
                "points": [_point(time, iterate, limit, digits) for time, iterate, limit in rows],
                "stopped_by": ended.removesuffix("; ") or None,
                "problem": origin_to_json(problem),
                "verdict": status.value,
            }
        )
        return status
    out.print(Text(heading, style="bold"))
    for time, iterate, limit in rows:
        title = f"t = {to_text(to_rational(time))}: {iterate.steps:,} steps"
        table = make_table("", "β", "limit as α → 0", left=(0, 1, 2), title=title)
        for i, name in enumerate(problem.names):
            shown = "not known" if limit is None else to_decimal(to_rational(limit[i]), 12)
            table.add_row(Text(visible(name)), _ball(iterate, i, digits), shown)
        out.print(table)
    say_verdict(status, f"{ended}{said}; {found[-1].bits} bits; the limit is that of the path, not of this α")
    return status


def _limit(path: DescentPath, time: Any) -> tuple[Fraction, ...] | None:
    try:
        return path.at(time)
    except Inconclusive:
        return None


def _ball(iterate: DescentIterate, i: int, digits: int) -> str:
    if not iterate.enclosed:
        return str(iterate.beta[i].mid().str(min(digits, 30), radius=False))
    mid, rad = _shown(iterate, i, digits)
    return mid if rad == "0" else f"{mid} ± {rad}"


def _shown(iterate: DescentIterate, i: int, digits: int) -> tuple[str, str]:
    """The ball of a coefficient, rounded outwards to a few digits more than were asked for."""
    with workprec(10 * digits // 3 + 16):
        return ball_to_decimal(iterate.beta[i] * 1)


def _point(
    time: Any, iterate: DescentIterate, limit: tuple[Fraction, ...] | None, digits: int
) -> dict[str, Any]:
    balls = [_shown(iterate, i, digits) for i in range(len(iterate.beta))]
    return {
        "t": to_text(to_rational(time)),
        "steps": iterate.steps,
        "beta": [
            {
                "mid": mid if iterate.enclosed else _ball(iterate, i, digits),
                "rad": rad if iterate.enclosed else None,
            }
            for i, (mid, rad) in enumerate(balls)
        ],
        "limit": None if limit is None else list(map(str, limit)),
    }


def print_comparison(
    problem: Problem,
    rule: SteppedRule,
    heading: str,
    alphas: Sequence[str],
    *,
    max_saddles: int,
    as_json: bool,
) -> Status:
    """Distances of the iteration to its limit path; always unchecked: that they tend to 0 is evidence."""
    path = descent_path(problem, rule=rule, max_saddles=max_saddles)
    with progress_bar("iterating") as update:
        found = compare_iterates(path, alphas, progress=lambda done: update(detail=f"{done:,} steps"))
    if as_json:
        print_json(
            {
                "rule": rule.to_json(),
                "distances": [_distance(entry) for entry in found],
                "stopped_by": path.stopped_by,
                "problem": origin_to_json(problem),
                "verdict": Status.UNCHECKED.value,
            }
        )
    else:
        out.print(Text(heading, style="bold"))
        table = make_table(
            "k", "α", "steps", "‖β − β_k‖", "", left=(4,), title="In the middle of each plateau"
        )
        for entry in found:
            shown = above(entry.distance, 4) if entry.enclosed else f"≈ {agreed(entry.distance, 4)}"
            grounds = "enclosed: at most" if entry.enclosed else "numerical"
            alpha = scale_text(entry.alpha)
            table.add_row(str(entry.plateau), alpha, f"{entry.steps:,}", shown, grounds)
        out.print(table)
        say_verdict(
            Status.UNCHECKED,
            "that the iteration tends to this path is numerical evidence; a theorem says so of the flow only"
            + ("" if path.complete else f"; the path is a prefix, stopped by {path.stopped_by}"),
        )
    return Status.UNCHECKED


def _distance(entry: IterateDistance) -> dict[str, Any]:
    mid, rad = ball_to_decimal(entry.distance)
    return {
        "plateau": entry.plateau,
        "alpha": str(entry.alpha),
        "steps": entry.steps,
        "distance": {"mid": mid, "rad": rad if entry.enclosed else None},
        "evidence": "rigorous" if entry.enclosed else "numerical",
    }
