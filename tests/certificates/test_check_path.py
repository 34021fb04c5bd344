"""The independent checker: what it accepts, what it refuses, and that every clause of it is needed."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.base import InvalidInput
from proofs_checks import check_path
from proofs_checks.check_path import Malformed, Report, check, main
from tests.support.places import CERTIFICATES as CORPUS
from tests.support.problems import general_problems, standard_problems

CHECKER = Path(check_path.__file__)

ACCEPTED = sorted(p for p in (CORPUS / "accepted").glob("*.json") if not p.name.endswith(".problem.json"))
REJECTED = sorted((CORPUS / "rejected").glob("*.json"))
MALFORMED = sorted((CORPUS / "malformed").glob("*.json"))
CLAIMS = ("problem", "start", "cone", "stationary", "dual sign", "first hit", "loss", "end")
NAMED = (*CLAIMS, "uniqueness")
TWO_JUMPS = (CORPUS / "accepted" / "two-jumps.json").read_text()


def stem(path: Path) -> str:
    return path.stem


def beside(path: Path) -> Path | None:
    problem = path.with_suffix(".problem.json")
    return problem if problem.exists() else None


def verdict_of(document: dict[str, Any]) -> str:
    try:
        return check(json.dumps(document)).verdict
    except Malformed:
        return "malformed"


# --- the corpus -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ACCEPTED, ids=stem)
def test_accepted(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--problem", str(beside(path))] if beside(path) else []
    verdict, code = ("unchecked", 3) if path.stem.startswith("prefix") else ("verified", 0)
    assert main([str(path), *options]) == code
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{verdict}: ")
    assert ("a prefix: what follows is not known" in printed.out) == (verdict == "unchecked")
    last = "uniqueness" if path.stem.startswith("uniqueness") else "end" if verdict == "verified" else "loss"
    assert printed.out.endswith(f", {last}\n")
    assert printed.out.count("\n") == 1
    assert not printed.err


@pytest.mark.parametrize("path", REJECTED, ids=stem)
def test_rejected(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claim = next(c for c in NAMED if path.stem.startswith(c.replace(" ", "-")))
    assert main([str(path)]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("rejected: saddle ")
    assert f": {claim}: " in printed.out
    assert printed.out.count("\n") == 1
    assert not printed.err


def test_every_claim_has_a_rejected_file() -> None:
    claims = {c for c in NAMED for path in REJECTED if path.stem.startswith(c.replace(" ", "-"))}
    assert claims == set(NAMED)


@pytest.mark.parametrize("path", MALFORMED, ids=stem)
def test_malformed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path)]) == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert printed.err.startswith(f"malformed: {path}: ")
    assert printed.err.count("\n") == 1
    assert len(printed.err) < 400
    assert printed.err.isascii()


@pytest.mark.parametrize("folder", ["accepted", "rejected", "malformed"])
def test_every_file_has_its_story(folder: str) -> None:
    readme = (CORPUS / folder / "README.md").read_text()
    for path in (CORPUS / folder).glob("*.json"):
        assert f"`{path.name}`" in readme


# --- what a message says --------------------------------------------------------------------------------


def replaced(old: str, new: str) -> str:
    assert TWO_JUMPS.count(old) == 1
    return TWO_JUMPS.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('{"0": "-4/5"}', '{"0": "-3/5"}', "saddle 1: stationary: beta[x0] = -3/5 but g[x0] = 1"),
        (
            '{"0": "-4/5"}',
            '{"0": "4/5"}',
            "saddle 1: cone: beta[x0] = 4/5 but s[x0] = -1 is on its lower threshold",
        ),
        (
            '"jump_time": "9/16"',
            '"jump_time": "1/2"',
            "saddle 1: first hit: at the next jump time 1/2, no moving",
        ),
        (
            '"jump_time": "9/16"',
            '"jump_time": "1"',
            "saddle 1: first hit: at the next jump time 1, s[x1] = -12/5",
        ),
        (
            '"jump_time": "9/16"',
            '"jump_time": "1/4"',
            "saddle 1: first hit: the next jump time 1/4 is not after",
        ),
        (
            '"jump_time": "9/16"',
            '"jump_time": "-1"',
            "saddle 1: first hit: the next jump time -1 is not after 1/4",
        ),
        ('"jump_time": "0"', '"jump_time": "-1/2"', "saddle 0: start: t_0 = -1/2, not 0"),
    ],
)
def test_a_rejection_names_saddle_claim_and_witness(old: str, new: str, message: str) -> None:
    # By hand: X'X/2 = [[5, -4, 5], ...], g_0(β_0 = -3/5) = 5·(-3/5) + 4 = 1; s_1 = -1/4·... see two-jumps.
    assert check(replaced(old, new)).message.startswith(message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('{"0": "-4/5"}', '{"7": "-4/5"}', 'saddles[1].beta["7"]: not a column: 0 to 2'),
        ('{"0": "-4/5"}', '{"0": "-8/10"}', 'saddles[1].beta["0"]: "-8/10" must be written -4/5'),
        ('"version": 1', '"version": 2', "version: must be 1, not 2"),
        ('["-3", "4", "-4"]', '["-3", 4, "-4"]', "problem.X[0][1]: a number must be a string"),
        ('"jump_time": "9/16", ', "", "saddles[2]: lacks jump_time"),
        (
            '"9/16"',
            '["9/16"]',
            'saddles[2].jump_time: a number must be a string such as "3/10", not an array',
        ),
        ('{"0": "-4/5"}', '[["0", "-4/5"]]', "saddles[1].beta: must be an object, not an array"),
        ('{"jump_time": "0", "beta": {}, "loss": "2"}', "0", "saddles[0]: must be an object, not 0"),
    ],
)
def test_a_malformed_document_names_the_field(old: str, new: str, message: str) -> None:
    with pytest.raises(Malformed) as error:
        check(replaced(old, new))
    assert str(error.value).startswith(message)


def test_long_numbers_are_shortened_in_a_witness() -> None:
    long = "1" + "0" * 6000
    failure = check(replaced('{"0": "-4/5"}', f'{{"0": "{long}"}}')).failure
    assert failure is not None
    assert failure.witness.startswith("beta[x0] = 100000000000...000000 (6001 digits) but ")


def test_the_report_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    main([str(CORPUS / "rejected" / "loss-wrong.json"), "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "rejected"
    assert report["failure"] == {"saddle": 0, "claim": "loss", "witness": "stated 4, recomputed 2"}
    assert report["message"] == "saddle 0: loss: stated 4, recomputed 2"


# --- the problem of a detached certificate, as a person writes it ----------------------------------------


DETACHED = json.dumps({k: v for k, v in json.loads(TWO_JUMPS).items() if k != "problem"})


@pytest.mark.parametrize(
    "problem",
    [
        '{"X": [[-3, 4, -4], [-1, -4, 2]], "y": [2, 2]}',
        '{"X": [["-3", "+4.00", "-40e-1"], [-1.0, "-8/2", 0.2e1]], "y": ["4/2", "2."]}',
        '{"X": [[-3, 4, -4], [-1, -4, 2]], "y": [2, 2], "lower": 1, "upper": ["1", 1, 1.0], "dual": "0"}',
        '{"X": [[" -3", 4, -4], [-1, -4, 2]], "y": [2, 2], "names": ["a", "a", "é"]}',
    ],
)
def test_a_problem_as_a_person_writes_it(problem: str) -> None:
    assert check(DETACHED, problem).verdict == "verified"


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ('{"X": [[1]], "y": [1], "source": "exact"}', 'unknown field "source"'),
        ('{"X": [[1]]}', "lacks y"),
        ('{"X": [[1]], "y": [1], "y": [1]}', 'field "y" twice'),
        ('{"X": [[1e999999999]], "y": [1]}', "X[0][0]: 1e999999999 is not a number of at most 200000 digits"),
        ('{"X": [[1e-200001]], "y": [1]}', "X[0][0]: 1e-200001 is not"),
        ('{"X": [[1e200000]], "y": [1]}', "X[0][0]: a number of 200001 digits"),
        ('{"X": [["1/0"]], "y": [1]}', 'X[0][0]: "1/0" is not'),
        ('{"X": [[1, 2], [3]], "y": [1, 2]}', "X[1]: has 1 entries, X[0] has 2"),
        ('{"X": [[1]], "y": [1], "upper": 0}', "upper[0]: a threshold must be positive"),
        ('{"X": [[1]], "y": [1], "upper": "inf", "lower": "inf"}', "upper[0]: infinite, like lower"),
        ('{"X": [[1]], "y": [1], "dual": "inf"}', 'dual[0]: "inf" is not'),
        ('{"X": [[NaN]], "y": [1]}', "X[0][0]: NaN is not"),
        ('{"X": [["1_0"]], "y": [1]}', 'X[0][0]: "1_0" is not'),
        ('{"X": [["٣"]], "y": [1]}', 'X[0][0]: "\\u0663" is not'),
        ('{"X": [[true]], "y": [1]}', "X[0][0]: a number must be a string"),
        ('{"X": [], "y": []}', "y: must be a non-empty array, not an empty array"),
        ('{"X": 3, "y": [1]}', "X: must be a non-empty array, not 3"),
        ("[1]", "must be an object, not an array"),
        ('{"X"', "not JSON"),
    ],
)
def test_a_malformed_problem_names_the_field(problem: str, message: str) -> None:
    with pytest.raises(Malformed) as error:
        check(DETACHED, problem)
    assert str(error.value).startswith(f"problem: {message}")


def test_a_given_problem_must_be_the_one_inside() -> None:
    for other in ('{"X": [[-3, 4, -4], [-1, -4, 2]], "y": [2, 3]}', '{"X": [[1]], "y": [1]}'):
        for certificate in (TWO_JUMPS, DETACHED):
            failure = check(certificate, other).failure
            assert failure is not None
            assert (failure.saddle, failure.claim) == (0, "problem")


# --- bad files ------------------------------------------------------------------------------------------


def run(*arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", "-S", str(CHECKER), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, cwd=cwd, timeout=60)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[" * 200_000, b"nested too deeply"),
        (b'{"a":' * 200_000, b"nested too deeply"),
        (b"1" * 1_000_000, b"must be an object, not 111111111111...111111 (1000000 characters)"),
        (b"-" * 1_000_000, b"not JSON in UTF-8: "),
        (b'"' + b"\\ud800" * 1000 + b'"', b"must be an object, not "),
        (b"[" + b"0," * 4_000_001 + b"0]", b"more than 4000000 entries"),
        (
            replaced('"9/16"', f'"{"7" * 200_001}"').encode(),
            b"saddles[2].jump_time: a number of 200001 digits",
        ),
        (replaced('"9/16"', f'"1/{"7" * 1_000_000}"').encode(), b"saddles[2].jump_time: "),
        (replaced('"9/16"', f'"{"1" * 300_000}x"').encode(), b"saddles[2].jump_time: "),
        (replaced('"9/16"', "7" * 1_000_000).encode(), b"saddles[2].jump_time: a number must be a string"),
        (replaced('{"0": "-4/5"}', f'{{"{"1" * 1_000_000}": "1"}}').encode(), b"saddles[1].beta["),
        (b"\xff\xfe\x00\x00", b"not JSON in UTF-8: "),
        (b"\x00" * 100, b"not JSON in UTF-8: "),
        (b"", b"not JSON in UTF-8: "),
    ],
    ids=range(14),
)
def test_input_built_to_exhaust_the_interpreter(content: bytes, message: bytes) -> None:
    done = run("-", stdin=content)
    assert done.returncode == 2
    assert done.stderr.startswith(b"malformed: -: " + message)
    assert done.stderr.count(b"\n") == 1
    assert len(done.stderr) < 300


def test_the_budget_of_digits_is_inclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_path, "MAX_DIGITS", 30)
    longest = f"-{'1' * 29}2/{'1' * 29}3"
    failure = check(replaced('"loss": "0"', f'"loss": "{longest}"')).failure
    assert failure is not None
    assert failure.witness == f"stated {longest}, recomputed 0"
    for long in (f"1{longest[1:]}", f"{longest[1:]}7"):
        with pytest.raises(Malformed, match=r"saddles\[2\]\.loss: a number of 31 digits, more than 30"):
            check(replaced('"loss": "0"', f'"loss": "{long}"'))


@pytest.mark.parametrize(("bits", "bounded"), [(100, True), (101, False)])
def test_common_denominators_are_bounded(bits: int, bounded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_path, "MAX_DIGITS", 30)
    problem = {"X": [[f"1/{2 ** (bits - 42)}", f"1/{3**26}"]], "y": [0]}  # 3^26 has 42 bits
    assert (2 ** (bits - 42) * 3**26).bit_length() == bits
    if bounded:
        assert check(DETACHED, json.dumps(problem)).verdict == "rejected"  # it is another problem
    else:
        with pytest.raises(Malformed, match="problem: X: a common denominator of over 30 digits"):
            check(DETACHED, json.dumps(problem))


def test_a_file_over_the_budget(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as stream:
        stream.truncate(check_path.MAX_BYTES + 1)
    assert b"longer than 67108864 bytes" in run(str(path)).stderr


@pytest.mark.parametrize("name", ["absent.json", "", "a\nb", "."])
def test_unreadable_files(name: str, tmp_path: Path) -> None:
    done = run(name, cwd=tmp_path)
    assert done.returncode == 2
    assert b"cannot be read" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_usage() -> None:
    assert run().returncode == 2
    assert b"python -I check_path.py cert.json --problem problem.json" in run("--help").stdout


# --- it stands alone ------------------------------------------------------------------------------------


def test_imports_only_the_standard_library() -> None:
    tree = ast.parse(CHECKER.read_text())
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"__import__", "eval", "exec", "compile", "float"}


def test_runs_alone(tmp_path: Path) -> None:
    lonely = tmp_path / "check_path.py"
    lonely.write_bytes(CHECKER.read_bytes())
    (tmp_path / "cert.json").write_text(TWO_JUMPS)
    command = [sys.executable, "-I", "-S", str(lonely), "cert.json"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env={**os.environ}
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("verified: 3 saddles, problem 0575f21d")


def test_the_limit_on_digits_is_restored() -> None:
    limit = sys.get_int_max_str_digits()
    assert check((CORPUS / "accepted" / "long-numbers.json").read_text()).verdict == "verified"
    with pytest.raises(Malformed):
        check("[")
    assert sys.get_int_max_str_digits() == limit


# --- mutations: every field of a certificate in turn ------------------------------------------------------


MUTATED = [
    p for p in ACCEPTED if p.stem not in ("long-numbers", "detached", "uniqueness", "uniqueness-second")
]
Mutation = tuple[str, dict[str, Any]]


def numbers_near(text: str) -> Iterator[tuple[str, Any]]:
    value = Fraction(text)
    yield "+1", str(value + 1)
    yield "negated", str(-value)
    yield "doubled", str(2 * value)
    yield "nudged", str(value + Fraction(1, 10**12))
    yield "nudged back", str(value - Fraction(1, 10**12))
    yield "inverted", str(1 / value) if value else "1"
    yield "as a JSON number", value.numerator
    yield "as null", None
    yield "as a list", [text]
    yield "infinite", "inf"


def leaves_near(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, bool):
        yield "flipped", not value
        yield "as a number", int(value)
    elif isinstance(value, int):
        yield "+1", value + 1
        yield "as true", True
        yield "as text", str(value)
    elif value == "inf":
        yield "finite", "1"
    elif value.lstrip("-")[:1].isdigit() and len(value) < 64:
        yield from numbers_near(value)
    else:
        yield "changed", ("0" if value[0] != "0" else "1") + value[1:]
        yield "emptied", ""


def mutations(document: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Every document that differs from this one in one place, with the place and the change."""
    if isinstance(document, dict):
        for key, value in document.items():
            without = {k: v for k, v in document.items() if k != key}
            yield f"{at}.{key} removed", without
            yield f"{at}.{key} renamed", {(f"{k}_" if k == key else k): v for k, v in document.items()}
            if key.isdigit():
                yield (
                    f"{at}.{key} moved",
                    {(str(int(k) + 1) if k == key else k): v for k, v in document.items()},
                )
            for where, changed in mutations(value, f"{at}.{key}"):
                yield where, {**document, key: changed}
    elif isinstance(document, list):
        for i, value in enumerate(document):
            yield f"{at}[{i}] removed", document[:i] + document[i + 1 :]
            yield f"{at}[{i}] twice", document[: i + 1] + document[i:]
            if i:
                yield f"{at}[{i}] swapped", [*document[: i - 1], value, document[i - 1], *document[i + 1 :]]
            for where, changed in mutations(value, f"{at}[{i}]"):
                yield where, [*document[:i], changed, *document[i + 1 :]]
    else:
        yield from ((f"{at} {how}", changed) for how, changed in leaves_near(document))


