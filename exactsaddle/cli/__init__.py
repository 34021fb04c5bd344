"""The ``exactsaddle`` command: thin modules that parse, call and print, one for each topic.

What several of them need is in ``data`` (DATA and its options), ``options`` and ``terminal``; nothing is
computed in this room. ``main`` is where it begins and ends, and loads the rest, ``commands``: whatever
happens, from Ctrl-C while modules are loaded to a full disk, ends in a stated exit code and at most one line.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from exactsaddle.cli.starting import INTERRUPTED as INTERRUPTED
from exactsaddle.cli.starting import quiet_start

if TYPE_CHECKING:
    from exactsaddle.cli.commands import app as app

UNFORESEEN = 70
"""The exit code of what no command foresees (EX_SOFTWARE of sysexits.h): no verdict."""
NOBODY_READS = 128 + signal.SIGPIPE
_LONGEST = 600
"""Characters of the one line."""


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from exactsaddle.cli.commands import app

    return app


class OutputLost(Exception):
    """Standard output or error cannot be written; no OSError, so that nobody takes it for a file's."""

    def __init__(self, stream: str, error: OSError) -> None:
        super().__init__(f"cannot write {stream}: {error.strerror or error}")
        self.unread = isinstance(error, BrokenPipeError)


class _Stream(io.TextIOWrapper):
    """A standard stream that says when it is lost, and escapes what its encoding lacks."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise OutputLost(self._called, error) from error

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise OutputLost(self._called, error) from error

    @property
    def _called(self) -> str:
        return "standard output" if self is sys.stdout else "standard error"


def main() -> NoReturn:
    """Run the command line and exit: with the command's code, or with what the README says of the rest."""
    # results hold no cycles: to look for some at every 700th new object is 3 % of a report
    gc.set_threshold(50_000, 20, 20)
    try:
        _own_streams()
        with quiet_start():
            from exactsaddle.cli.commands import run
        code = run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one would only show where
        code = INTERRUPTED
    except OutputLost as lost:
        code = NOBODY_READS if lost.unread else UNFORESEEN
        if not lost.unread:
            _say(str(lost))
        _give_up_output()
    except Exception as error:
        code = UNFORESEEN
        _say(_unforeseen(error))
    sys.exit(code)


def _own_streams() -> None:
    """Make the process's own streams say when they are lost; those that a caller put there are left."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (as long as the process)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        raise OutputLost("standard output", OSError(0, "it is closed"))
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is getattr(sys, f"__{name}__") and type(stream) is io.TextIOWrapper:
            encoding, lines = stream.encoding, stream.line_buffering
            owned = _Stream(stream.detach(), encoding, "backslashreplace", line_buffering=lines)
            setattr(sys, name, owned)
            setattr(sys, f"__{name}__", owned)


def _unforeseen(error: Exception) -> str:
    """The error, and the last place in this package that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    here = os.path.dirname(os.path.dirname(__file__))
    places = [
        f"{os.path.relpath(f.filename, here)}:{f.lineno}" for f in frames if f.filename.startswith(here)
    ]
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"unforeseen {said} (at {places[-1] if places else '?'})"


def _say(message: str) -> None:
    """One line on standard error, if it can be written."""
    escaped = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in message)
    line = escaped if len(escaped) <= _LONGEST else f"{escaped[: _LONGEST - 60]}...{escaped[-57:]}"
    with suppress(Exception):
        sys.stderr.write(f"error: {line}\n")
        sys.stderr.flush()


def _give_up_output() -> None:
    """Let Python's own last flush succeed, so that it says nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
        with suppress(Exception):
            os.dup2(nowhere, stream.fileno())
