"""Reading files that cannot block; writing so that an existing one is replaced only by a complete one."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from exactsaddle.base.errors import InvalidInput


def read_regular(path: str | Path, limit: int = -1) -> bytes:
    """At most ``limit`` bytes, or all, of a regular file; a pipe or a device could block, or never end.

    Raises OSError, or ValueError for a NUL in the name.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "is not a regular file")
        return stream.read(limit)


def write_atomically(path: str | Path, content: str | bytes | Iterable[str]) -> None:
    """Write content (text as UTF-8, or its parts) beside path, then rename it over path.

    Raises InvalidInput, leaving an existing file untouched, when the place cannot be written.
    """
    target = Path(path)
    parts = [content] if isinstance(content, (str, bytes)) else content
    handle, name = _beside(target)
    try:
        with os.fdopen(handle, "wb") as stream:
            for part in parts:
                stream.write(part.encode() if isinstance(part, str) else part)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except OSError as error:
        raise InvalidInput(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        Path(name).unlink(missing_ok=True)


def check_writable(path: str | Path) -> None:
    """Raise InvalidInput when a file could not be written there: ask before long work, not after."""
    target = Path(path)
    if os.path.isdir(target):
        raise InvalidInput(f"cannot write {target}: it is a directory")
    handle, name = _beside(target)
    os.close(handle)
    Path(name).unlink()


def _beside(target: Path) -> tuple[int, str]:
    """A new temporary file in the folder of target: its handle and name."""
    try:
        return tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise InvalidInput(f"cannot write {target}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL byte in the name
        raise InvalidInput(f"cannot write {str(target)!r}: {error}") from error


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
