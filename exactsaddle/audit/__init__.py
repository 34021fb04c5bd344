"""A training run against theory: which conventions and which rule made it, and what is unexplained.

The path is exact and the flow enclosed by the rooms below; a log is taken as given, and descent repeated
from the same start is numerical evidence. Nothing here is drawn or printed.
"""

from exactsaddle.audit.accounts import Account
from exactsaddle.audit.arrivals import Arrival
from exactsaddle.audit.audit import TOLERANCE, audit
from exactsaddle.audit.distances import MAX_FLOW_WORK, Distance
from exactsaddle.audit.log import Run, read_run, run_of
from exactsaddle.audit.logger import RunLogger
from exactsaddle.audit.plateaus import Itinerary, Plateau
from exactsaddle.audit.result import Audit, Unexplained
from exactsaddle.audit.soundness import Unsound

__all__ = [
    "MAX_FLOW_WORK",
    "TOLERANCE",
    "Account",
    "Arrival",
    "Audit",
    "Distance",
    "Itinerary",
    "Plateau",
    "Run",
    "RunLogger",
    "Unexplained",
    "Unsound",
    "audit",
    "read_run",
    "run_of",
]
