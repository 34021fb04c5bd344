"""Proofs checked apart from the solver: nothing in here trusts exactsaddle."""
