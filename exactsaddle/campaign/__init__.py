"""Campaigns: many thousands of verified problems, computed anywhere, stored so that nothing is lost.

    spec = campaign.read_spec("spec.toml")
    results = campaign.run(spec, "study")      # again after any interruption: it goes on
    results = campaign.load("study")
    results.table().to_pandas(), results.kept, results.status

The directory and the columns of the tables are described in SCHEMA.md. ``search``, a room inside, looks for
extremal problems and needs no extra; names here are loaded when first used, since tables need the extra
``campaign``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exactsaddle.campaign.driver import Progress, resume, run
    from exactsaddle.campaign.results import KeptInstance, Results, load
    from exactsaddle.campaign.spec import Spec
    from exactsaddle.campaign.specfile import parse_spec, read_spec
    from exactsaddle.campaign.statistics import STATISTICS

__all__ = [
    "STATISTICS",
    "KeptInstance",
    "Progress",
    "Results",
    "Spec",
    "load",
    "parse_spec",
    "read_spec",
    "resume",
    "run",
]

_PLACES = {
    **dict.fromkeys(("Progress", "resume", "run"), "driver"),
    **dict.fromkeys(("KeptInstance", "Results", "load"), "results"),
    "Spec": "spec",
    **dict.fromkeys(("parse_spec", "read_spec"), "specfile"),
    "STATISTICS": "statistics",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
