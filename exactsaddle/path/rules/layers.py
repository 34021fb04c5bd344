"""Rules are known for two layers on columns as they are: what is said of other networks."""

from __future__ import annotations

from exactsaddle.base import InvalidInput
from exactsaddle.path.rules.rule import Rule
from exactsaddle.problem import Network, Problem


def require_two_layers(problem: Problem, rule: Rule) -> None:
    """Raise InvalidInput, with the reason, where the problem's network is not u ⊙ v from scale 1."""
    network = problem.network
    if network.units is not None:
        raise InvalidInput(
            f"{type(rule).__name__} is known for columns as they are, not for columns of unit norm: a step "
            "and a decay mean another thing there. Leave --standardize out, or give DATA with such columns"
        )
    if network == Network():
        return
    reason = (
        rule.in_deep_networks
        if network.depth > 2
        else "scales do not move the limit, and u² − v² runs it twice as fast"
    )
    raise InvalidInput(
        f"{type(rule).__name__} is known for u ⊙ v from scale 1, not for {network}: {reason}. Leave --step, "
        "--momentum, --decay and --sharpness out, or --depth and --scales"
    )
