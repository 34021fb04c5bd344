"""The command that a missing extra names works from where the package was installed."""

from __future__ import annotations

import json
import shlex
import sys
from importlib import import_module, metadata
from types import SimpleNamespace

import pytest

from exactsaddle.base import MissingExtra, require
from exactsaddle.base.extras import install_command
from tests.support.places import ROOT


def named(monkeypatch: pytest.MonkeyPatch, came: object) -> list[str]:
    text = None if came is None else json.dumps(came)
    monkeypatch.setattr(metadata, "distribution", lambda name: SimpleNamespace(read_text=lambda file: text))
    return shlex.split(install_command("report"))


@pytest.mark.parametrize(
    ("came", "requirement"),
    [
        (None, ["exactsaddle[report]"]),
        ({"url": "file:///my%20code/it", "dir_info": {"editable": True}}, ["-e", "/my code/it[report]"]),
        ({"url": "file:///code", "dir_info": {}}, ["/code[report]"]),
        (
            {
                "url": "https://x.org/r.git",
                "vcs_info": {"vcs": "git", "requested_revision": "v1", "commit_id": "a"},
            },
            ["exactsaddle[report] @ git+https://x.org/r.git@v1"],
        ),
        (
            {"url": "file:///w/exactsaddle-1-py3-none-any.whl", "archive_info": {}},
            ["exactsaddle[report] @ file:///w/exactsaddle-1-py3-none-any.whl"],
        ),
    ],
)
def test_the_command_names_where_the_package_came_from(
    monkeypatch: pytest.MonkeyPatch, came: object, requirement: list[str]
) -> None:
    words = named(monkeypatch, came)
    assert words[words.index("install") + 1 :][-len(requirement) :] == requirement
    assert sys.executable in words


def test_the_source_is_named_where_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
    place = shlex.split(install_command("report"))[-1]
    assert place == f"{ROOT}[report]"


def test_a_search_without_hypothesis_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "exactsaddle.testing.hunt", raising=False)
    with pytest.raises(MissingExtra, match=r"counterexamples needs Hypothesis: .*install .*\[hypothesis\]"):
        import_module("exactsaddle.testing.hunt")


def test_who_misses_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(MissingExtra, match=r"^fuzz needs Hypothesis: .*install .*\[hypothesis\]"):
        require("hypothesis", "hypothesis", "fuzz needs Hypothesis")
