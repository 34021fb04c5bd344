"""Somebody else's solver in a process of its own, so that nothing it does can hurt the run."""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import Carried, shorten
from exactsaddle.testing.conformance import worker
from exactsaddle.testing.conformance.worker import Array

LOAD_SECONDS = 60.0
FIRST_CALL_SECONDS = 20.0
CALL_SECONDS = 2.0
DETAIL = 600
"""The most signs that are kept of what a solver says when it raises."""


# Run by path: importing exactsaddle would take longer than most calls.
_WORKER = "import runpy, sys; runpy.run_path(sys.argv[1])['main'](sys.argv[2])"


@dataclass(frozen=True, eq=False)
class Answer(Carried):
    """What a solver returned: times, meant to be (p+1,), and betas, meant to be (p+1, d)."""

    times: Array
    betas: Array


@dataclass(frozen=True)
class Misbehaviour:
    """A call that gave no answer: a kind ("raised", "hung", ...) and what is known of it."""

    kind: str
    detail: str


class Target:
    """A solver ``package.module:function``, imported in a worker process that is replaced when it dies.

    ``solve`` gives at most call_seconds to a call, FIRST_CALL_SECONDS if more to the first, which may
    import and compile. Modules in the current directory are found.
    Raises InvalidInput when the function cannot be loaded.
    """

    def __init__(self, name: str, call_seconds: float = CALL_SECONDS) -> None:
        module, _, function = name.partition(":")
        if not module or not function:
            raise InvalidInput(f"a target is package.module:function, not {name!r}")
        self.name = name
        self.call_seconds = call_seconds
        self._patience = max(call_seconds, FIRST_CALL_SECONDS)
        self._worker: _Worker | None = None
        self._start()

    def __enter__(self) -> Target:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker process."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def solve(self, X: Array, y: Array) -> Answer | Misbehaviour:
        """What the solver answers for X (n, d) and y (n,), or how it fails to."""
        running = self._worker or self._start()
        try:
            reply = running.ask((X, y), self._patience)
        except _Silent as silence:
            self.close()
            return silence.meaning
        finally:
            self._patience = self.call_seconds
        return Answer(*reply[1:]) if reply[0] == "" else Misbehaviour(reply[0], shorten(reply[1], DETAIL))

    def _start(self) -> _Worker:
        running = _Worker(self.name)
        try:
            trouble, detail = running.receive(LOAD_SECONDS)
        except _Silent as silence:
            trouble, detail = silence.meaning.kind, silence.meaning.detail
        if trouble:
            running.kill()
            raise InvalidInput(f"target {self.name} {trouble}: {shorten(detail, DETAIL)}")
        self._worker = running
        return running


class _Silent(Exception):
    """No reply: the worker is still busy, or gone."""

    def __init__(self, kind: str, detail: str) -> None:
        self.meaning = Misbehaviour(kind, detail)


class _Worker:
    def __init__(self, target: str) -> None:
        path = os.pathsep.join([os.getcwd(), *(entry for entry in sys.path if entry)])
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WORKER, worker.__file__, target],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        self._replies: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()

    def ask(self, question: object, seconds: float) -> Any:
        """Send a question and wait for its reply; raises _Silent."""
        if self._process.stdin is None:
            raise _Silent("crashed", "the process has no standard input")
        try:
            pickle.dump(question, self._process.stdin)
            self._process.stdin.flush()
        except OSError as error:
            raise _Silent("crashed", f"the process is gone: {error}") from None
        return self.receive(seconds)

    def receive(self, seconds: float) -> Any:
        """The next reply; raises _Silent when there is none within so many seconds, or ever."""
        try:
            reply = self._replies.get(timeout=seconds)
        except queue.Empty:
            raise _Silent("hung", f"no answer within {seconds:g} s") from None
        if isinstance(reply, _Gone):
            raise _Silent("crashed", f"the process ended with exit code {self._process.wait()}")
        return reply

    def kill(self) -> None:
        """End the process and reap it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # unflushed bytes for a reader that is gone
                    continue

    def _listen(self, stream: IO[bytes]) -> None:
        while True:
            try:
                self._replies.put(pickle.load(stream))
            except (EOFError, OSError, ValueError, pickle.UnpicklingError):
                self._replies.put(_Gone())
                return


class _Gone:
    """Put in place of a reply when the worker's output ends."""
