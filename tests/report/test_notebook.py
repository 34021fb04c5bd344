"""The guide's first page as a notebook, run by a Jupyter kernel: results show themselves."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from tests.support.places import ROOT

PAGE = ROOT / "exactsaddle" / "guide" / "01-first-path.md"
SHOWN = {
    "problem": ("text/html", "2 × 3"),
    "path": ("text/html", "0.5625"),
    "path.certificate().check()": ("text/html", "verified"),
}


def test_the_first_page_of_the_guide_as_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = doctest.DocTestParser().get_examples(PAGE.read_text(encoding="utf-8"))
    sources = [example.source for example in examples] + list(SHOWN)
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": os.fspath(tmp_path)}})
    client.execute()
    nbformat.validate(notebook)
    for cell, example in zip(notebook.cells, examples, strict=False):
        printed = "".join(o.get("text") or o["data"]["text/plain"] for o in cell.outputs)
        assert printed.split() == example.want.split(), example.source
    for cell, (form, words) in zip(notebook.cells[len(examples) :], SHOWN.values(), strict=True):
        assert words in cell.outputs[0]["data"][form]
