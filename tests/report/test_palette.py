"""The colours of reports: legible on their paper, and told apart by every common kind of colour vision."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest

from exactsaddle.report.palette import DARK, LIGHT
from exactsaddle.report.text import template

# Machado, Oliveira & Fernandes 2009, table of severity 1.0: protan, deutan, tritan, on linear RGB.
VISION = {
    "common": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    dark, light = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Björn Ottosson's Oklab, of linear sRGB."""
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    ) @ np.clip(rgb, 0, 1)
    return np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    ) @ np.cbrt(cones)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_lines_stand_out_from_their_ground(palette: dict[str, str]) -> None:
    for ground in ("paper", "panel"):
        assert contrast(palette["ink"], palette[ground]) >= 12
        for name in ("muted", "accent", "good", "bad", "warn"):
            assert contrast(palette[name], palette[ground]) >= 4.5, (name, ground)
        for i in range(8):
            assert contrast(palette[f"series-{i}"], palette[ground]) >= 3, (i, ground)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_series_are_told_apart(palette: dict[str, str], vision: str) -> None:
    seen = {i: oklab(VISION[vision] @ linear(palette[f"series-{i}"])) for i in range(8)}
    distances = {pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) for pair in combinations(seen, 2)}
    assert min(distances.values()) >= 0.06, min(distances, key=distances.__getitem__)
    first = [distance for pair, distance in distances.items() if max(pair) < 4]
    assert min(first) >= 0.11


def test_light_and_dark_name_the_same_variables_and_the_page_uses_no_other() -> None:
    assert LIGHT.keys() == DARK.keys()
    style = template("report.css")
    own = set(re.findall(r"--([a-z0-9-]+):", style)) | {"dock"}
    assert set(re.findall(r"var\(--([a-z0-9-]+)", style)) <= own | LIGHT.keys()
