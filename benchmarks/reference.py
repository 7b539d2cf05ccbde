"""What the network benchmarks share: exact draws to compare with, and how to compare.

Exact draws are those of the Casas-Ibarra sampler; they are kept in a folder under the system's
temporary directory, so that the benchmarks of one day share them.
"""

import tempfile
from pathlib import Path

import numpy as np

from pontecorvo.base.files import cached_arrays, fingerprint
from pontecorvo.core.target import Target
from pontecorvo.diagnostics.two_sample import c2st
from pontecorvo.samplers.exact import sample_exact
from pontecorvo.sbi.amortised import conditioned_chart

RESULTS = Path(__file__).parent / "results"
PREDICTIONS = ("m1", "sum_m", "m_ee", "m_beta", "J", "I1", "I2")


def exact_draws(target: Target, draws: int, proposals: int, seed: int = 0) -> np.ndarray:
    """Parameters (draws, P) of the exact posterior."""
    about = [target.describe(), draws, proposals, seed]
    path = Path(tempfile.gettempdir()) / "pontecorvo-benchmarks" / f"{fingerprint(about)}.npz"
    compute = lambda: {"theta": sample_exact(target, draws, seed, proposals=proposals).theta}  # noqa: E731
    return cached_arrays(path, compute)["theta"]


def features(target: Target, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chart coordinates and predictions (N, F) for a classifier, and which are periodic (F,).

    The folded chart's 23 coordinates are the parameters without their 1,024 equal copies. The
    predictions are functions of them; given outright they spare the classifier the finding.
    """
    chart = conditioned_chart(target)
    known = target.model.predict(theta)
    columns = [chart.from_parameters(theta)]
    columns += [np.asarray(known[name])[:, None] for name in PREDICTIONS]
    table = np.concatenate(columns, axis=1)
    return table, np.concatenate([chart.periodic, np.zeros(len(PREDICTIONS), bool)])


def told_apart(
    target: Target, theta: np.ndarray, exact: np.ndarray, log_weight: np.ndarray | None = None
) -> tuple[float, float]:
    """Accuracy of the classifier two-sample test, and its error."""
    first, periodic = features(target, theta)
    second, _ = features(target, exact)
    verdict = c2st(first, second, log_weight, periodic=periodic)
    return verdict.values["accuracy"], verdict.values["error"]


def one_dimensional(target: Target, theta: np.ndarray) -> dict[str, np.ndarray]:
    """Predictions and heavy masses whose intervals mean something (no angles)."""
    known = target.model.predict(theta)
    result = {name: np.asarray(known[name]) for name in PREDICTIONS}
    result |= {f"log10_M[{i + 1}]": theta[:, 18 + i] for i in range(3)}
    return result


def interval_coverage(
    target: Target, theta: np.ndarray, exact: np.ndarray, level: float
) -> tuple[float, float]:
    """Share of the exact posterior in the central intervals of draws: mean and lowest.

    Over the quantities of `one_dimensional`; both equal the level where the draws are exact.
    """
    tail = 0.5 * (1 - level)
    truth = one_dimensional(target, exact)
    shares = []
    for name, values in one_dimensional(target, theta).items():
        low, high = np.quantile(values, [tail, 1 - tail])
        shares.append(float(np.mean((truth[name] >= low) & (truth[name] <= high))))
    return float(np.mean(shares)), float(np.min(shares))


def diversity(target: Target, theta: np.ndarray, exact: np.ndarray) -> float:
    """Geometric mean over the learned coordinates of their spread over the exact posterior's.

    The spread of a periodic coordinate is that of its circular variance, 1 - R^2; one is as diverse
    as the posterior, less is narrower.
    """
    chart = conditioned_chart(target)
    spreads = []
    for points in (chart.from_parameters(theta), chart.from_parameters(exact)):
        learned, around = points[:, chart.learned], chart.periodic[chart.learned]
        resultant = np.abs(np.exp(2j * np.pi * learned).mean(axis=0))
        flat = learned.std(axis=0)
        spreads.append(np.where(around, np.sqrt(1 - np.minimum(resultant**2, 1.0)), flat))
    return float(np.exp(np.mean(np.log(np.maximum(spreads[0], 1e-12) / spreads[1]))))
