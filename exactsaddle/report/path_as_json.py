"""A path as JSON types: its events by name, its saddles in exact numbers and in decimals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from exactsaddle.base import Status
from exactsaddle.certificates import DIGITS, Certificate, Outline
from exactsaddle.certificates.outline import events
from exactsaddle.path import Jump, SaddlePath
from exactsaddle.report.as_json import origin_to_json, problem_to_json


def path_to_json(
    path: SaddlePath, certificate: Certificate | Outline | None, status: Status, *, whole: bool = True
) -> dict[str, Any]:
    """Events, saddles and the verdict: exact numbers where a certificate states them, and decimals.

    The problem is whole, or its digest, names and reading.
    """
    stated: Iterable[dict[str, Any]] = map(events, path)
    if isinstance(certificate, Certificate):
        stated = (
            {**record.to_json(), "support": list(saddle.support)}
            for record, saddle in zip(certificate.saddles, path, strict=True)
        )
    elif certificate is not None:
        stated = certificate.saddles
    saddles = [
        {
            **happening,
            "jump_time_decimal": saddle.jump_time_text(DIGITS),
            "beta_decimal": {str(i): saddle.beta_text(i, DIGITS) for i in saddle.support},
            "loss_decimal": saddle.loss_text(DIGITS),
            "l1_norm_decimal": saddle.l1_norm_text(DIGITS),
        }
        for happening, saddle in zip(stated, path, strict=True)
    ]
    return {
        "problem": (problem_to_json if whole else origin_to_json)(path.problem),
        "events": list(map(_event, path.events)),
        "complete": path.complete,
        "stop": path.stop and path.stop.to_json(),
        "explained_at": path.explained_at,
        "certificate": certificate and ("exact" if isinstance(certificate, Certificate) else "events"),
        "saddles": saddles,
        "verdict": status.value,
    }


def _event(jump: Jump) -> dict[str, Any]:
    """Who hits a threshold on which side, who enters and leaves: by names."""
    names = jump.saddle.problem.names
    return {
        "saddle": jump.index,
        "jump_time_decimal": jump.saddle.jump_time_text(DIGITS),
        "hits": {names[i]: side for i, side in jump.hits.items()},
        "enters": [names[i] for i in jump.entered],
        "leaves": [names[i] for i in jump.left],
    }
