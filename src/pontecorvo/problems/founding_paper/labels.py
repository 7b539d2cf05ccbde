"""What the founding paper's network sees: raw parameters, eleven labels, and their chi-squares.

The parameters are the 23 of the prior, each divided by its range and nothing more: no chart, no
periodic coordinates, no order put into the heavy masses. The labels are dm2_21, dm2_31 and the nine
moduli of the mixing matrix (arXiv:2503.21432; the split of its eleven labels is assumed).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.stats import beta

from ...core.prior import Prior
from ...core.target import Target
from ...physics.pmns import pmns_matrix
from ..flavour.nufit import LABELS, OSCILLATION, Variant, founding_paper_box, nufit
from ..seesaw.model import Seesaw

PAPER_ACCEPTANCE = 3.5e-6
"""Of arXiv:2503.21432: 104 solutions of about 3e7 generated."""
FAR = 1.0
"""Largest distance from the prior's box, in its own widths, that a generated parameter is given."""
_MASSES = 2  # the first labels

MassLabels = Literal["log10", "linear"]
Centre = Literal["midpoints", "best-fit"]


def to_box(prior: Prior, theta: np.ndarray) -> np.ndarray:
    """Parameters (N, P) as fractions of their ranges; outside [0, 1] where they leave them."""
    return prior.to_unit_cube(theta)


def from_box(prior: Prior, u: np.ndarray) -> np.ndarray:
    """Inverse of `to_box`. Unlike `Prior.from_unit_cube` it does not sort the heavy masses.

    A generated point whose masses are out of order lies outside the prior, and is counted so. A
    component more than `FAR` ranges away is moved to that distance, or labels would overflow;
    `judged` counts these points.
    """
    columns = zip(prior.marginals, np.clip(u, -FAR, 1 + FAR).T, strict=True)
    return np.stack([marginal.quantile(column) for marginal, column in columns], axis=1)


