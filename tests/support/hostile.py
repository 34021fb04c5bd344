"""Files that were made to hurt a reader: by kind, and by damage done to sound ones at random."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

import numpy as np

SOUND_CSV = "a,b,y\n1,2,3\n0.5,-1/3,1e-3\nsqrt(2),pi/4,exp(-1)\n"
SOUND_JSON = json.dumps(
    {"X": [["1", 2], ["1/3", 0.5]], "y": [1, 2], "names": ["a", "b"], "upper": ["inf", 2]}
)


def npy(array: object) -> bytes:
    sink = io.BytesIO()
    np.save(sink, np.asarray(array), allow_pickle=True)
    return sink.getvalue()


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return sink.getvalue()


def header(text: str, body: bytes = b"") -> bytes:
    """An NPY file of version 1 with this header, whatever it says."""
    encoded = text.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(encoded)) + encoded + body


X, Y = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([1.0, 2.0])
MEMBERS = {"X.npy": npy(X), "y.npy": npy(Y)}


def npz(**arrays: object) -> bytes:
    return archive({f"{name}.npy": npy(value) for name, value in {"X": X, "y": Y, **arrays}.items()})


def encrypted() -> bytes:
    """Both the local header and the directory say that the first member is encrypted."""
    content = bytearray(archive(MEMBERS))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def other_method(number: int) -> bytes:
    content = bytearray(archive(MEMBERS))
    content[8] = content[content.index(b"PK\x01\x02") + 10] = number
    return bytes(content)


def corrupt_deflate() -> bytes:
    content = bytearray(archive(MEMBERS))
    content[40:48] = b"\xff" * 8
    return bytes(content)


def wrong_text() -> bytes:
    """Text whose code points are none."""
    return header(
        "{'descr': '<U1', 'fortran_order': False, 'shape': (1, 2), }\n", struct.pack("<2I", 49, 0x7FFFFFFF)
    )


HOSTILE: dict[str, tuple[str, bytes]] = {
    "header that is no Python": ("npy", header("{'descr': '<f8', 'shape': (((\n")),
    "header with a bad token": ("npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (2, \x00'")),
    "shape that is no tuple": ("npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': 'ab', }\n")),
    "shape below zero": ("npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 2), }\n")),
    "shape beyond the file": (
        "npy",
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (99, 2), }\n"),
    ),
    "huge shape": (
        "npy",
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000, 2), }\n"),
    ),
    "code points that are none": ("npy", wrong_text()),
    "objects": ("npy", npy(np.array([[1, "a"]], dtype=object))),
    "complex": ("npy", npy([[1j, 2]])),
    "dates": ("npy", npy(np.array([["2020-01-01", "2021-01-01"]], dtype="datetime64[D]"))),
    "records": ("npy", npy(np.zeros((1, 2), dtype=[("a" * 3000, "f8")]))),
    "bytes": ("npy", npy(np.array([[b"1", b"2"]]))),
    "nan": ("npy", npy([[np.nan, 1.0]])),
    "no dimension": ("npy", npy(3.0)),
    "archive called npy": ("npy", npz()),
    "array called npz": ("npz", npy(X)),
    "empty npz": ("npz", b""),
    "member that is no array": ("npz", archive({**MEMBERS, "names": b"a b"})),
    "member of nothing": ("npz", archive({"X.npy": b"", "y.npy": MEMBERS["y.npy"]})),
    "encryption": ("npz", encrypted()),
    "method 9": ("npz", other_method(9)),
    "method 98": ("npz", other_method(98)),
    "method lzma, wrongly": ("npz", other_method(14)),
    "corrupt deflate": ("npz", corrupt_deflate()),
    "truncated": ("npz", archive(MEMBERS)[:-30]),
    "names of no dimension": ("npz", npz(names=np.array("ab"))),
    "names of two dimensions": ("npz", npz(names=np.array([["a", "b"]]))),
    "X of no dimension": ("npz", npz(X=np.array(1.0))),
    "y of two dimensions": ("npz", npz(y=X)),
    "long names of arrays": ("npz", npz(**{"z" * 3000: Y})),
    "zeros, compressed": ("npz", archive({"X.npy": zlib.compress(b"\0" * 1000), "y.npy": b"\0" * (1 << 24)})),
    "no text": ("csv", b"a,y\n\xff\xfe,1\n"),
    "nul": ("csv", b"a,y\n\0,1\n"),
    "quote without end": ("csv", b'a,y\n"1,1\n'),
    "3 GB of digits": ("csv", b"a,y\nexp(10**10),1\n"),
    "power of powers": ("csv", b"a,y\n((1+sqrt(5))/2)**(pi**pi**pi),1\n"),
    "exp of exp": ("csv", b"a,y\nexp(exp(100)),1\n"),
    "cosh": ("csv", b"a,y\ncosh(1e30),1\n"),
    "sinh": ("csv", b"a,y\nsinh(-1e30),1\n"),
    "nested logs": ("csv", b"a,y\n" + b"log(" * 30 + b"pi**pi" + b")" * 30 + b",1\n"),
    "nested exps": ("csv", b"a,y\n" + b"exp(" * 12 + b"2" + b")" * 12 + b",1\n"),
    "tower": ("csv", b"a,y\nE**E**E**E**E,1\n"),
    "small tower": ("csv", b"a,y\nexp(-exp(exp(9))),1\n"),
    "tan near a pole": ("csv", b"a,y\ntan(pi/2),1\n"),
    "tan of a tower": ("csv", b"a,y\ntan(exp(exp(30))),1\n"),
    "many digits": ("csv", b"a,y\n" + b"7" * 300_000 + b",1\n"),
    "deep json": ("json", b'{"X":' + b"[" * 100_000),
    "deep json, closed": ("json", b'{"X":' + b"[" * 900 + b"1" + b"]" * 900 + b',"y":[1]}'),
    "half a character": ("json", b'{"X": [[1]], "y": [1], "names": ["\\ud800"]}'),
    "names that are a number": ("json", b'{"X": [[1]], "y": [1], "names": 5}'),
    "names that are an object": ("json", b'{"X": [[1]], "y": [1], "names": {"a": 1, "b": 2}}'),
    "numbers that are objects": ("json", b'{"X": [[{}]], "y": [null]}'),
    "bounds that are objects": ("json", b'{"X": [[1]], "y": [1], "upper": {"a": 1}}'),
    "X that is text": ("json", b'{"X": "ab", "y": "a"}'),
    "not an object": ("json", b"[]"),
    "the same key twice": ("json", b'{"X": [[1]], "X": [[2]], "y": [1]}'),
}


def _swap(content: bytearray, rng: random.Random) -> None:
    content[rng.randrange(len(content))] = rng.randrange(256)


def _cut(content: bytearray, rng: random.Random) -> None:
    del content[rng.randint(1, len(content)) :]


def _drop(content: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(content))
    del content[start : start + rng.randint(1, 9)]


def _repeat(content: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(content))
    piece = content[start : start + rng.randint(1, 9)]
    content[start:start] = piece * rng.choice((1, 2, 50))


def _splice(content: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(content))
    content[start : start + rng.randint(0, 3)] = rng.choice(BITS)


BITS = (
    *(
        b"exp(",
        b"log(",
        b"sqrt(",
        b"**",
        b"^^",
        b"1e9999",
        b"1e-99999",
        b"pi",
        b"E",
        b"-",
        b"/0",
        b"nan",
        b"inf",
    ),
    *(b"\0", b"\r", b"\n\n", b'"', b",", b"[", b"]", b"{", b"}", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae"),
    *(b"PK\x03\x04", b"PK\x01\x02", b"\x93NUMPY", b"'descr'", b"|O", b"<U9", b">f2", b"cosh(1e30)", b"tan("),
)
DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (_swap, _cut, _drop, _repeat, _splice)


def damaged(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Sound files, and those above, with one to four damages each: (ending, content), always the same."""
    rng = random.Random(seed)
    sound = [
        *(("csv", SOUND_CSV.encode()), ("json", SOUND_JSON.encode()), ("npy", npy(X)), ("npz", npz())),
        *(("npz", npz(names=np.array(["a", "b"]), upper=Y)), ("npz", archive(MEMBERS, zipfile.ZIP_STORED))),
    ]
    small = [(ending, content) for ending, content in HOSTILE.values() if 0 < len(content) < 5000]
    for _ in range(count):
        ending, content = rng.choice(sound if rng.random() < 0.7 else small)
        changed = bytearray(content)
        for _ in range(rng.randint(1, 4)):
            if changed:
                rng.choice(DAMAGES)(changed, rng)
        yield ending, bytes(changed)
