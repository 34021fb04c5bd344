"""Where the proved checker is, and what tests of it need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import proofs_checks

FOLDER = Path(proofs_checks.__file__).parent / "proved"
SCRIPT = FOLDER / "check_proved.js"
TOOLS = ("coqc", "coq_makefile", "ocamlfind", "make")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
needs_tools = pytest.mark.skipif(
    bool(MISSING) and "CI" not in os.environ, reason=f"not installed: {', '.join(MISSING)}"
)
needs_node = pytest.mark.skipif(
    shutil.which("node") is None and "CI" not in os.environ, reason="not installed: node"
)
