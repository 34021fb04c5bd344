"""The gradient flow itself at finite α: rigorous balls, and an independent mpmath integrator."""

from exactsaddle.flow.enclosure import Enclosure, Flowpipe, enclose
from exactsaddle.flow.integrate import FlowPoint, Trajectory, integrate

__all__ = ["Enclosure", "FlowPoint", "Flowpipe", "Trajectory", "enclose", "integrate"]
