"""The commented SPEC that ``campaign new`` writes: valid as it stands."""

from __future__ import annotations

from exactsaddle.campaign.ensembles import ENSEMBLES
from exactsaddle.campaign.spec import FORMAT
from exactsaddle.campaign.statistics import EXTREMAL, STATISTICS

_HEAD = """\
# A campaign for exactsaddle: exactsaddle campaign run SPEC.toml -o DIR
# The same SPEC has the same instances, and the same results, on any machine and any number of workers.

format = {format}
name = "{name}"
seed = 2026
chunk = 200                # instances in one task and in one Parquet part: a few seconds of work

# What to keep of each path; leave it out to keep all:
{statistics}
# statistics = ["saddles", "deactivations"]

[do]
check = "auto"             # independent checker: auto (the cheaper that applies), exact, events, none
properties = false         # true, or a list of names: every named property of the path (see exactsaddle fuzz)
lasso = false              # the exact Lasso path beside it, its certificate, and where the average follows it
# flow = ["1e-10"]         # enclose the gradient flow at these α, and bound its distance from the path
# conformance = "mysolver:solve"   # your own solver (X, y) -> (times, betas) against the exact path

[budget]                   # beyond these an instance is a verified prefix, and counts as unchecked
saddles = 10000
bits = 500000
flow_steps = 10000

[keep]                     # kept whole, besides all that is not verified: the highest of each
extremal = [{extremal}]
each = 3

# One or more experiments. An ensemble has problems of exactly these sizes (rows x columns).
[[experiment]]
name = "gaussian"
ensemble = "gaussian"
decimals = 2
sizes = ["4x4", "4x8", "8x8"]
count = 400                # instances of each size

"""

_FAMILY = """
# A family of degenerate problems (the names are those of exactsaddle fuzz); sizes are upper bounds.
# [[experiment]]
# family = "strict-drop"
# sizes = ["4x6"]
# count = 200
"""


def example_spec(name: str = "example") -> str:
    """A commented SPEC, in TOML, with everything that may be said in it."""
    statistics = "\n".join(f"#   {s.name:<22} {s.story}" for s in STATISTICS.values())
    extremal = ", ".join(f'"{name}"' for name in EXTREMAL if name in ("saddles", "deactivations", "bits"))
    lines = ["# The ensembles, and their parameters with what they are if not given:"]
    for ensemble in ENSEMBLES.values():
        lines.append(f"#   {ensemble.name}: {ensemble.story}")
        for parameter in ensemble.parameters:
            value = parameter.default
            shown = str(value) if isinstance(value, int) else f'"{value}"'
            lines.append(f"#     {parameter.name} = {shown:<12} {parameter.story}")
    head = _HEAD.format(format=FORMAT, name=name, statistics=statistics, extremal=extremal)
    return head + "\n".join(lines) + "\n" + _FAMILY
