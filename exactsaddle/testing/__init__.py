"""Degenerate data, what must hold on them, and other people's solvers.

``strategies`` draws problems (it needs Hypothesis), ``properties`` names what must hold, ``fuzz`` runs the
one on the other, ``conformance`` holds somebody else's solver to the exact path, and ``comparison`` one
answer (without Hypothesis). Each is imported by its own name.
"""
