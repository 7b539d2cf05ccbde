"""Do the experiments agree? Parameter goodness of fit by trials; local and global p-values."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2 as chi2_distribution

from ..base.errors import InputError
from ..base.parallel import one_blas_thread
from ..base.progress import Advance
from ..base.seeds import stream
from ..base.workers import map_shards
from .chi2_features import FeatureProblem, Joint
from .plane import GridProblem
from .toys import BLOCK, TrialProbability, count_probability, minimum, sigma_of


@dataclass(frozen=True)
class ParameterGoodness:
    """Parameter goodness of fit (Maltoni & Schwetz 2003) of two or more independent sets.

    Attributes:
        names: The sets.
        statistic: min chi2 of all together - sum of the sets' own minima.
        by_trials: Its p-value, counted under the joint best fit.
        degrees: Degrees of freedom of the textbook chi2 distribution.
        textbook: The p-value of that distribution, which does not hold here.
        truth: Coordinates of the trials' hypothesis; None: it has none, as the null hypothesis.
        quantiles: 50, 90, 99 % quantiles of the statistic in trials (textbook: 1.39, 4.61, 9.21).
    """

    names: tuple[str, ...]
    statistic: float
    by_trials: TrialProbability
    degrees: int
    textbook: float
    truth: tuple[float, float] | None
    quantiles: tuple[float, float, float]

    @property
    def textbook_sigma(self) -> float:
        """Two-sided significance of the textbook p-value."""
        return sigma_of(self.textbook)


def goodness_statistic(parts: Sequence[GridProblem], data: Sequence[np.ndarray]) -> np.ndarray:
    """The statistic (T,) of data sets, one array (T, B_i) for each part."""
    if any(part.screened for part in parts):
        whole = Joint("all", [p for p in parts if isinstance(p, FeatureProblem)])
        best = minimum(whole, np.hstack(data))[0]
        return best - sum(minimum(part, d)[0] for part, d in zip(parts, data, strict=True))
    every = [part.chi2(piece) for part, piece in zip(parts, data, strict=True)]
    return np.asarray(sum(every)).min(axis=1) - sum(chi2.min(axis=1) for chi2 in every)


def parameter_goodness(
    parts: Sequence[FeatureProblem],
    n: int,
    seed: int,
    truth: int | None = None,
    advance: Advance | None = None,
) -> ParameterGoodness:
    """Compare independent sets that share the two parameters.

    Args:
        parts: The sets, on one plane; none may share a nuisance with another.
        n: Number of trials, rounded up to whole blocks.
        seed: The run's seed.
        truth: Hypothesis of the trials; by default the joint best fit.
        advance: Progress, by block.
    """
    if len(parts) < 2:
        raise InputError("parameter goodness of fit: give two or more sets of experiments")
    joint = Joint("all", parts)
    total = joint.observed_chi2
    alone = sum(part.observed_chi2.min() for part in parts)
    observed = float(total.min() - alone)
    if truth is None:
        truth = int(total.argmin())

    def block(index: int) -> np.ndarray:
        rng = stream(seed, "goodness", *(part.name for part in parts), truth, index)
        return goodness_statistic(parts, [part.draw(truth, BLOCK, rng) for part in parts])

    values = []
    with one_blas_thread():
        for value in map_shards(block, range(-(-n // BLOCK))):
            values.append(value)
            if advance:
                advance(1)
    trials = np.concatenate(values)
    degrees = 2 * (len(parts) - 1)
    median, ninety, ninety_nine = np.quantile(trials, [0.5, 0.9, 0.99]).tolist()
    return ParameterGoodness(
        tuple(part.name for part in parts),
        observed,
        count_probability(trials, observed),
        degrees,
        float(chi2_distribution.sf(observed, degrees)),
        joint.point(truth),
        (median, ninety, ninety_nine),
    )


@dataclass(frozen=True)
class LookElsewhere:
    """The null hypothesis: how unlikely at the best y as if it had been chosen before, and at any.

    For an effect whose size is x, bounded at zero, and whose place is y (E. Gross & O. Vitells,
    Eur. Phys. J. C 70 (2010) 525).

    Attributes:
        local: p-value at the data's best y alone: half the chi2(1) tail, the size bounded at 0.
        global_: p-value of the best over the whole plane, by trials.
        trials_factor: Ratio of the two: how many independent places one has looked at.
    """

    local: float
    global_: float

    @property
    def trials_factor(self) -> float:
        """Ratio of global to local p-value."""
        return self.global_ / self.local

    @property
    def local_sigma(self) -> float:
        """Two-sided significance of the local p-value."""
        return sigma_of(self.local)

    @property
    def global_sigma(self) -> float:
        """Two-sided significance of the global p-value."""
        return sigma_of(self.global_)


def look_elsewhere(delta_chi2: float, global_p: float) -> LookElsewhere:
    """Set the local p-value of a Delta chi2 beside the global one.

    Args:
        delta_chi2: chi2(null hypothesis) - min chi2 of the data.
        global_p: Its p-value by trials over the whole plane.
    """
    local = 0.5 * float(chi2_distribution.sf(max(delta_chi2, 0.0), 1))
    return LookElsewhere(local, global_p)
