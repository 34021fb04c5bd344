"""A file's bytes, unpacked within a budget, and its text, in the encoding it was written in."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from pathlib import Path

from exactsaddle.base import UnreadableFile
from exactsaddle.numbers import shorten
from exactsaddle.problem.jsonfile import MAX_BYTES, read_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = bytes({*range(32)} - set(b"\t\n\v\f\r"))


def content_of(place: Path) -> tuple[bytes, str]:
    """The bytes of a file of at most MAX_BYTES, unpacked where it is .gz, and its ending without that.

    Never holds more than MAX_BYTES unpacked; raises UnreadableFile.
    """
    content, ending = read_bytes(place), place.suffix.lower()
    if ending != ".gz":
        return content, ending
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            unpacked = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(f"{place}: not a readable gzip file: {shorten(str(error), 200)}") from None
    if len(unpacked) > MAX_BYTES:
        raise UnreadableFile(f"{place}: more than {MAX_BYTES:,} bytes unpacked, the budget for one file")
    return unpacked, Path(place.stem).suffix.lower()


def text_of(place: Path, content: bytes, encoding: str | None, notes: list[str]) -> str:
    """The text of these bytes: UTF-8 unless a mark, zeros, or bytes that are none say otherwise, noted then.

    Raises UnreadableFile where it is no text, or not in the encoding that was given.
    """
    if encoding is not None:
        return _decoded(place, content, encoding)
    for mark, name in _MARKS:
        if content.startswith(mark):
            if name != "utf-8-sig":
                notes.append(f"the text is {name.upper()}, by its first bytes")
            return _decoded(place, content, name)
    wide = _without_mark(content)
    if wide is not None:
        notes.append(f"taken as {wide.upper()}: every other byte is zero (--encoding says otherwise)")
        return _decoded(place, content, wide)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        strange = next((byte for byte in content if byte in _CONTROL), None)
        if strange is not None:
            raise UnreadableFile(
                f"{place}: not text: byte {error.start} is no UTF-8, and there are bytes 0x{strange:02x}"
            ) from None
        name = "windows-1252" if any(0x80 <= byte < 0xA0 for byte in content) else "latin-1"
        notes.append(f"not UTF-8 (byte {error.start}): taken as {name} (--encoding says otherwise)")
        return _decoded(place, content, name)


def _without_mark(content: bytes) -> str | None:
    """UTF-16 without a mark: nearly every other byte of the beginning is zero."""
    head = content[:4096]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) >= 4 and head[first::2].count(0) > 0.9 * (len(head) // 2) > head[1 - first :: 2].count(
            0
        ):
            return name
    return None


def _decoded(place: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except LookupError:
        raise UnreadableFile(f"{place}: no encoding is called {shorten(encoding)!r}") from None
    except UnicodeError as error:
        raise UnreadableFile(
            f"{place}: not {encoding.removesuffix('-sig').upper()} text ({shorten(str(error), 120)}): "
            "--encoding names another"
        ) from None
