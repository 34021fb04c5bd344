"""Everything a report shows of one path: computed once, each part within a stated budget, and frozen.

``find`` computes it; ``records`` are its parts. A part that is not there is ``Absent`` with its reason.
"""

from exactsaddle.report.findings.budgets import Absent, Budgets
from exactsaddle.report.findings.find import BUDGETS, find
from exactsaddle.report.findings.judgement import forecast
from exactsaddle.report.findings.optimiser import OptimiserPath
from exactsaddle.report.findings.records import Certified, Examined, Findings, Judged, MinimisersHere

__all__ = [
    "BUDGETS",
    "Absent",
    "Budgets",
    "Certified",
    "Examined",
    "Findings",
    "Judged",
    "MinimisersHere",
    "OptimiserPath",
    "find",
    "forecast",
]