@dataclass(frozen=True)
class Labels:
    """The eleven labels of a seesaw, their measured values L*, and chi-squares.

    Attributes:
        model: The seesaw.
        variant: Of NuFIT 6.0.
        masses: How the two splittings are told to the network: their ``log10`` (they span many
            decades over the prior) or as they are (``linear``). Assumed.
        centre: L* for the moduli: the ``midpoints`` of NuFIT's 3 sigma ranges, or those of the
            mixing matrix at the ``best-fit``. NuFIT prints no central moduli; assumed.
    """

    model: Seesaw
    variant: Variant = "with-sk"
    masses: MassLabels = "log10"
    centre: Centre = "midpoints"

    def values(self, theta: np.ndarray) -> np.ndarray:
        """Labels (N, 11) of parameters (N, 23), in eV^2 and without unit."""
        model = Seesaw(self.model.ordering, self.model.prior_settings, self.model.vev, LABELS)
        return model.forward(theta)

    def condition(self, values: np.ndarray) -> np.ndarray:
        """Labels (N, 11) as the network is told them."""
        if self.masses == "linear":
            return values
        told = values.copy()
        told[:, :_MASSES] = np.log10(np.abs(values[:, :_MASSES]))
        return told

    @property
    def wanted(self) -> np.ndarray:
        """L* (11,), at which the network generates."""
        ordering = self.model.ordering
        quantities = nufit(ordering, self.variant, (*OSCILLATION, "delta_cp")).quantities
        best = {q.name: q.central for q in quantities}
        values = founding_paper_box(ordering, self.variant).central.copy()
        shift = best["dm2_21"] if ordering == "io" else 0.0
        values[:_MASSES] = best["dm2_21"], best["dm2_3l"] + shift
        if self.centre == "best-fit":
            squares = [best[f"sin2_theta{ij}"] for ij in ("12", "13", "23")]
            values[_MASSES:] = np.abs(
                pmns_matrix(squares[0], squares[1], squares[2], best["delta_cp"])
            ).ravel()
        return values

    def pulls(self, values: np.ndarray) -> np.ndarray:
        """(label - L*) / sigma, (N, 11); sigma is a sixth of the 3 sigma range."""
        return (values - self.wanted) / self.sigma

    @property
    def sigma(self) -> np.ndarray:
        """Standard deviations (11,): a sixth of each 3 sigma range."""
        return founding_paper_box(self.model.ordering, self.variant).sigma

    def chi2(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Chi-squares (N,) of the two mass labels and of the nine mixing labels."""
        squares = self.pulls(values) ** 2
        squares = np.where(np.isfinite(squares), squares, np.inf)
        return squares[:, :_MASSES].sum(axis=1), squares[:, _MASSES:].sum(axis=1)

    def accepted(self, values: np.ndarray) -> np.ndarray:
        """Which rows (N,) lie in all eleven 3 sigma ranges: the paper's test."""
        return founding_paper_box(self.model.ordering, self.variant).within_three_sigma(values)


@dataclass(frozen=True)
class Selection:
    """Cuts of the "transfer learning": what of the generated data is learned again.

    By ``chi2``, as the paper words it: a point is kept if its chi-square over all labels is below
    `total` *and* its chi-square of the masses is below `mass`, or that of the mixings below
    `mixing`, or both. The paper prints no numbers; these are assumed. Where fewer than `least`
    points pass, all three are doubled until enough do, and the record says so.

    By ``quantile``: a point is kept if either chi-square is below its own quantile over what was
    generated. The cuts then follow what the network can do, and are never so wide that what is
    learned again is what was known before.

    Attributes:
        cut: ``quantile`` or ``chi2``.
        quantile: That of either chi-square.
        in_prior: Learn again from points inside the prior only. Others have labels too, but the
            draws would then be pulled further out.
        total: Largest chi-square of all eleven labels.
        mass: Largest chi-square of the two mass labels.
        mixing: Largest chi-square of the nine mixing labels.
        least: Smallest number of points to learn from.
    """

    cut: str = "quantile"
    quantile: float = 0.1
    in_prior: bool = True
    total: float = 1e5
    mass: float = 100.0
    mixing: float = 1000.0
    least: int = 10_000

    def choose(
        self, mass: np.ndarray, mixing: np.ndarray, inside: np.ndarray
    ) -> tuple[np.ndarray, dict[str, float]]:
        """Which points (N,) are kept, and the books of it.

        Args:
            mass: Chi-squares (N,) of the mass labels.
            mixing: Those of the mixing labels.
            inside: Which points (N,) lie in the prior.
        """
        able = np.isfinite(mass + mixing) & (inside if self.in_prior else True)
        factor = 1.0
        cuts, total = (self.mass, self.mixing), self.total
        if self.cut == "quantile" and able.any():
            cuts = (
                float(np.quantile(mass[able], self.quantile)),
                float(np.quantile(mixing[able], self.quantile)),
            )
            total = np.inf
        while True:
            tight = mass < factor * cuts[0], mixing < factor * cuts[1]
            kept = able & (mass + mixing < factor * total) & (tight[0] | tight[1])
            if kept.sum() >= min(self.least, able.sum()):
                break
            factor *= 2
        return kept, {
            "generated": len(mass),
            "able": int(able.sum()),
            "cut_masses": factor * cuts[0],
            "cut_mixings": factor * cuts[1],
            "kept": int(kept.sum()),
            "masses_alone": int((kept & tight[0] & ~tight[1]).sum()),
            "mixings_alone": int((kept & ~tight[0] & tight[1]).sum()),
            "both": int((kept & tight[0] & tight[1]).sum()),
            "cuts_multiplied_by": factor,
        }


def share(mask: np.ndarray) -> dict[str, float]:
    """A fraction with its binomial error and its 95 % upper limit (Clopper and Pearson, 1934)."""
    n, hits = len(mask), int(mask.sum())
    value = hits / n
    upper = 1.0 if hits == n else float(beta.ppf(0.95, hits + 1, n - hits))
    error = float(np.sqrt(value * (1 - value) / n))
    return {"accepted": hits, "of": n, "value": value, "error": error, "upper_95": upper}


def judged(target: Target, labels: Labels, theta: np.ndarray) -> dict[str, Any]:
    """What generated points (N, 23) are worth: acceptances, chi-squares, diversity.

    Diversity is the geometric mean over the parameters of their standard deviation over the
    prior's: one for draws of the prior, zero where a parameter no longer varies. Draws of the exact
    posterior are the fair comparison, not one.
    """
    values = labels.values(theta)
    mass, mixing = labels.chi2(values)
    u = to_box(target.model.prior, theta)
    spread = u.std(axis=0) * np.sqrt(12)
    inside = np.isfinite(target.log_prior(theta))
    five = target.within_three_sigma(theta)
    return {
        "eleven_labels": share(labels.accepted(values)),
        "eleven_labels_in_prior": share(labels.accepted(values) & inside),
        "five_observables": share(five),
        "five_observables_in_prior": share(five & inside),
        "in_prior": share(inside),
        "moved_nearer": int((np.abs(u - 0.5) >= 0.5 + FAR * (1 - 1e-9)).any(axis=1).sum()),
        "near": share((np.abs(labels.pulls(values)) < 15).all(axis=1) & inside),
        "far": float((np.abs(u - 0.5) >= 0.5 + FAR * (1 - 1e-9)).any(axis=1).mean()),
        "smallest_chi2": float(np.min(mass + mixing)),
        "median_chi2": float(np.median(mass + mixing)),
        "median_chi2_masses": float(np.median(mass)),
        "median_chi2_mixings": float(np.median(mixing)),
        "diversity": float(np.exp(np.mean(np.log(np.maximum(spread, 1e-300))))),
    }
