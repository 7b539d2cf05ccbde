"""Every named nuisance as an inferred parameter: the two of the plane and all K pulls, in a chart.

Points (N, D) are log10 s22, log10 dm2 and the pulls in standard deviations of their priors. Their
chart is the data's own, in two steps that are both closed forms: the plane by the chart of the
data's map (`plane_chart`), and the pulls, given the point of the plane, by the Gaussian of their
fit there (`pull_fit`), each whitened number by its quantile. Where responses are linear and data
Gaussian a posterior is uniform in it; a network learns the rest: shifted spectra that are not
linear in the shift, and counts. The likelihood with pulls is exact: shifted spectra are shifted,
counts are Poisson, nothing is linear or integrated.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import ndtr, ndtri

from ....base.errors import InputError
from ....base.files import fingerprint
from ....base.parallel import map_chunks
from ....base.seeds import stream
from ..joint import JointLikelihood
from ..model import points_of
from ..scale import ScaleExperiment
from .embedding import BETAS, MOMENTS, Reading, coarser, lowered, moments, thinned
from .plane_chart import NUMBERS, PlaneChart
from .pull_fit import PullFit
from .ratio_maps import RatioMaps
from .simulated import BLOCK, HIGH, LOW, Bank, from_cube, kept_blocks, to_cube

EDGE = 1e-12
FAR = 7.0
"""Pulls further out than this are given no likelihood: their prior is below 1e-11, and a spectrum
can be shifted off its table there."""
_LOG_NORMAL = -0.5 * float(np.log(2 * np.pi))
VERSION = 1


@dataclass(frozen=True)
class Known:
    """What is known of T data sets: the data (T, B), and what was read of them."""

    data: np.ndarray
    read: Reading


class NuisanceStudy:
    """Simulations, chart and likelihood of the plane and all pulls.

    Args:
        maps: Of experiments whose energy scales are Gaussian pulls.

    Raises:
        InputError: If an experiment has a box of energy scales, which is no named pull, or a
            covariance that moves with the prediction.
    """

    def __init__(self, maps: RatioMaps) -> None:
        self.maps = maps
        self.joint: JointLikelihood = maps.joint
        for experiment in self.joint.experiments:
            if isinstance(experiment, ScaleExperiment) and experiment.prior == "box":
                raise InputError(
                    f"{experiment.name}: its energy scale lies in a box; for a study of nuisances "
                    "give the option energy_scale=gaussian"
                )
            if experiment.statistic == "gaussian" and not experiment.fixed_covariance:
                raise InputError(
                    f"{experiment.name}: its covariance moves with the prediction, which a study "
                    "of nuisances does not cover; leave the experiment out"
                )
        self.pulls = self.joint.nuisances
        self.dim = 2 + len(self.pulls)

    @property
    def names(self) -> tuple[str, ...]:
        """Names (D,) of the parameters."""
        return ("log10_s22", "log10_dm2", *self.pulls)

    @property
    def conditions(self) -> tuple[str, ...]:
        """Names (C,) of what a network reads."""
        best = [f"{kind} {name}" for kind in ("null", "top") for name in self.pulls]
        spreads = [f"{name}_{beta:g}" for beta in BETAS for name in MOMENTS]
        return (*NUMBERS, *spreads, *best)

    @cached_property
    def chart(self) -> PlaneChart:
        """The chart of the plane."""
        return PlaneChart(self.maps.plane)

    def read(self, data: np.ndarray) -> Known:
        """What is known of data sets (T, B).

        A network reads the numbers of the plane's chart, moments of the tempered map, and the pulls
        that fit best without oscillation and at the top of the map.
        """
        data = np.atleast_2d(np.asarray(data, dtype=float))
        maps = self.maps(data, self.maps.names)
        if not np.isfinite(maps).all():
            raise InputError("data: hold values that are not finite numbers")
        numbers = self.chart.numbers(maps)
        numbers[:, -2:] = np.arcsinh(numbers[:, -2:])
        below = lowered(thinned(maps, self.maps.plane))
        s22, dm2 = points_of(self.maps.plane.points[maps.argmax(axis=1)])
        null = PullFit.at(self.joint, np.zeros(len(data)), np.ones(len(data)), data)
        top = PullFit.at(self.joint, s22, dm2, data)
        best = [np.clip(fit.centre, -8, 8) for fit in (null, top)]
        rows = [numbers, moments(below, coarser(self.maps.plane)), *best]
        return Known(data, Reading(np.hstack(rows).astype(np.float32), maps))

    def to_unit(self, known: Known, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (T, N, D) to the unit cube, each in the chart of its data set.

        Returns:
            Points (T, N, D) of the cube, and log-densities (T, N) of the given points under the
            chart alone, with respect to d log10 s22 d log10 dm2 d pulls.
        """
        plane = self.chart.to_unit(known.read.maps, points[:, :, :2])
        fit = self.fit(known, points[:, :, :2])
        z = fit.whiten(points[:, :, 2:].reshape(-1, len(self.pulls)))
        log_density = plane.log_density + _log_gaussian(z, fit).reshape(plane.log_density.shape)
        u = ndtr(z).reshape(*points.shape[:2], -1)
        return np.concatenate([plane.points, u], axis=2), log_density

    def from_unit(self, known: Known, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The inverse of `to_unit`: points (T, N, D), and their log-densities (T, N)."""
        plane = self.chart.from_unit(known.read.maps, unit[:, :, :2])
        fit = self.fit(known, plane.points)
        z = ndtri(np.clip(unit[:, :, 2:], EDGE, 1 - EDGE)).reshape(-1, len(self.pulls))
        pulls = fit.colour(z).reshape(*unit.shape[:2], -1)
        log_density = plane.log_density + _log_gaussian(z, fit).reshape(plane.log_density.shape)
        return np.concatenate([plane.points, pulls], axis=2), log_density

    def fit(self, known: Known, plane: np.ndarray) -> PullFit:
        """Gaussians of the pulls at points (T, N, 2), those of all data sets in one row."""
        sets, each = plane.shape[:2]
        data = known.data if sets == 1 else np.repeat(known.data, each, axis=0)
        return PullFit.at(self.joint, *points_of(plane.reshape(-1, 2)), data)

    def draw_prior(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Points (n, D) of the prior."""
        plane = from_cube(rng.random((n, 2)))
        return np.hstack([plane, rng.standard_normal((n, len(self.pulls)))])

    def log_prior(self, points: np.ndarray) -> np.ndarray:
        """Normalised log prior (N,) of points (N, D); -inf outside the plane."""
        inside = np.all((points[:, :2] >= LOW) & (points[:, :2] <= HIGH), axis=1)
        pulls = _LOG_NORMAL - 0.5 * points[:, 2:] ** 2
        return np.where(inside, pulls.sum(axis=1) - np.log(HIGH - LOW).sum(), -np.inf)

    def simulate(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Data (N, B) at points (N, D)."""
        s22, dm2 = points_of(points[:, :2])
        pieces = []
        for member in self.joint.experiments:
            columns = [2 + self.pulls.index(name) for name in member.nuisances]
            pieces.append(member.simulate(s22, dm2, points[:, columns], rng))
        return np.concatenate(pieces, axis=1)

    def bank(self, n: int, seed: int, path: Path | None = None, show: bool | None = None) -> Bank:
        """n simulations of the prior (rounded up to blocks); kept at `path`.

        Its points of the prior's cube are those of the plane, those of the chart are all D.
        """
        about = [e.describe() for e in self.joint.experiments]
        mark = fingerprint([VERSION, n, seed, list(self.conditions), about])

        def one(block: int) -> dict[str, np.ndarray]:
            rng = stream(seed, "nuisance bank", block)
            points = self.draw_prior(BLOCK, rng)
            known = self.read(self.simulate(points, rng))
            unit, _ = self.to_unit(known, points[:, None])
            return {"u": to_cube(points[:, :2]), "unit": unit[:, 0], "rows": known.read.rows}

        return Bank(**kept_blocks(one, n, path, mark, "simulate", show))

    def log_likelihood(self, points: np.ndarray, data: np.ndarray) -> np.ndarray:
        """Exact log-likelihood (N,) of one data set (B,) at points (N, D), up to a constant.

        The constant is that of `JointLikelihood.marginal` / -2 where the pulls are integrated out.
        """

        def part(start: int, stop: int) -> np.ndarray:
            return self._log_likelihood(points[start:stop], data)

        return np.concatenate(map_chunks(part, len(points), 1024))

    def _log_likelihood(self, points: np.ndarray, data: np.ndarray) -> np.ndarray:
        s22, dm2 = points_of(points[:, :2])
        total = np.where(np.all(np.abs(points[:, 2:]) < FAR, axis=1), 0.0, -np.inf)
        pulls = np.clip(points[:, 2:], -FAR, FAR)
        for member in self.joint.experiments:
            columns = [self.pulls.index(name) for name in member.nuisances]
            own, part = pulls[:, columns], data[self.joint.slices[member.name]]
            if isinstance(member, ScaleExperiment):
                mean = member.shifted(s22, dm2, own * member.scale_sigma)
            else:
                mean = member.predict(s22, dm2)
                if columns:
                    mean = mean + np.einsum("nbk,nk->nb", member.response(s22, dm2), own)
            if member.statistic == "poisson":
                mean = np.maximum(mean, 1e-12)
                saturated = np.where(part > 0, part * np.log(np.maximum(part, 1e-12)) - part, 0.0)
                total += (part * np.log(mean) - mean - saturated).sum(axis=1)
            else:
                root = np.linalg.cholesky(member.covariance())
                white = solve_triangular(root, (part - mean).T, lower=True)
                total -= 0.5 * np.einsum("bn,bn->n", white, white)
                total -= np.log(np.diagonal(root)).sum()
        return total


def _log_gaussian(z: np.ndarray, fit: PullFit) -> np.ndarray:
    """Log-density (N,) of the pulls whose whitened numbers are z (N, K)."""
    return (_LOG_NORMAL - 0.5 * z**2).sum(axis=1) - fit.log_volume