def with_its_digest(document: dict[str, Any]) -> dict[str, Any]:
    content = {k: v for k, v in document["problem"].items() if k != "names"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return {**document, "digest": hashlib.sha256(canonical.encode()).hexdigest()}


def is_true(document: dict[str, Any]) -> bool:
    """Whether the solver, run on the problem of a well-formed document, says what the document says.

    Compared is what is unique: times, fitted values, losses, the cone, and whether the path ends there.
    """
    path = saddle_path(Problem.from_json(document["problem"]), max_saddles=len(document["saddles"]) + 1)
    problem, count = path.problem, len(document["saddles"])
    if len(path) < count or (document["complete"] and not (path.complete and len(path) == count)):
        return False
    for stated, saddle in zip(document["saddles"], path, strict=False):
        beta = [stated["beta"].get(str(i), 0) for i in range(problem.d)]
        minimiser = problem.fitted(beta) == problem.fitted(saddle.beta)
        on_cone = all(Fraction(b) * sign > 0 for b, sign in zip(beta, saddle.signs, strict=True) if b)
        if (
            not (minimiser and on_cone)
            or stated["jump_time"] != str(saddle.jump_time)
            or stated["loss"] != str(saddle.loss)
        ):
            return False
    return True


def harmless(where: str, document: dict[str, Any]) -> bool:
    """The changes that leave a certificate of something true, each for its reason."""
    if where.startswith(".problem.names"):
        return True  # names carry no claim
    if document["complete"] is False and where == f".saddles[{len(document['saddles'])}] removed":
        return True  # a prefix cut shorter is a shorter prefix
    # With duplicate columns an entry may move to the twin: the same fitted values, another minimiser.
    return where.endswith(".beta.0 moved") and is_true(document)


@pytest.mark.parametrize("path", MUTATED, ids=stem)
def test_every_changed_field_is_refused(path: Path) -> None:
    document = json.loads(path.read_text())
    tried = 0
    for where, mutated in mutations(document):
        if mutated == document and json.dumps(mutated) == json.dumps(document):
            continue
        tried += 1
        assert verdict_of(mutated) in ("rejected", "malformed") or harmless(where, mutated), where
    assert tried > 100


@pytest.mark.parametrize("path", MUTATED, ids=stem)
def test_every_changed_problem_is_refused_or_has_the_same_path(path: Path) -> None:
    # With the digest recomputed the document is about another problem: it is verified exactly when true.
    document = json.loads(path.read_text())
    expected = verdict_of(document)
    for where, problem in mutations(document["problem"]):
        mutated = with_its_digest({**document, "problem": problem})
        verdict = verdict_of(mutated)
        if verdict == "malformed":
            continue
        try:
            true = is_true(mutated)
        except InvalidInput:  # repeated names, or a dual outside the box: rejected by `start`
            assert verdict == "rejected" or "names" in where
            continue
        assert verdict == (expected if true else "rejected"), where


@pytest.mark.parametrize("path", [p for p in MUTATED if p.stem != "prefix"], ids=stem)
def test_a_path_may_be_cut_only_by_saying_so(path: Path) -> None:
    document = json.loads(path.read_text())
    for count in range(1, len(document["saddles"]) + 1):
        cut = {**document, "complete": False, "claims": list(CLAIMS[:-1])}
        cut["saddles"] = document["saddles"][:count]
        assert verdict_of(cut) == "unchecked"
        whole = {**cut, "complete": True, "claims": list(CLAIMS)}
        assert verdict_of(whole) == ("verified" if count == len(document["saddles"]) else "rejected")


# --- random problems --------------------------------------------------------------------------------------


@given(st.one_of(standard_problems(), general_problems()))
@settings(max_examples=40)
def test_every_path_of_the_solver_is_verified(problem: Problem) -> None:
    path = saddle_path(problem)
    assert check(path.certificate().to_text()) == Report("verified", len(path), problem.digest, None)


@given(st.one_of(standard_problems(), general_problems()), st.data())
@settings(max_examples=40)
def test_a_changed_entry_of_beta_is_refused(problem: Problem, data: st.DataObject) -> None:
    path = saddle_path(problem)
    k = data.draw(st.integers(0, len(path) - 1))
    i = data.draw(st.integers(0, problem.d - 1))
    change = data.draw(st.fractions(min_value=-2, max_value=2, max_denominator=8).filter(bool))
    assume(any(row[i] for row in problem.X))  # a zero column on its threshold may take any value
    beta = list(path[k].beta)
    beta[i] += change
    document = json.loads(path.certificate().to_text())
    document["saddles"][k]["beta"] = {str(j): str(b) for j, b in enumerate(beta) if b}
    document["saddles"][k]["loss"] = str(problem.loss(beta))
    assert verdict_of(document) == "rejected"


@given(general_problems(), st.data())
@settings(max_examples=25)
def test_changed_times_are_refused(problem: Problem, data: st.DataObject) -> None:
    path = saddle_path(problem)
    k = data.draw(st.integers(0, len(path) - 1))
    change = data.draw(st.fractions(min_value=-2, max_value=2, max_denominator=8).filter(bool))
    document = json.loads(path.certificate().to_text())
    document["saddles"][k]["jump_time"] = str(path[k].jump_time + change)
    assert verdict_of(document) == "rejected"


@given(general_problems(), st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_another_minimiser_is_a_certificate_too(problem: Problem, random: Any) -> None:
    # Reading the columns in another order makes the solver pick other vertices where the argmin is not
    # unique; brought back to the first order its path certifies the same object.
    order = list(range(problem.d))
    random.shuffle(order)
    shuffled = problem.replace(
        X=[[row[i] for i in order] for row in problem.X],
        lower=[problem.lower[i] for i in order],
        upper=[problem.upper[i] for i in order],
        dual=[problem.dual[i] for i in order],
    )
    document = json.loads(saddle_path(problem).certificate().to_text())
    for entry, saddle in zip(document["saddles"], saddle_path(shuffled), strict=True):
        beta = {order[i]: b for i, b in enumerate(saddle.beta) if b}
        entry["beta"] = {str(i): str(beta[i]) for i in sorted(beta)}
    assert verdict_of(document) == "verified"


def test_diabetes() -> None:
    path = saddle_path(load_dataset("diabetes"))
    assert check(path.certificate().to_text()).saddles == 15


def test_the_order_of_keys_does_not_matter() -> None:
    document = json.loads(TWO_JUMPS)
    assert check(json.dumps(dict(reversed(document.items())))).verdict == "verified"


def test_beyond_its_budget_nothing_is_checked_and_the_estimate_is_told() -> None:
    text = (CORPUS / "accepted" / "two-jumps.json").read_text()
    report = check(text, max_work=10)
    assert report.verdict == "unchecked"
    assert "more than --max-work 10" in report.message
    assert int(report.message.split()[4].replace(",", "")) > 10
    assert check(text, max_work=10**4).verdict == "verified"
