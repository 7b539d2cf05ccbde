"""What an experiment is: data, prediction, uncertainties, chi2, toys. One experiment is one file.

Everything is a function of two parameters, ``s22`` = sin^2(2 theta_ee) and ``dm2`` = dm2_41 in
eV^2, always given as arrays (N,). An experiment says

* `predict`: what is expected in its B bins, without pulls;
* `response`: how much a pull of one standard deviation adds to that, for K named nuisances. Pulls
  are independent unit Gaussians (correlated ones are given as combinations of independent ones).
  A nuisance that has the same name in two experiments is the same nuisance;
* `covariance`: the rest of the uncertainties, as a matrix, for Gaussian experiments.

From these the chi2 profiled over pulls, the marginal likelihood, toys, grids of chi2 over many data
sets and figures follow, for one experiment and for any set of them (`joint`). An experiment whose
chi2 is of another kind overrides `chi2`, `simulate` and `own_features`, and must then share no
nuisance.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from ...base.errors import InputError

Array = np.ndarray
Flux = Literal["hm", "sm", "hkss", "kurchatov", "dayabay"]
FLUXES: dict[str, str] = {
    "hm": "Huber-Mueller",
    "sm": "ab-initio summation (Estienne et al. 2019)",
    "hkss": "Hayen-Kostensalo-Severijns-Suhonen 2019",
    "kurchatov": "Huber-Mueller with the Kurchatov ratio (Kopeikin et al. 2021)",
    "dayabay": "unfolded by Daya Bay (2025)",
}


@dataclass(frozen=True)
class Block:
    """Bins that belong in one panel of a figure: a detector, a baseline, a list of rates.

    Attributes:
        title: What the bins are.
        bins: Which of the experiment's bins these are.
        edges: Bin edges (n + 1,), for a spectrum; None for a list.
        labels: One label for each bin, for a list; empty for a spectrum.
        x: Axis label of the bins, with unit.
        y: Axis label of the content, with unit.
    """

    title: str
    bins: slice
    edges: Array | None = None
    labels: tuple[str, ...] = ()
    x: str = ""
    y: str = ""


class Features(Protocol):
    """Chi2 of many data sets at G fixed points: features of the data times coefficients.

    Attributes:
        coefficients: (F, G).
    """

    coefficients: Array

    def features(self, data: Array) -> Array:
        """Features (T, F) of data sets (T, B)."""


class Experiment(ABC):
    """Base class of the experiments; see the module's docstring.

    Attributes:
        name: Name in commands and files.
        title: Name in figures.
        source: Where the numbers come from (paper, release).
        licence: Terms of the numbers.
        statistic: "gaussian" or "poisson" (bins independent, `covariance` unused).
        data: What was measured (B,).
        blocks: The bins by figure panel; together they cover the B bins.
        nuisances: Names (K,) of the pulls of `response`.
        notes: What a reader of the report must know (choices, defaults that were used).
    """

    name: str
    title: str
    source: str
    licence: str
    statistic: Literal["gaussian", "poisson"] = "gaussian"
    data: Array
    blocks: tuple[Block, ...]
    nuisances: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    dm2_range: tuple[float, float] = (1e-2, 1e2)
    _covariance: Array | None = None

    @property
    def size(self) -> int:
        """Number of bins B."""
        return len(self.data)

    @abstractmethod
    def predict(self, s22: Array, dm2: Array) -> Array:
        """Expected content (N, B) at (s22, dm2), each (N,), with all pulls at zero.

        Raises:
            InputError: If a dm2 lies outside `dm2_range` (see `check_points`).
        """

    def response(self, s22: Array, dm2: Array) -> Array:
        """Change (N, B, K) of the expectation for one standard deviation of each pull."""
        return np.zeros((len(s22), self.size, len(self.nuisances)))

    def covariance(self, prediction: Array | None = None, data: Array | None = None) -> Array:
        """Covariance (B, B) of everything that is not a pull.

        An experiment whose covariance depends on the prediction (N, B), or on the data (B,),
        returns (N, B, B) when these are given, and its nominal matrix when they are not.
        `fixed_covariance` says which kind it is. The default is the matrix `_covariance`.
        """
        if self._covariance is None:
            raise InputError(f"{self.name}: has no covariance; its uncertainties are counts, pulls")
        return self._covariance

    @property
    def smooth_in_mixing(self) -> bool:
        """Whether chi2 is a smooth function of the angle, so that few nodes tabulate it."""
        return True

    @property
    def fixed_covariance(self) -> bool:
        """Whether `covariance` ignores its arguments."""
        return True

    def chi2(self, s22: Array, dm2: Array, data: Array | None = None) -> Array:
        """Chi2 (N,) at the points, profiled over the pulls, for the data (B,) (default: measured).

        Data may also be one row a point (N, B): many data sets at a few points each in one call.
        For Poisson bins this is minus twice the log of the likelihood ratio to the saturated model.
        """
        from .linear import group_chi2

        return group_chi2([self], s22, dm2, data)

    def marginal(self, s22: Array, dm2: Array, data: Array | None = None) -> Array:
        """-2 log likelihood (N,) with the pulls integrated out, up to a constant of the data."""
        from .linear import group_chi2

        return group_chi2([self], s22, dm2, data, with_log_det=True)

    def own_features(self, s22: Array, dm2: Array) -> Features | None:
        """Chi2 at the points (G,) for many data sets, of an experiment with a chi2 of its own kind.

        None: the chi2 is the common one of Gaussian or Poisson bins with pulls.
        """
        return None

    def simulate(self, s22: Array, dm2: Array, pulls: Array, rng: np.random.Generator) -> Array:
        """One data set (N, B) for each point (N,) with the pulls (N, K), statistics drawn here.

        Points may also be of length one, for N data sets at the same point.
        """
        mean = self.predict(s22, dm2)
        if len(self.nuisances):
            mean = mean + np.einsum("nbk,nk->nb", self.response(s22, dm2), pulls, optimize=True)
        count = len(pulls)
        if self.statistic == "poisson":
            return rng.poisson(np.clip(np.broadcast_to(mean, (count, self.size)), 0, None)) * 1.0
        noise = rng.standard_normal((count, self.size))
        if self.fixed_covariance:
            return mean + noise @ np.linalg.cholesky(self.covariance()).T
        roots = np.linalg.cholesky(self.covariance(mean))
        return mean + np.einsum("nbc,nc->nb", roots, noise, optimize=True)

    def toys(self, s22: float, dm2: float, n: int, rng: np.random.Generator) -> Array:
        """Data sets (n, B) at one point, with every uncertainty drawn, pulls included."""
        pulls = rng.standard_normal((n, len(self.nuisances)))
        return self.simulate(np.array([s22]), np.array([dm2]), pulls, rng)

    def fitted(self, s22: float, dm2: float, data: Array | None = None) -> tuple[Array, Array]:
        """Expectation (B,) with the pulls that fit the data best, and these pulls (K,)."""
        from .linear import best_pulls

        return best_pulls(self, s22, dm2, data)

    def describe(self) -> dict[str, Any]:
        """What defines the experiment, as plain JSON types."""
        return {
            "name": self.name,
            "title": self.title,
            "source": self.source,
            "licence": self.licence,
            "statistic": self.statistic,
            "bins": self.size,
            "nuisances": list(self.nuisances),
            "notes": list(self.notes),
        }


def rows_of(data: Array, part: slice) -> Array:
    """The data of some points: their rows of (N, B), or the one data set (B,) of all."""
    return data[part] if data.ndim == 2 else data


def amplitudes(s22: Array) -> Array:
    """What multiplies the oscillating terms: (N, 1), or (N, 3) of two further states."""
    return s22[:, None] if s22.ndim == 1 else s22


def whole_amplitude(s22: Array) -> Array:
    """4 (1 - c) c (N,), c the share of the known neutrinos in nu_e: s22, or a_41 + a_51."""
    return s22 if s22.ndim == 1 else s22[:, 0] + s22[:, 1]


def check_points(
    s22: Array, dm2: Array, dm2_range: tuple[float, float] = (1e-2, 1e2)
) -> tuple[Array, Array]:
    """Return s22 and dm2 as float arrays (N,), checked; or (N, 3), of two further states.

    Raises:
        InputError: If a value is not finite, s22 is outside [0, 1] or dm2 outside the tables.
    """
    s22 = np.atleast_1d(np.asarray(s22, dtype=float))
    dm2 = np.atleast_1d(np.asarray(dm2, dtype=float))
    if s22.shape != dm2.shape or s22.ndim not in (1, 2) or (s22.ndim == 2 and s22.shape[1] != 3):
        raise InputError(f"s22 {s22.shape} and dm2 {dm2.shape}: give two arrays of one length")
    low, high = dm2_range[0] * (1 - 1e-9), dm2_range[1] * (1 + 1e-9)
    bad = ~(s22 >= 0) | ~(s22 <= 1)
    if bad.any():
        raise InputError(f"sin^2(2 theta) = {s22[bad][0]:g}; it must lie in [0, 1]")
    bad = ~(dm2 >= low) | ~(dm2 <= high)
    if dm2.ndim == 2:  # two states may be as close to each other as they like
        bad[:, 2] = ~(dm2[:, 2] >= 0) | ~(dm2[:, 2] <= high)
    if bad.any():
        raise InputError(
            f"dm2 = {dm2[bad][0]:g} eV^2 is outside the tabulated range; "
            f"allowed: {dm2_range[0]:g} to {dm2_range[1]:g} eV^2"
        )
    return s22, dm2
