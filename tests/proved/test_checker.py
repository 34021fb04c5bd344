"""The checker whose soundness is a theorem agrees with check_path.py, word for word where JSON is JSON."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from exactsaddle import Problem, load_dataset, saddle_path
from proofs_checks import check_path
from tests.certificates.test_budgets import SMALL
from tests.certificates.test_budgets import problem as wide_problem
from tests.proved.programs import FOLDER, SCRIPT, needs_node, needs_tools

CORPUS = Path(__file__).parents[1] / "certificates"
FILES = sorted(path for path in CORPUS.glob("*/*.json") if not path.name.endswith(".problem.json"))


def by_reference(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = check_path.main(list(arguments))
    return code, out.getvalue(), err.getvalue()


def by_proof(checker: str, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run([checker, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@needs_tools
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("options", [[], ["--json"], ["--max-work", "100"]], ids=["words", "json", "budget"])
def test_the_corpus_of_certificates(checker: str, path: Path, options: list[str]) -> None:
    problem = path.with_suffix(".problem.json")
    given = ["--problem", str(problem)] if problem.exists() else []
    expected, found = (
        decide(str(path), *given, *options) for decide in (by_reference, lambda *a: by_proof(checker, *a))
    )
    assert found[:2] == expected[:2]
    assert found[2].split(":")[:2] == expected[2].split(":")[:2]
    if "not JSON" not in expected[2]:  # where the syntax is wrong, Python's parser has words of its own
        assert found[2] == expected[2]


# --- the JavaScript ---------------------------------------------------------------------------------------


@needs_node
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=f"{path.parent.name}-{path.stem}", marks=pytest.mark.slow if number % 4 else ())
        for number, path in enumerate(FILES)
    ],
)
def test_the_script_says_the_same(path: Path) -> None:
    problem = path.with_suffix(".problem.json")
    given = ["--problem", str(problem)] if problem.exists() else []
    expected = by_reference(str(path), *given)
    found = by_proof("node", str(SCRIPT), str(path), *given)
    assert found[:2] == expected[:2]
    if "not JSON" not in expected[2]:
        assert found[2] == expected[2]


@needs_node
def test_the_script_on_real_data(tmp_path: Path) -> None:
    file = tmp_path / "diabetes.json"
    saddle_path(load_dataset("diabetes")).certificate().save(str(file))
    assert by_proof("node", str(SCRIPT), str(file), "--json") == by_reference(str(file), "--json")


def test_the_script_is_small_and_built_from_these_sources() -> None:
    sources = [*sorted(FOLDER.glob("*.v")), *sorted((FOLDER / "driver").iterdir())]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    assert SCRIPT.read_text().startswith(f"// {digest}\n")
    assert SCRIPT.stat().st_size < 300_000


@needs_tools
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("js_of_ocaml") is None, reason="not installed: js_of_ocaml")
def test_the_script_rebuilt_is_the_same(tmp_path: Path) -> None:
    copied = tmp_path / "proved"
    shutil.copytree(FOLDER, copied)
    (copied / "check_proved.js").unlink()
    shutil.rmtree(copied / "build", ignore_errors=True)
    subprocess.run(["make", "-s", "-C", str(copied), "js"], check=True, capture_output=True)
    assert (copied / "check_proved.js").read_bytes() == SCRIPT.read_bytes()


# --- the reader --------------------------------------------------------------------------------------------

LONG_PRIME = {"unique": True, "w": ["0"], "prime": "1" + "0" * 19_998, "rows": [0]}
GREEDY = {
    "long denominator": SMALL | {"problem": wide_problem(7_000, y=["1/1" + "0" * 50_000])},
    "many columns": SMALL
    | {"problem": wide_problem(4_000), "saddles": [{"jump_time": "0", "beta": {}, "loss": "0"}] * 4_000},
    "long prime": SMALL
    | {
        "claims": check_path.claims_of(True, True),
        "saddles": [saddle | {"uniqueness": LONG_PRIME} for saddle in SMALL["saddles"]],
    },
}


@needs_node
@pytest.mark.parametrize("name", GREEDY)
def test_budgets_of_documents_made_to_exhaust_it(name: str, tmp_path: Path) -> None:
    file = tmp_path / "greedy.json"
    file.write_text(json.dumps(GREEDY[name]))
    options = [str(file), "--max-work", "1000000000"]
    assert by_proof("node", str(SCRIPT), *options) == by_reference(*options)


@needs_node
def test_budget_of_a_plain_problem(tmp_path: Path) -> None:
    certificate, problem = tmp_path / "certificate.json", tmp_path / "problem.json"
    certificate.write_text(json.dumps({key: value for key, value in SMALL.items() if key != "problem"}))
    problem.write_text(json.dumps({"X": [["1e199998"] * 100], "y": ["1"]}))
    found = by_proof("node", str(SCRIPT), str(certificate), "--problem", str(problem))
    assert found == by_reference(str(certificate), "--problem", str(problem))
    assert "exponents add 19999800 digits" in found[2]


@needs_tools
@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('number ~known (get "jump_time")', 'number (get "loss")'),
        ("ratios.(i) <- ratio", "ratios.(i) <- (Integer.one, Integer.one)"),
        ("box = pair lower upper", "box = pair upper lower"),
    ],
    ids=["time", "beta", "thresholds"],
)
def test_a_reader_that_misreads_is_found_out(right: str, wrong: str, tmp_path: Path) -> None:
    copied = tmp_path / "proved"
    shutil.copytree(FOLDER, copied)
    source = copied / "driver" / "reader.ml"
    assert source.read_text().count(right) == 1
    source.write_text(source.read_text().replace(right, wrong))
    subprocess.run(["make", "-s", "-C", str(copied)], check=True, capture_output=True)
    problem = Problem([[2, 1], [1, 3]], [1, -2], lower=[2, 3])
    file = tmp_path / "certificate.json"
    saddle_path(problem, max_saddles=2).certificate().save(str(file))
    code, _, err = by_proof(str(copied / "check_proved"), str(file))
    assert (code, "what was read is not what is written" in err) == (2, True)


@needs_tools
def test_real_data(checker: str, tmp_path: Path) -> None:
    file = tmp_path / "diabetes.json"
    saddle_path(load_dataset("diabetes")).certificate().save(str(file))
    assert by_proof(checker, str(file)) == by_reference(str(file))
    assert by_proof(checker, str(file))[0] == 0


@needs_tools
def test_usage(checker: str) -> None:
    code, out, err = by_proof(checker)
    assert (code, out) == (2, "")
    assert "usage" in err
    assert by_proof(checker, "no such file")[0] == 2
    assert by_proof(checker, "--help")[0] == 0


# --- the proofs -------------------------------------------------------------------------------------------

# One weakening of the checker per claim, after which the theorem must fail.
WEAKENED = {
    "start time": ("if nonzero (jump_time (stated x)).1 then Some LateStart else", ""),
    "start in the box": ("else at_index (find outside 0 (cells x))", "else None"),
    "thresholds": (
        "if (0 <? m) && (0 <? length (target doc)) && all thresholded (box doc)",
        "if (0 <? m) && (0 <? length (target doc))",
    ),
    "cone": ("(b c * sign (place c) <=? 0)", "(b c * sign (place c) <? 0)"),
    "stationary": ("nonzero (b c) && nonzero (g c)", "nonzero (b c) && (0 <? g c)"),
    "dual sign": ("sign (place c) * g c <? 0)", "sign (place c) * g c <? -1)"),
    "first hit": ("if a * q <=? p * c then Some NotAfter", "if a * q <? p * c then Some NotAfter"),
    "hit in the box": ("else if find outside 0 (cells next) is Some i then Some (At i)\n", ""),
    "landing": ("found || (sign (place later) * g now <? 0)", "found || (sign (place later) * g now <=? 0)"),
    "loss": ("x.1 * y.2 =? y.1 * x.2", "x.1 * y.2 <=? y.1 * x.2"),
    "end": ("if g c <? 0 then (bounds c).2 else (bounds c).1", "(bounds c).1"),
    "uniqueness": ("(sign (place c) * p <=? 0)", "(sign (place c) * p <? 0)"),
    "minor": ("  if nonzero m then if divided", "  if true then if divided"),
    "second of the same fit": (
        "if find nonzero 0 (combine (map1 (fun _ => 0) (y_values D)) move (X_columns D)) is Some j "
        "then Some (Row j)\n  else None.",
        "None.",
    ),
    "second in the cone": ("(v * sign (place c) <=? 0) ||", "false ||"),
    "second": ("if ~~ has nonzero move then Some SameVector else", ""),
}
# The same for what accepts without long integers.
WEAKENED_QUICK = {
    "slope": ("if slack a * column_norm x <? absolute middle then Some middle", "if true then Some middle"),
    "rounding": ("room u (row_norm K) + room u' u'", "room u' u'"),
    "upper threshold": ("(up x).2 * (middle - wide)", "(up x).2 * (middle + wide)"),
    "lower threshold": ("(low x).2 * (middle + wide)", "(low x).2 * (middle - wide)"),
    "blur": ("blur + more + 1)", "blur)"),
    "a dual that moves": ("if g before =? 0 then Some", "if true then Some"),
    "an integral not kept": ("l && nonzero g) (lost J) gs", "false) (lost J) gs"),
    "two that land": ("None => if left f is None then if w.1 =? 0", "None => if true then if w.1 =? 0"),
    "time": ("until.1 * h' - t * q' in", "until.1 * h' in"),
}


@needs_tools
@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "claim"),
    [*(("Check.v", claim) for claim in WEAKENED), *(("Quick.v", claim) for claim in WEAKENED_QUICK)],
)
def test_a_weaker_checker_has_no_proof(file: str, claim: str, tmp_path: Path) -> None:
    copied = tmp_path / "proved"
    shutil.copytree(FOLDER, copied)
    changes = WEAKENED if file == "Check.v" else WEAKENED_QUICK
    source, (old, new) = (copied / file).read_text(), changes[claim]
    assert source.count(old) == 1
    (copied / file).write_text(source.replace(old, new))
    compiled = subprocess.run(
        ["make", "-C", str(copied), "proofs"], capture_output=True, text=True, check=False
    )
    assert compiled.returncode != 0
    assert f'/{file}"' not in compiled.stderr  # it compiles: a theorem about it fails
    assert "Error" in compiled.stderr


@needs_tools
@pytest.mark.slow
def test_no_axiom_and_one_is_noticed(tmp_path: Path) -> None:
    copied = tmp_path / "proved"
    shutil.copytree(FOLDER, copied)
    audit = ["make", "-s", "-C", str(copied), "audit"]
    subprocess.run(audit, check=True, capture_output=True)
    source = (copied / "Theorems.v").read_text()
    (copied / "Theorems.v").write_text(source.replace("Proof. exact: verified. Qed.", "Admitted."))
    assert subprocess.run(audit, capture_output=True, check=False).returncode != 0
