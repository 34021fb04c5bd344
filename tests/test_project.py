"""What the project promises about itself: commands, imports, packaged files."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import exactsaddle

ROOT = Path(__file__).resolve().parent.parent


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = re.findall(r"^python3 -m venv .*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(commands) == 2, "the README has two commands: the main job and the tests"
    main_job, tests = commands
    assert "exactsaddle path diabetes" in main_job
    assert tests in (ROOT / ".ci" / "run").read_text().splitlines()


def test_flint_matrices_are_known_to_the_linear_algebra_alone() -> None:
    users = set()
    for path in (ROOT / "exactsaddle").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "flint":
                names = {alias.name for alias in node.names}
                if names & {"fmpz_mat", "fmpq_mat", "nmod_mat"}:
                    users.add(path.relative_to(ROOT).as_posix())
    assert users == {"exactsaddle/linalg.py", "exactsaddle/subspaces.py"}


def test_version_agrees_with_the_changelog_and_the_package() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{exactsaddle.__version__}"' in pyproject
    assert f"## {exactsaddle.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_public_names_exist() -> None:
    assert all(hasattr(exactsaddle, name) for name in exactsaddle.__all__)
