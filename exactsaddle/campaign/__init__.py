"""Campaigns: many thousands of verified problems, computed anywhere, stored so that nothing is lost.

    spec = campaign.read_spec("spec.toml")
    results = campaign.run(spec, "study")      # again after any interruption: it goes on
    results = campaign.load("study")
    results.table().to_pandas(), results.kept, results.status

The directory and the columns of the tables are described in SCHEMA.md.
"""

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
