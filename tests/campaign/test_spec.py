"""SPEC: what is accepted, and that every refusal names the file, the line, the field and what was meant."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exactsaddle.base import UnreadableFile
from exactsaddle.campaign.example import example_spec
from exactsaddle.campaign.specfile import (
    MAX_INSTANCES,
    parse_canonical,
    parse_spec,
    read_spec,
    spec_from,
    spec_to_toml,
)
from exactsaddle.campaign.statistics import EXTREMAL, STATISTICS
from exactsaddle.testing.properties import PROPERTIES

GOOD = """\
format = 1
seed = 7
chunk = 50
[do]
check = "exact"
flow = [1e-10, "1/3"]
[[experiment]]
ensemble = "planted"
snr = 0.5
sparsity = 2
sizes = ["3x5", "4 × 4"]
count = 60
[[experiment]]
family = "near-tie"
sizes = ["4x6"]
count = 5
"""


def test_a_spec_is_read_exactly() -> None:
    spec = parse_spec(GOOD)
    planted, family = spec.experiments
    assert planted.parameters == {
        "decimals": 2,
        "design": "gaussian",
        "snr": Fraction(1, 2),
        "sparsity": 2,
    }
    assert planted.sizes == ((3, 5), (4, 4))
    assert (family.kind, family.source, family.name) == ("family", "near-tie", "near-tie-1")
    assert spec.work.flow == (Fraction(1, 10**10), Fraction(1, 3))
    assert spec.statistics == tuple(STATISTICS)
    assert spec.uses_families


@pytest.mark.parametrize(
    "document",
    [
        GOOD,
        example_spec("β"),
        GOOD.replace("seed = 7", 'seed = 7\nname = "β \\"quoted\\" \\\\ study"'),
        GOOD.replace("snr = 0.5", 'snr = "inf"').replace("[do]", '[do]\nconformance = "a.b:c"\nlasso = true'),
    ],
)
def test_a_spec_is_written_as_it_is_read(document: str) -> None:
    spec = parse_spec(document)
    assert parse_spec(spec_to_toml(spec)) == spec


def test_instances_are_numbered_by_experiment_size_and_index() -> None:
    spec = parse_spec(GOOD)
    assert spec.instances == 125
    assert spec.parts == 3
    assert [spec.part(k) for k in range(3)] == [range(50), range(50, 100), range(100, 125)]
    assert [(spec.cell_of(i).n, spec.cell_of(i).d) for i in (0, 59, 60, 119, 120, 124)] == [
        (3, 5),
        (3, 5),
        (4, 4),
        (4, 4),
        (4, 6),
        (4, 6),
    ]


def test_the_canonical_form_is_the_spec() -> None:
    spec = parse_spec(GOOD)
    assert parse_canonical(spec.canonical) == spec
    assert spec_from(spec.to_json()).digest == spec.digest
    written_otherwise = GOOD.replace("0.5", '"1/2"').replace("4 × 4", "4x4").replace("1e-10", '"1e-10"')
    assert parse_spec("# a comment\n" + written_otherwise).digest == spec.digest
    assert parse_spec(GOOD.replace("seed = 7", "seed = 8")).digest != spec.digest


def test_the_example_is_valid_and_says_everything() -> None:
    document = example_spec("study")
    spec = parse_spec(document)
    assert spec.name == "study"
    for word in (*STATISTICS, "rademacher", "grid", "correlated", "planted", "snr", "family", "conformance"):
        assert word in document
    uncommented = document.replace("# flow =", "flow =").replace("# conformance =", "conformance =")
    uncommented = uncommented.replace("# [[experiment]]", "[[experiment]]").replace("# family", "family")
    uncommented = uncommented.replace("# sizes", "sizes").replace("# count", "count")
    full = parse_spec(uncommented)
    assert full.work.flow == (Fraction(1, 10**10),)
    assert full.experiments[1].source == "strict-drop"


def test_all_properties_or_those_named() -> None:
    on = parse_spec(GOOD.replace('check = "exact"', "properties = true"))
    assert on.work.properties == tuple(PROPERTIES)
    some = parse_spec(GOOD.replace('check = "exact"', 'properties = ["certificate"]'))
    assert some.work.properties == ("certificate",)
    assert parse_spec(GOOD).work.properties == ()


def test_what_is_extremal_is_among_the_statistics() -> None:
    assert parse_spec('statistics = ["bits", "support"]\n' + GOOD).keep.extremal == ("bits",)
    assert "support" not in EXTREMAL


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("chunk = 50", "chunks = 50", r"line 3: chunks is not a key here; did you mean 'chunk'\?"),
        ("chunk = 50", "chunk = 0", r"line 3: chunk must be an integer from 1 to 100,000, not 0"),
        ("chunk = 50", "chunk = true", r"line 3: chunk must be an integer .* not True"),
        ("seed = 7", "", r"SPEC: seed is missing"),
        ("seed = 7", "seed = -1", r"line 2: seed must be an integer from 0 to .*, not -1"),
        ("format = 1", "format = 2", r"line 1: format is 2; this version of exactsaddle reads format 1"),
        ("format = 1", "", r"format is missing"),
        ("[do]", "[doo]", r"doo is not a key here; did you mean 'do'\?"),
        ("[do]", "do = 3\n[budget]", r"line 4: do must be a table \[do\], not 3"),
        ('"exact"', '"exactly"', r"line 5: \[do\] check must be one of auto, exact, events, none"),
        ('check = "exact"', 'chek = "exact"', r"line 5: \[do\] chek is not a key .* 'check'"),
        ('check = "exact"', "lasso = 1", r"line 5: \[do\] lasso must be true or false, not 1"),
        ('check = "exact"', "conformance = 'x'", r"conformance must be package.module:function, not 'x'"),
        ('check = "exact"', "properties = ['losses']", r"no such property; did you mean '\S+'\?"),
        ("1e-10", "1", r"line 6: \[do\] flow entry 0 must be a rational between 0 and 1, not 1"),
        ('"1/3"', "1e-10", r"line 6: \[do\] flow has '1e-10' twice"),
        ('"planted"', '"plantd"', r"line 8: experiment 0: ensemble is 'plantd'.* 'planted'\?"),
        ("snr = 0.5", "snr = 0", r'line 9: experiment 0: snr must be a rational above 0 or "inf", not 0'),
        ("snr = 0.5", "snr = nan", r"line 9: experiment 0: snr must be a rational"),
        ("snr = 0.5", "rho = 0.5", r"line 9: experiment 0: rho is not a key here; did you mean '\w+'\?"),
        ("sparsity = 2", "sparsity = 5", r"line 10: experiment 0: sparsity is 5, more than d in 4x4"),
        ('"3x5"', '"3*5"', r"line 11: experiment 0: sizes entry 0 must be a size such as \"10x20\""),
        ('"3x5"', '"0x5"', r"line 11: .* entry 0 must have 1 to 1,000,000 entries, not '0x5'"),
        ('"3x5"', '"3000x5000"', r"must have 1 to 1,000,000 entries, not '3000x5000'"),
        ('"3x5"', '"4x4"', r"line 11: experiment 0: sizes has '4 × 4' twice"),
        ('["3x5", "4 × 4"]', "[]", r"line 11: experiment 0: sizes must be a non-empty list"),
        ("count = 60", "count = 10000000000", r"line 12: .* count must be an integer from 1 to 100,000,000"),
        ("count = 60", f"count = {MAX_INSTANCES}", r"count makes 200,000,005 instances, over the budget"),
        ("count = 60", "", r"line 7: experiment 0: count is missing"),
        ("count = 5\n", "count = 5\ndecimals = 3\n", r"line 17: experiment 1: decimals is not a key here"),
        ('family = "near-tie"', 'family = "neartie"', r"line 14: experiment 1: family is 'neartie'"),
        ('family = "near-tie"', "", r"line 13: experiment 1: ensemble or family: exactly one is needed"),
        ('["4x6"]', '["1x1"]', r"line 15: experiment 1: sizes has 1x1, but family near-tie begins at"),
        ("[[experiment]]", "[[experiments]]", r"experiments is not a key here; did you mean 'experiment'"),
        ("seed = 7", "seed = ", r"SPEC: not TOML: .*line 2"),
    ],
)
def test_a_refusal_says_where_and_what(old, new, message) -> None:
    assert old in GOOD
    with pytest.raises(UnreadableFile, match=message):
        parse_spec(GOOD.replace(old, new))


def test_the_same_instances_twice_are_refused() -> None:
    twice = GOOD + '[[experiment]]\nname = "b"\nfamily = "near-tie"\nsizes = ["4x6"]\ncount = 9\n'
    with pytest.raises(UnreadableFile, match=r"experiment 2: sizes has 4x6, like experiment 1: the same"):
        parse_spec(twice)
    renamed = GOOD + '[[experiment]]\nname = "planted"\nensemble = "grid"\nsizes = ["2x2"]\ncount = 9\n'
    with pytest.raises(UnreadableFile, match=r"line 18: experiment 2: name is 'planted', like that of"):
        parse_spec(renamed)


def test_no_experiment_is_refused() -> None:
    with pytest.raises(UnreadableFile, match=r"experiment is missing: at least one \[\[experiment\]\]"):
        parse_spec("format = 1\nseed = 1\n")


def test_negative_equal_correlation_is_refused() -> None:
    document = GOOD.replace(
        '"planted"\nsnr = 0.5\nsparsity = 2', '"correlated"\nstructure = "equal"\nrho = -0.1'
    )
    with pytest.raises(UnreadableFile, match="line 10: experiment 0: rho must not be negative"):
        parse_spec(document)


def test_files_are_named(tmp_path) -> None:
    place = tmp_path / "s.toml"
    with pytest.raises(UnreadableFile, match=r"s\.toml: No such file"):
        read_spec(place)
    place.write_bytes(b"\xff\xfe")
    with pytest.raises(UnreadableFile, match=r"s\.toml: not UTF-8"):
        read_spec(place)
    place.write_text("format = 1\nsed = 3\n")
    with pytest.raises(UnreadableFile, match=r"s\.toml, line 2: sed is not a key here; did you mean 'seed'"):
        read_spec(place)
    place.write_text("a = " + "[" * 5000)
    with pytest.raises(UnreadableFile, match=r"s\.toml: n"):
        read_spec(place)
