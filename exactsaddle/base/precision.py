"""One lock around every section that changes a setting of the whole process, and the setting put back.

FLINT's working precision, mpmath's, the number of BLAS threads and the csv module's limit belong to
the process, not to a thread: two threads that set and restore one in turn compute at each other's precision
and leave the user's changed.
Whoever changes one enters a section: sections of different threads take turns, those of one thread nest.
"""

from __future__ import annotations

import csv
import functools
import os
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

import flint

P = ParamSpec("P")
R = TypeVar("R")

_turn = threading.RLock()


def _renew() -> None:
    """A forked child has one thread: a lock that another thread held at the fork would never be let go."""
    global _turn
    _turn = threading.RLock()


os.register_at_fork(after_in_child=_renew)


class _Section:
    """Hold the lock; ``enter`` changes a setting and returns what puts it back, done however it is left."""

    def __init__(self, enter: Callable[[], Callable[[], object]]) -> None:
        self._enter = enter

    def __enter__(self) -> None:
        self._lock = _turn
        self._lock.acquire()
        try:
            self._leave = self._enter()
        except BaseException:
            self._lock.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._leave()
        finally:
            self._lock.release()


def workprec(bits: int) -> _Section:
    """FLINT's working precision, in bits, within a ``with`` block; no ``yield`` belongs in one."""
    return _Section(lambda: _assign(flint.ctx, bits))


def mpmath_workprec(bits: int) -> _Section:
    """mpmath's working precision, in bits, likewise."""
    import mpmath

    return _Section(lambda: _assign(mpmath.mp, bits))


def single_threaded_blas() -> _Section:
    """One BLAS thread, likewise: where matrices are small, more would only wait for one another."""

    def enter() -> Callable[[], None]:
        limit = _blas("scipy.linalg" in sys.modules).limit(limits=1, user_api="blas")
        restore: Callable[[], None] = limit.restore_original_limits
        return restore

    return _Section(enter)


def csv_field_limit(characters: int) -> _Section:
    """The longest cell that the csv module reads, likewise."""

    def enter() -> Callable[[], object]:
        before = csv.field_size_limit(characters)
        return functools.partial(csv.field_size_limit, before)

    return _Section(enter)


def one_at_a_time(function: Callable[P, R]) -> Callable[P, R]:
    """The function as one section: what it computes between sections of its own is at one precision too."""

    @functools.wraps(function)
    def alone(*args: P.args, **kwargs: P.kwargs) -> R:
        with _Section(lambda: _assign(flint.ctx, flint.ctx.prec)):  # read when it is this thread's turn
            return function(*args, **kwargs)

    return alone


def _assign(context: Any, bits: int) -> Callable[[], None]:
    before = context.prec
    context.prec = bits
    return lambda: setattr(context, "prec", before)


@functools.cache
def _blas(with_scipy: bool) -> Any:
    """The BLAS libraries of this process, looked up once before SciPy brings its own, and once after."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
