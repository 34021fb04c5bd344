"""Integer vectors and their inner products in bulk, and Gram systems solved in balls."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, arb_mat, fmpz, fmpz_mat


class IntegerRows:
    """Rows of integers, all of one length, multiplied by a vector at once."""

    def __init__(self, rows: list[list[fmpz]]) -> None:
        self._matrix = fmpz_mat(rows)

    def times(self, vector: list[fmpz]) -> list[fmpz]:
        """row · vector for each row."""
        products: list[fmpz] = (self._matrix * fmpz_mat(len(vector), 1, vector)).entries()
        return products


class IntegerVectors:
    """A changing selection of integer vectors of one length: their combinations and inner products.

    Exchanging one vector costs its length, not that of the whole selection.
    """

    def __init__(self, vectors: Sequence[list[fmpz]]) -> None:
        self._vectors = vectors
        self._length = len(vectors[0])
        self._matrix = fmpz_mat(0, self._length)
        self._gram = fmpz_mat(0, 0)
        """Inner products of the rows of the matrix, as far as ``paired``; zero elsewhere, or out of date."""
        self._paired: set[int] = set()
        self._holders: list[int | None] = []
        self._places: list[int] = []

    def select(self, keys: Sequence[int]) -> None:
        """Select these vectors, in this order."""
        wanted, held = set(keys), set(self._holders)
        holders = [key if key in wanted else None for key in self._holders]
        missing = [key for key in keys if key not in held]
        free = [place for place, key in enumerate(holders) if key is None]
        if len(missing) > len(free):
            self._enlarge(len(keys) + len(keys) // 8 + 8)
            holders += [None] * (self._matrix.nrows() - len(holders))
            free = [place for place, key in enumerate(holders) if key is None]
        for place, key in zip(free, missing, strict=False):
            holders[place] = key
            self._paired.discard(place)
            for i, value in enumerate(self._vectors[key]):
                self._matrix[place, i] = value
        self._holders = holders
        where = {key: place for place, key in enumerate(holders)}
        self._places = [where[key] for key in keys]

    def _enlarge(self, capacity: int) -> None:
        """Room for so many vectors."""
        self._matrix = _copied(self._matrix, capacity, self._length)
        self._gram = _copied(self._gram, capacity, capacity)

    def combine(self, weights: Sequence[fmpz]) -> list[fmpz]:
        """Σ weights_k v_k over the selection."""
        return (fmpz_mat(1, len(self._holders), self._spread(weights)) * self._matrix).entries()

    def inner(self, vector: list[fmpz]) -> list[fmpz]:
        """v_k · vector for each of the selection."""
        products = (self._matrix * fmpz_mat(self._length, 1, vector)).entries()
        return [products[place] for place in self._places]

    def inner_combined(self, weights: Sequence[fmpz]) -> list[fmpz]:
        """v_k · Σ weights_l v_l for each of the selection, from inner products that are kept."""
        for place in self._places:
            if place not in self._paired:
                self._pair(place)
        products = (self._gram * fmpz_mat(len(self._holders), 1, self._spread(weights))).entries()
        return [products[place] for place in self._places]

    def _pair(self, place: int) -> None:
        """Multiply a row of the matrix by all, itself included: of two, the later to come finds the other."""
        row = [self._matrix[place, i] for i in range(self._length)]
        for other, product in enumerate((self._matrix * fmpz_mat(self._length, 1, row)).entries()):
            self._gram[place, other] = self._gram[other, place] = product
        self._paired.add(place)

    def _spread(self, weights: Sequence[fmpz]) -> list[fmpz]:
        """The weights of the selection by place; zero where nothing selected is."""
        spread = [fmpz(0)] * len(self._holders)
        for place, weight in zip(self._places, weights, strict=True):
            spread[place] = weight
        return spread


def _copied(matrix: fmpz_mat, rows: int, columns: int) -> fmpz_mat:
    """The matrix in the corner of a larger one of zeros."""
    width, entries, found = matrix.ncols(), matrix.entries(), []
    for start in range(0, len(entries), max(width, 1)):
        found += entries[start : start + width]
        found += [fmpz(0)] * (columns - width)
    found += [fmpz(0)] * (rows * columns - len(found))
    return fmpz_mat(rows, columns, found)


def solve_gram_in_balls(columns: list[list[fmpz]], target: list[fmpz]) -> list[arb]:
    """The solution of CCᵀx = C·target at the working precision, for the rows C_j of ``columns``.

    Raises ZeroDivisionError when CCᵀ is not proved invertible.
    """
    gram, rhs = integer_gram(columns, target)
    return list(arb_mat(gram).solve(arb_mat([[value] for value in rhs])).entries())


def gram_inverse_norm(columns: list[list[fmpz]], scales: list[arb]) -> arb:
    """The Frobenius norm of the inverse of the Gram matrix of C_j/scales_j, at the working precision.

    Raises ZeroDivisionError when it is not proved invertible.
    """
    transposed = fmpz_mat(columns)
    inverse = arb_mat(transposed * transposed.transpose()).inv().tolist()
    weighted = (
        value * left * right
        for row, left in zip(inverse, scales, strict=True)
        for value, right in zip(row, scales, strict=True)
    )
    return sum((value * value for value in weighted), arb(0)).sqrt()


def integer_gram(columns: list[list[fmpz]], target: list[fmpz]) -> tuple[list[list[fmpz]], list[fmpz]]:
    """CCᵀ as d rows and C·target, for the d rows C_j of ``columns``, of length n."""
    transposed = fmpz_mat(columns)
    gram = (transposed * transposed.transpose()).tolist()
    return gram, (transposed * fmpz_mat(len(target), 1, target)).entries()


def gram_deficit(vectors: list[list[fmpz]]) -> int | None:
    """By how many bits det VVᵀ is below the product of its diagonal (Hadamard); None when it is zero."""
    rows = fmpz_mat(vectors)
    gram = rows * rows.transpose()
    determinant, bound = gram.det(), fmpz(1)
    for i in range(len(vectors)):
        bound *= gram[i, i]
    return None if determinant == 0 else int(bound.bit_length()) - int(determinant.bit_length())
