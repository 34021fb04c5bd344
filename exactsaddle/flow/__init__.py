"""The gradient flow itself at finite α: rigorous balls, and an independent mpmath integrator."""

from exactsaddle.flow.cost import flow_work, over_flow_work
from exactsaddle.flow.decay import DecayedFlow, enclose_decay
from exactsaddle.flow.enclosure import enclose
from exactsaddle.flow.flow_point import Advance, FlowPoint
from exactsaddle.flow.flowpipe import Enclosure, Flowpipe, Progress
from exactsaddle.flow.integration import Trajectory, integrate
from exactsaddle.flow.runs import Runs

__all__ = [
    "Advance",
    "DecayedFlow",
    "Enclosure",
    "FlowPoint",
    "Flowpipe",
    "Progress",
    "Runs",
    "Trajectory",
    "enclose",
    "enclose_decay",
    "flow_work",
    "integrate",
    "over_flow_work",
]
