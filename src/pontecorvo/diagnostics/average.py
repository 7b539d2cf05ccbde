r"""Does the posterior, averaged over data sets, give the prior back?

For a right posterior, E_x[p(theta | x)] = p(theta) (Geweke, JASA 99 (2004) 799). So the truths of S
data sets and one draw for each are two samples of one distribution; more: the two of a data set can
be exchanged. The energy distance of the two samples is judged against its values after swapping
truth and draw in randomly chosen data sets, which is exact for any S.

It sees shifts and missing modes, and hardly a wrong width: `sbc` and `coverage` are for that.
"""

import numpy as np

from ..base.seeds import stream
from .calibration_set import Trials
from .verdict import ALPHA, Verdict, judged_by_p
from .weighted_sample import distances, standard_features

MOST = 1500
"""Data sets that are used: the cost grows as their square."""


def prior_back(trials: Trials, alpha: float = ALPHA, replicas: int = 999, seed: int = 0) -> Verdict:
    """Truths against one draw for each data set, jointly in all parameters.

    Args:
        trials: Truths and draws; a draw is chosen with probability proportional to its weight.
        alpha: Rate of false alarms.
        replicas: Random swaps; the smallest p-value is 1/(replicas + 1).
        seed: Seed of choices and swaps.

    Returns:
        A verdict on the p-value; ``values`` has ``energy_distance`` and ``data_sets``.
    """
    rng = stream(seed, "prior-back")
    rows = np.arange(len(trials))
    if len(rows) > MOST:
        rows = rng.choice(len(rows), MOST, replace=False)
    part = trials.subset(rows)
    chosen = part.draws[np.arange(len(part)), _choice(part, rng)]
    points = np.concatenate([part.truth, chosen])
    even = np.full(len(points), 1 / len(points))
    features = standard_features(points, even, part.periodic, part.period).astype(np.float32)
    kernel = distances(features)
    swaps = np.ones((len(part), replicas + 1), dtype=np.float32)
    swaps[:, 1:] = rng.choice(np.array([-1, 1], dtype=np.float32), (len(part), replicas))
    signed = np.concatenate([swaps, -swaps]) / len(part)
    distance: np.ndarray = -np.einsum("ir,ir->r", signed, kernel @ signed).astype(float)
    own = float(distance[0])
    p_value = float(np.mean(distance >= own - 1e-9))
    return judged_by_p(
        "prior given back",
        p_value,
        alpha,
        f"posteriors averaged over {len(part)} data sets are the prior, energy distance {own:.2g}",
        f"posteriors averaged over {len(part)} data sets are not the prior, energy distance "
        f"{own:.2g}",
        values={"energy_distance": own, "data_sets": len(part)},
    )


def _choice(trials: Trials, rng: np.random.Generator) -> np.ndarray:
    """Index (S,) of one draw for each data set, by weight."""
    s, n, _ = trials.draws.shape
    if trials.log_weights is None:
        return np.asarray(rng.integers(n, size=s))
    weights = np.exp(trials.log_weights - trials.log_weights.max(axis=1, keepdims=True))
    total = np.cumsum(weights, axis=1)
    return np.asarray((total < rng.random((s, 1)) * total[:, -1:]).sum(axis=1))
