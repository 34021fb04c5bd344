"""The gradient flow itself at finite α: rigorous balls, and an independent mpmath integrator."""

from exactsaddle.flow.enclosure import Enclosure, Flowpipe, enclose

__all__ = ["Enclosure", "Flowpipe", "enclose"]
