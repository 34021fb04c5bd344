"""Reading files that may be hostile: bounded in size, every number exact, nothing silently merged."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from exactsaddle.base import InvalidInput, UnreadableFile, read_regular
from exactsaddle.numbers import shorten

MAX_BYTES = 64 * 2**20
"""The largest file that is read."""

MAX_ENTRIES = 4_000_000
"""The most comma-separated entries a text file may have."""


def read_bytes(path: str | Path) -> bytes:
    """The content of a regular file of at most MAX_BYTES; raises UnreadableFile."""
    place = Path(path)
    try:
        if os.path.isdir(place):
            raise UnreadableFile(f"{place}: is a directory")
        content = read_regular(place, MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(f"{place}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL byte in the name
        raise UnreadableFile(f"{str(place)!r}: {error}") from error
    if len(content) > MAX_BYTES:
        raise UnreadableFile(f"{place}: larger than {MAX_BYTES:,} bytes, the budget for one file")
    return content


def read_text(path: str | Path) -> str:
    """The content of a UTF-8 file (a byte-order mark is dropped); raises UnreadableFile."""
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path}: not UTF-8 text (byte {error.start})") from error
    if text.count(",") > MAX_ENTRIES:
        raise UnreadableFile(f"{path}: more than {MAX_ENTRIES:,} entries, the budget for one file")
    return text


def parse_json(text: str) -> Any:
    """A JSON document with every number kept as its text, duplicate keys and NaN refused.

    Raises InvalidInput naming line and column.
    """
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_float=str, parse_int=_integer, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        raise InvalidInput(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise InvalidInput("nested too deeply to be read") from None


def _integer(text: str) -> int | str:
    """Short integers as int; longer ones stay text for parse_rational, which counts their digits."""
    return int(text) if len(text) <= 18 else text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for i, key in enumerate(keys) if key in keys[:i])
        raise InvalidInput(f"the key {shorten(repeated)!r} appears twice in one object")
    return found


def _constant(text: str) -> Any:
    raise InvalidInput(f"{text} is not a number")


def dump_problem(document: dict[str, Any], indent: str = "") -> Iterator[str]:
    """A problem's JSON in parts, one row of X to a line; "X" may be an iterator of rows, and is read once."""
    lead = "{"
    for key, value in document.items():
        yield f'{lead}\n{indent} "{key}": '
        if key == "X":
            between = "["
            for row in value:
                yield f"{between}\n{indent}  {json.dumps(row)}"
                between = ","
            yield f"\n{indent} ]"
        else:
            yield json.dumps(value)
        lead = ","
    yield f"\n{indent}}}"
