"""Others that follow such a path in floats, timed beside: scikit-learn, plain loops, and R's lars.

Debian has R's lars only as r-other-iwrlars, a fork of lars 0.9-5 whose binary lacks the Fortran routine that
drops a column: here R's qr does that. It centres data and divides columns by their norms: rows are given once
more with the opposite sign, columns of norm 1; that is the path of unit columns. Where Rscript or the package
is missing it is left out.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import lars_path

from exactsaddle import SaddlePath
from exactsaddle.report.gallery.float_recursion import float_saddles

R_SCRIPT = """
suppressMessages(library(iwrlars))
drop_column <- function(R, k = p) {
  p <- dim(R)[1]
  if (p == 1) return(NULL)
  R <- qr.R(qr(R[, -k, drop = FALSE])); R <- R * ifelse(diag(R) < 0, -1, 1)
  attr(R, "rank") <- p - 1
  R
}
assignInNamespace("downdateR", drop_column, "iwrlars")
given <- commandArgs(trailingOnly = TRUE)
n <- as.integer(given[2]); d <- as.integer(given[3]); steps <- as.integer(given[4])
raw <- readBin(given[1], "double", n * (d + 1), endian = "little")
X <- matrix(raw[1:(n * d)], n, d, byrow = TRUE); y <- raw[(n * d + 1):(n * (d + 1))]
invisible(capture.output(
  spent <- system.time(found <- lars(rbind(X, -X), c(y, -y), type = "lasso", max.steps = steps))))
last <- found$beta
cat(sprintf("%.17g", c(sum(spent[1:2]), last[nrow(last), ])))
"""


@dataclass(frozen=True)
class Peer:
    """CPU seconds, and how far its end is from the exact one: the largest error over the largest entry."""

    seconds: float
    error: float


def end_error(path: SaddlePath, beta: np.ndarray) -> float:
    """How far a minimiser of least l1 norm is from the exact one, relatively to its largest entry."""
    exact = np.array([float(b) for b in path[-1].beta_ball()])
    return float(np.max(np.abs(exact - beta)) / np.max(np.abs(exact)))


def by_scikit_learn(X: np.ndarray, y: np.ndarray, steps: int) -> tuple[float, np.ndarray]:
    """CPU seconds of ``lars_path`` over at most so many steps of the Lasso path, and β after each, (d, ·)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.process_time()
        coefficients = lars_path(X, y, method="lasso", max_iter=steps)[2]
        return time.process_time() - start, coefficients


def by_loops(path: SaddlePath, X: np.ndarray, y: np.ndarray) -> tuple[float, int]:
    """CPU seconds of Algorithm 1 in plain floats, and for how many saddles its supports are right."""
    start = time.process_time()
    steps = float_saddles(X.tolist(), y.tolist())
    spent = time.process_time() - start
    right = 0
    for saddle, step in zip(path, steps, strict=False):
        if saddle.support != step.support:
            break
        right += 1
    return spent, right


def by_r(path: SaddlePath, steps: int) -> Peer | None:
    """R's lars over so many steps of the Lasso path, for a path of columns of norm 1; None where it is not
    there, or fails.
    """
    X, y = path.problem.design_matrix.floats, path.problem.target_vector.floats
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        data.write_bytes(np.concatenate((X.ravel(), y)).astype("<f8").tobytes())
        Path(folder, "lars.R").write_text(R_SCRIPT, encoding="utf-8")
        words = ["Rscript", "--vanilla", f"{folder}/lars.R", str(data), *map(str, (*X.shape, steps))]
        run = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    if run.returncode:
        return None
    spent, *beta = map(float, run.stdout.split())
    return Peer(spent, end_error(path, np.array(beta)))
