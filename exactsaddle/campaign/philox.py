"""Philox4x64-10, the counter-based generator: every random word has an address.

Source: Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, §3.3 and
table 2. It is written here in integer arithmetic, not taken from NumPy, so that no release of any
library can change which instances a campaign has.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

WORD = 64
_MASK = (1 << WORD) - 1
_MULTIPLIERS = 0xD2E7470EE14C6C93, 0xCA5A826395121157
_WEYL = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B
_ROUNDS = 10

Block = tuple[int, int, int, int]


def philox(counter: Block, key: tuple[int, int]) -> Block:
    """The four 64-bit words at a counter (four words, the lowest first) under a key (two words)."""
    m0, m1 = _MULTIPLIERS
    w0, w1 = _WEYL
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for _ in range(_ROUNDS):
        p, q = m0 * x0, m1 * x2
        x0, x1, x2, x3 = (q >> 64) ^ x1 ^ k0, q & _MASK, (p >> 64) ^ x3 ^ k1, p & _MASK
        k0, k1 = (k0 + w0) & _MASK, (k1 + w1) & _MASK
    return x0, x1, x2, x3


class Words:
    """The random words of one name: word (position, depth) never depends on what was drawn before.

    ``depth`` counts the further words that one position asks for, when the first does not decide it.
    """

    def __init__(self, name: Any) -> None:
        """name is any JSON value; the key is the first 128 bits of SHA-256 of its canonical JSON."""
        canonical = json.dumps(name, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode("ascii")).digest()
        self._key = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:16], "little")
        self._at = -1
        self._block: Block = (0, 0, 0, 0)

    def word(self, position: int, depth: int = 0) -> int:
        """64 random bits."""
        if depth:
            return philox((position >> 2, depth, 0, 0), self._key)[position & 3]
        if position >> 2 != self._at:
            self._at = position >> 2
            self._block = philox((self._at, 0, 0, 0), self._key)
        return self._block[position & 3]

    def below(self, bound: int, position: int) -> int:
        """An integer uniform on [0, bound), exactly: words beyond the last multiple of bound are refused."""
        most = (1 << WORD) // bound * bound
        depth = 0
        while (word := self.word(position, depth)) >= most:
            depth += 1
        return word % bound
