"""Instance number i of a campaign, computed alone: nothing else has to be drawn before it."""

from __future__ import annotations

from typing import Any

from exactsaddle.campaign.ensembles import ENSEMBLES
from exactsaddle.campaign.philox import Words
from exactsaddle.campaign.spec import Spec
from exactsaddle.problem import Problem

DERIVATION = 1
"""The version of the derivation of instances from a seed: part of every random word's name."""


def draw_instance(spec: Spec, instance: int) -> Problem:
    """The problem with that number, 0 ≤ instance < spec.instances.

    It depends on the seed, the law, the size and its index within that size alone: experiments that are
    added, renamed or reordered, and other counts, leave it as it is.
    """
    cell = spec.cell_of(instance)
    experiment = spec.experiments[cell.experiment]
    name: Any = [
        "exactsaddle instance",
        DERIVATION,
        spec.seed,
        experiment.law(),
        cell.n,
        cell.d,
        instance - cell.first,
    ]
    if experiment.kind == "ensemble":
        draw = ENSEMBLES[experiment.source].draw
        return draw(Words(name), cell.n, cell.d, experiment.parameters)
    from exactsaddle.campaign.families import draw_member

    return draw_member(experiment.source, name, cell.n, cell.d)
