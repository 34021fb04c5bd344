"""What the project promises about itself: commands, imports, packaged files."""

from __future__ import annotations

import ast
import doctest
import re
import subprocess
import sys

import exactsaddle
from tests.support.command import run
from tests.support.places import ROOT


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = re.findall(r"^python3 -m venv .*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(commands) == 2, "the README has two commands: the main job and the tests"
    main_job, tests = commands
    assert "exactsaddle path diabetes" in main_job
    assert tests in (ROOT / ".ci" / "run").read_text().splitlines()


def test_flint_matrices_are_known_to_the_linear_algebra_alone() -> None:
    users = set()
    texts = {path: path.read_text() for path in (ROOT / "exactsaddle").rglob("*.py")}
    for path, text in texts.items():
        for node in ast.walk(ast.parse(text)) if "_mat" in text else ():
            if isinstance(node, ast.ImportFrom) and node.module == "flint":
                names = {alias.name for alias in node.names}
                if names & {"fmpz_mat", "fmpq_mat", "nmod_mat"}:
                    users.add(path.relative_to(ROOT).as_posix())
    assert users == {
        f"exactsaddle/numbers/{name}.py"
        for name in ("dyadic", "gram", "normal_equations", "subspaces", "vectors")
    }


def test_the_readme_shows_what_the_program_prints() -> None:
    shown = (ROOT / "README.md").read_text().split("$ exactsaddle path diabetes\n")[1].split("```")[0]
    printed = run("path", "diabetes").stdout.splitlines()
    lines = [line for line in shown.splitlines() if line != " …"]
    assert len(lines) == 8
    assert set(map(str.rstrip, lines)) <= set(map(str.rstrip, printed))


def test_the_session_in_the_readme_runs() -> None:
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False, encoding="utf-8")
    assert result.attempted >= 5
    assert result.failed == 0


def test_version_agrees_with_the_changelog_and_the_package() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{exactsaddle.__version__}"' in pyproject
    assert f"## {exactsaddle.__version__}" in (ROOT / "CHANGELOG.md").read_text()
    assert f"\nversion: {exactsaddle.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "exactsaddle", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"exactsaddle {exactsaddle.__version__}\n"


def test_public_names_exist() -> None:
    assert all(hasattr(exactsaddle, name) for name in exactsaddle.__all__)
