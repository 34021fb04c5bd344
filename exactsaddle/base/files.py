"""Writing a file so that an existing one is replaced only once the new one is complete."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from exactsaddle.base.errors import InvalidInput


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write content (text as UTF-8) beside path, then rename it over path.

    Raises InvalidInput, leaving an existing file untouched, when the place cannot be written.
    """
    target = Path(path)
    data = content.encode() if isinstance(content, str) else content
    handle, name = _beside(target)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
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
    if target.is_dir():
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


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
