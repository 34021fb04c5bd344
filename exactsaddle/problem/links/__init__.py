"""How a weight on its way to a threshold makes β: one file for each law, ending in its source.

A Link says |β_i| = B_i(x) of the distance x = (c_i − s_i)/ε of the dual to its threshold, in units of
ε = ``unit(α)``; B falls from ∞ or B(0) to 0. With both signs β_i = B_i(x⁺) − B_i(x⁻), increasing in s_i.
"""

from exactsaddle.problem.links.exponential import Exponential
from exactsaddle.problem.links.link import FloatArray, Link
from exactsaddle.problem.links.power import Power
from exactsaddle.problem.links.scaled import Scaled

__all__ = ["Exponential", "FloatArray", "Link", "Power", "Scaled"]
