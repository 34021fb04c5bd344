"""Where the tests find what is stored beside them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
CORPUS = TESTS / "corpus"
CERTIFICATES = TESTS / "certificates"
REPORTS = ROOT / "reports"
