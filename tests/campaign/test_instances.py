"""Instances are the same everywhere and for ever: words, Gaussians, ensembles, families."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from exactsaddle.campaign.ensembles import ENSEMBLES
from exactsaddle.campaign.families import draw_member
from exactsaddle.campaign.gaussian import _proposal, _threshold, rounded_normal
from exactsaddle.campaign.instances import draw_instance
from exactsaddle.campaign.philox import Words, philox
from exactsaddle.campaign.specfile import spec_from
from exactsaddle.testing.strategies import FAMILIES

FULL = 2**64 - 1

# The vectors for philox4x64 with 10 rounds published with Random123 (kat_vectors).
KNOWN_ANSWERS = [
    (
        (0, 0, 0, 0),
        (0, 0),
        (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    ),
    (
        (FULL, FULL, FULL, FULL),
        (FULL, FULL),
        (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    ),
    (
        (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x452821E638D01377, 0xBE5466CF34E90C6C),
        (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN_ANSWERS)
def test_the_words_are_the_published_ones(counter, key, words) -> None:
    assert philox(counter, key) == words


def test_the_words_are_those_of_numpy() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        counter = [int(word) for word in rng.integers(0, 2**63, 4)]
        key = [int(word) for word in rng.integers(0, 2**63, 2)]
        raw = np.random.Philox(counter=counter, key=key).random_raw(8)
        expected = [word for step in (1, 2) for word in philox((counter[0] + step, *counter[1:]), tuple(key))]
        assert [int(word) for word in raw] == expected


def test_a_word_does_not_depend_on_what_was_drawn_before() -> None:
    words = Words(["a name", 3])
    ordered = [words.word(m) for m in range(40)]
    again = Words(["a name", 3])
    assert [again.word(m) for m in reversed(range(40))] == ordered[::-1]
    assert Words(["a name", 4]).word(0) != ordered[0]
    assert len({*ordered, *(words.word(m, 1) for m in range(40))}) == 80


def test_integers_below_a_bound_refuse_the_words_that_would_favour_some() -> None:
    words = Words(0)
    bound = 2**63 + 1  # nearly half of all words are refused
    drawn = [words.below(bound, m) for m in range(200)]
    assert all(0 <= value < bound for value in drawn)
    refused = [m for m in range(200) if words.word(m) >= bound]
    assert 60 < len(refused) < 140
    assert all(drawn[m] == words.word(m) for m in range(200) if m not in refused)
    assert sorted({words.below(3, m) for m in range(50)}) == [0, 1, 2]


def test_the_last_multiple_of_the_bound_is_where_refusal_begins(monkeypatch) -> None:
    last = 2**64 // 10 * 10
    for first, expected in ((last - 1, 9), (last, 3), (FULL, 3)):
        drawn = [first, 123]
        monkeypatch.setattr(Words, "word", lambda self, position, depth=0, drawn=drawn: drawn[depth])
        assert Words(0).below(10, 0) == expected


def _stream(*words: int) -> Callable[[int], int]:
    return lambda depth: words[depth] if depth < len(words) else 0x123456789ABCDEF0


@pytest.mark.parametrize("decimals", [0, 1, 2, 6, 12])
def test_a_gaussian_is_the_rounded_quantile_of_its_words(decimals) -> None:
    words = Words(["gaussian", decimals])
    with mpmath.workdps(60):
        for m in range(60):
            found = rounded_normal(lambda depth, m=m: words.word(m, depth), decimals)
            for end, beyond in ((words.word(m), False), (words.word(m) + 1, True)):
                uniform = mpmath.mpf(end) / 2**64
                edges = [
                    mpmath.ncdf((mpmath.mpf(2 * j + 1)) / (2 * mpmath.mpf(10) ** decimals))
                    for j in (found - 1, found)
                ]
                assert edges[0] <= uniform <= edges[1], (m, beyond)


@pytest.mark.parametrize("j", [-700, -3, 0, 41, 700])
def test_a_word_on_an_edge_asks_for_a_further_word(j) -> None:
    edge = _threshold(j, 2, 64)
    further = _threshold(j, 2, 128) - (edge << 64)
    assert rounded_normal(_stream(edge, further - 1), 2) == j
    assert rounded_normal(_stream(edge, further + 1), 2) == j + 1
    third = _threshold(j, 2, 192) - (_threshold(j, 2, 128) << 64)
    assert rounded_normal(_stream(edge, further, third - 1), 2) == j
    assert rounded_normal(_stream(edge, further, third + 1), 2) == j + 1


def test_the_farthest_tails_are_found_without_walking_there() -> None:
    low = rounded_normal(_stream(0, 0, 5, 77), 12)
    high = rounded_normal(_stream(FULL, FULL, FULL - 5, FULL - 77), 12)
    assert -17 * 10**12 < low < -15 * 10**12
    assert high == -low


def test_a_wrong_proposal_changes_nothing(monkeypatch) -> None:
    words = Words("proposals")
    expected = [rounded_normal(lambda depth, m=m: words.word(m, depth), 3) for m in range(30)]
    for shift in (-1000, -1, 1, 1000):
        monkeypatch.setattr(
            "exactsaddle.campaign.gaussian._proposal", lambda u, k, s=shift: _proposal(u, k) + s
        )
        assert [rounded_normal(lambda depth, m=m: words.word(m, depth), 3) for m in range(30)] == expected


def test_gaussians_have_the_moments_of_gaussians() -> None:
    words = Words("moments")
    z = np.array([rounded_normal(lambda depth, m=m: words.word(m, depth), 3) for m in range(20_000)]) / 1000
    assert abs(z.mean()) < 0.03  # four standard errors
    assert abs(z.var() - 1) < 0.04
    assert abs((z**4).mean() - 3) < 0.3
    assert abs(np.corrcoef(z[:-1], z[1:])[0, 1]) < 0.03


def _spec(**experiment: object) -> dict:
    return {
        "format": 1,
        "seed": 11,
        "experiment": [{"sizes": ["3x4"], "count": 5, **experiment}],
    }


# Frozen: whoever changes one of these changes every campaign that was ever published.
FROZEN = {
    "gaussian": "1eaa262b9e9db864",
    "rademacher": "10a1f2afb7bfe657",
    "grid": "e5e02e680b9fb125",
    "correlated": "14054fd5b1a1d33e",
    "planted": "9ea235e43f542529",
}


@pytest.mark.parametrize("name", ENSEMBLES)
def test_instances_are_frozen(name) -> None:
    spec = spec_from(_spec(ensemble=name))
    assert draw_instance(spec, 3).digest[:16] == FROZEN[name]


def test_an_instance_depends_on_its_own_law_size_and_index_alone() -> None:
    alone = spec_from(_spec(ensemble="gaussian"))
    document = _spec(ensemble="gaussian", name="renamed", count=50)
    document["experiment"].insert(0, {"ensemble": "grid", "sizes": ["2x2", "9x3"], "count": 7})
    among = spec_from(document)
    assert draw_instance(among, 14 + 3) == draw_instance(alone, 3)
    other = spec_from({**_spec(ensemble="gaussian"), "seed": 12})
    assert draw_instance(other, 3) != draw_instance(alone, 3)
    finer = spec_from(_spec(ensemble="gaussian", decimals=3))
    assert draw_instance(finer, 3) != draw_instance(alone, 3)
    assert len({draw_instance(alone, i).digest for i in range(5)}) == 5


def test_entries_have_the_decimals_asked_for() -> None:
    for name in ("gaussian", "correlated", "planted"):
        spec = spec_from(_spec(ensemble=name, decimals=1))
        problem = draw_instance(spec, 0)
        assert all((10 * value).denominator == 1 for row in problem.X for value in row)
        assert all((10 * value).denominator == 1 for value in problem.y)


def _columns(name: str, n: int, d: int, **given: object) -> np.ndarray:
    spec = spec_from(_spec(ensemble=name, sizes=[f"{n}x{d}"], **given))
    return np.array([[float(value) for value in row] for row in draw_instance(spec, 0).X])


@pytest.mark.parametrize(("structure", "rho", "far"), [("ar1", "-0.8", 0.64), ("equal", "0.6", 0.6)])
def test_correlated_columns_have_the_correlation_asked_for(structure, rho, far) -> None:
    X = _columns("correlated", 3000, 3, structure=structure, rho=rho)
    measured = np.corrcoef(X.T)
    assert abs(measured[0, 1] - float(rho)) < 0.06
    assert abs(measured[1, 2] - float(rho)) < 0.06
    assert abs(measured[0, 2] - far) < 0.06
    assert np.allclose(X.var(axis=0), 1, atol=0.1)


def test_signs_and_grids_are_uniform() -> None:
    signs = _columns("rademacher", 1000, 2)
    assert set(np.unique(signs)) == {-1, 1}
    assert abs(signs.mean()) < 0.1
    grid = _columns("grid", 1000, 2, bound=2)
    values, counts = np.unique(grid, return_counts=True)
    assert list(values) == [-2, -1, 0, 1, 2]
    assert counts.min() > 320


@pytest.mark.parametrize("design", ["gaussian", "rademacher"])
def test_planted_targets_have_the_signal_and_the_noise_asked_for(design) -> None:
    given = {"sparsity": 3, "design": design, "sizes": ["600x8"]}
    silent = draw_instance(spec_from(_spec(ensemble="planted", snr="inf", **given)), 0)
    X = np.array([[float(value) for value in row] for row in silent.X])
    b = np.linalg.lstsq(X, np.array([float(value) for value in silent.y]), rcond=None)[0]
    assert sorted(np.abs(np.round(b, 9))) == [0, 0, 0, 0, 0, 1, 1, 1]
    noisy = draw_instance(spec_from(_spec(ensemble="planted", snr="3/4", **given)), 0)
    X = np.array([[float(value) for value in row] for row in noisy.X])
    y = np.array([float(value) for value in noisy.y])
    b = np.round(np.linalg.lstsq(X, y, rcond=None)[0])
    assert abs(np.var(y - X @ b) - 4) < 0.8  # 3/(3/4)


@pytest.mark.parametrize("family", FAMILIES)
def test_members_of_families_are_members_and_drawn_alone(family) -> None:
    drawn = [draw_member(family, ["x", i], 4, 6) for i in range(6)]
    assert all(FAMILIES[family].predicate(problem) for problem in drawn)
    assert all(problem.n <= 4 and problem.d <= 6 for problem in drawn)
    assert draw_member(family, ["x", 4], 4, 6) == drawn[4]
    assert len({problem.digest for problem in drawn}) >= 4


def test_the_quantile_of_one_half_is_zero() -> None:
    assert rounded_normal(_stream(2**63), 4) == 0
    assert rounded_normal(_stream(2**63 - 1), 4) == 0
    assert Fraction(rounded_normal(_stream(int(0.975 * 2**64)), 4), 10**4) == Fraction(196, 100)
