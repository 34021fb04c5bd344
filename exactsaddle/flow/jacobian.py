"""Newton's linear systems in floats: collocation solved by GCR, preconditioned by rates that do not change.

With x the moved duals (or w, whichever has fewer components), M_q = ∂(Gβ)/∂x at node q and Q the integrals
from the start of the step, a change is x + Q(Mx) = b: dense, of order (N + 1)·m. Were the rates of β their
means, M would be one matrix, similar to a symmetric one, and each of its eigenvectors a system of its own,
(1 + μQ)y = c. On however stiff a plateau rates hardly change, and that is nearly the solution; while one
coordinate jumps the others keep theirs, and generalised conjugate residuals take few steps for ten digits.
[ours, elementary; one decomposition for all stages of an implicit method: Butcher 1976, Bickart 1977; GCR:
Eisenstat, Elman & Schultz 1983]
"""

from __future__ import annotations

import math

import numpy as np

from exactsaddle.flow.float_basis import FloatBasis
from exactsaddle.flow.float_field import FloatField
from exactsaddle.problem import FloatArray

_INERT = 1e-12
"""A coordinate whose h·G_ii·dβ_i/ds_i stays below this does not matter to the Jacobian."""
_FEW = 160
"""The order up to which the whole matrix is factored."""
_MAX_STEPS = 60
_PATIENCE = 12
"""Steps after which less than half must be left: else rounding is all that is left."""


class Jacobian:
    """The linearised equations of one step at rates dβ/ds·ε, (N+1, d); its length is times 1/ε too.

    A has the a coordinates that are not inert: x ∈ R^a is their duals when a ≤ k, else x = w ∈ R^k.
    """

    def __init__(self, field: FloatField, basis: FloatBasis, length: float, rate: FloatArray) -> None:
        k, size = len(field.reduction), len(rate)
        stiffness = rate.max(axis=0, initial=0) * np.diagonal(field.gram) * length
        active = np.flatnonzero(stiffness > _INERT)
        few = active.size <= k
        self._active, self._columns = active, field.reduction[:, active]
        self._into = self._columns if few else np.eye(k)
        self._out = np.eye(active.size) if few else self._columns
        self._back = np.ascontiguousarray(field.gram_rows.T[active])
        self._force = self._back @ self._into
        self._rate = rate[:, active]
        self._operator = (length / 2) * basis.integrals
        self._derivatives = (2 / length) * basis.derivatives
        position = {i: p for p, i in enumerate(active.tolist() if few else field.pivots)}
        stiff = stiffness > size**2
        self._stiff = [(a, position[i]) for a, i in enumerate(field.pivots) if stiff[i] and i in position]
        m = self._into.shape[1]
        self._matrix: FloatArray | None = None
        if size * m <= _FEW:
            blocks = (self._out * self._rate[:, None, :]) @ self._force
            matrix = np.einsum("qp,pab->qbpa", self._operator, blocks).reshape(size * m, size * m)
            self._matrix = matrix + np.eye(size * m)
            return
        # weights of a mean over time: nodes are the closer the nearer to the ends
        means = basis.weights @ self._rate
        if few:
            factor = np.sqrt(means)
            values, vectors = _symmetric(factor[:, None] * self._force * factor)
            self._forth, self._back_again = vectors * factor[:, None], (vectors / factor[:, None]).T
        else:
            root, inverse = field.root_of_pivots
            values, vectors = _symmetric(root.T @ ((self._out * means) @ self._out.T) @ root)
            self._forth, self._back_again = inverse.T @ vectors, vectors.T @ root.T
        self._inverses = basis.resolvents(np.maximum(values, 0) * (length / 2))

    def solve(self, residual: FloatArray, tolerance: float) -> FloatArray | None:
        """The change of the slopes, (N+1, k), whose linear effect is the residual; None where it fails.

        The norm of what is left is at most the tolerance times that of the right-hand side, or as small as
        steps can make it. Of a stiff pivot the slope is the derivative of its dual: the other way it is a
        difference of numbers of order 1, and what is left of it must be small beside a distance that may be
        1e-100.
        """
        wanted = self._operator @ residual @ self._into
        x = self._gcr(wanted, tolerance) if self._matrix is None else self._direct(self._matrix, wanted)
        change: FloatArray = residual - ((x @ self._out) * self._rate) @ self._back
        for a, position in self._stiff:
            change[:, a] = self._derivatives @ x[:, position]
        return change if np.isfinite(change).all() else None

    def relative_change(self, change: FloatArray, reach: FloatArray) -> float:
        """The largest change of a dual of A that one of slopes makes, over its reach, (N+1, d)."""
        moved = np.abs(self._operator @ change @ self._columns)
        return float((moved / reach[:, self._active]).max(initial=0))

    def _direct(self, matrix: FloatArray, wanted: FloatArray) -> FloatArray:
        try:
            found: FloatArray = np.linalg.solve(matrix, wanted.reshape(-1)).astype(float, copy=False)
        except np.linalg.LinAlgError:
            return np.full_like(wanted, np.nan)
        return found.reshape(wanted.shape)

    def _gcr(self, wanted: FloatArray, tolerance: float) -> FloatArray:
        left = wanted.reshape(-1)
        norms = [math.sqrt(left @ left)]
        steps = np.empty((_MAX_STEPS, left.size))
        effects = np.empty((_MAX_STEPS, left.size))
        total = np.zeros_like(left)
        for j in range(_MAX_STEPS):
            if not norms[-1] > tolerance * norms[0]:
                break
            if j >= _PATIENCE and 2 * norms[-1] > norms[-1 - _PATIENCE]:
                break
            step = self._nearly(left.reshape(wanted.shape))
            effect = self._apply(step).reshape(-1)
            step = step.reshape(-1)
            if j:
                shares = effects[:j] @ effect
                effect = effect - shares @ effects[:j]
                step = step - shares @ steps[:j]
            size = math.sqrt(effect @ effect)
            if not 0 < size < math.inf:
                break
            effects[j], steps[j] = effect / size, step / size
            share = effects[j] @ left
            total = total + share * steps[j]
            left = left - share * effects[j]
            norms.append(math.sqrt(left @ left))
        return total.reshape(wanted.shape)

    def _apply(self, x: FloatArray) -> FloatArray:
        found: FloatArray = x + self._operator @ (((x @ self._out) * self._rate) @ self._force)
        return found

    def _nearly(self, wanted: FloatArray) -> FloatArray:
        """The solution, were the rates their means."""
        apart = (wanted @ self._forth).T[:, :, None]
        found: FloatArray = np.matmul(self._inverses, apart)[:, :, 0].T @ self._back_again
        return found


def _symmetric(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues and eigenvectors of a matrix that is symmetric but for rounding."""
    if not np.isfinite(matrix).all():
        return np.zeros(len(matrix)), np.eye(len(matrix))
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return values, vectors
