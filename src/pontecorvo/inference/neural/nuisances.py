"""Every named nuisance as an inferred parameter: the two of the plane and all K pulls.

Points of the unit cube are (log10 s22, log10 dm2) as before and Phi(eta) of each pull, so that the
prior is uniform. The network reads the plane's embedding, and the pulls that fit the data best
without oscillation and at the top of the map. The likelihood with pulls is exact: shifted spectra
are shifted, counts are Poisson; nothing is linear or integrated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import ndtr, ndtri

from ...base.errors import InputError
from ...base.parallel import map_threads
from ...base.seeds import stream
from ...models.sterile.experiment import Experiment
from ...models.sterile.joint import JointLikelihood
from ...models.sterile.linear import Group
from ...models.sterile.model import points_of
from ...models.sterile.scale import ScaleExperiment
from ..correct import Correction, correct
from ..generative.batches import ArrayExamples
from ..generative.estimator import ConditionalFlow
from ..generative.networks import NetworkSettings
from ..generative.recipe import FlowSettings, History, TrainSettings
from ..generative.threads import one_thread
from ..sterile import hypotheses
from .embedding import Embedding
from .maps import RatioMaps
from .simulated import BLOCK, Bank, from_cube, to_cube

FLOW = FlowSettings(
    path={"name": "flow-matching"}, network=NetworkSettings(width=192, blocks=4, embedding=192)
)
EDGE = 1e-12


@dataclass(frozen=True)
class PullFit:
    """Best pulls of a group of experiments as a linear map of the data, for every hypothesis.

    Attributes:
        names: Its pulls.
        bins: Its bins among all.
        offset: (H, K).
        slope: (H, K, B): best pulls = offset + slope . data.
        spread: Cholesky root (H, K, K) of the covariance of the pulls about them.
    """

    names: tuple[str, ...]
    bins: np.ndarray
    offset: np.ndarray
    slope: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(
        cls, members: Sequence[Experiment], bins: np.ndarray, s22: np.ndarray, dm2: np.ndarray
    ) -> "PullFit":
        """For hypotheses (H,); counts are given the variance expected without oscillation."""
        group = Group(members)
        prediction, response = group.predict(s22, dm2), group.response(s22, dm2)
        if members[0].statistic == "poisson":
            whitener = np.diag(1 / np.sqrt(prediction[-1]))
        else:
            blocks = [np.linalg.cholesky(member.covariance()) for member in members]
            whitener = np.zeros((group.size, group.size))
            for root, own in zip(blocks, group.slices, strict=True):
                whitener[own, own] = solve_triangular(root, np.eye(len(root)), lower=True)
        g = np.einsum("bc,hck->hbk", whitener, response)
        curvature = np.eye(g.shape[2]) + np.einsum("hbk,hbl->hkl", g, g)
        inverse = np.linalg.inv(curvature)
        slope = np.einsum("hkl,hbl,bc->hkc", inverse, g, whitener, optimize=True)
        offset = -np.einsum("hkb,hb->hk", slope, prediction)
        return cls(group.nuisances, bins, offset, slope, np.linalg.cholesky(inverse))


class NuisanceStudy:
    """Simulations, rows and likelihood of the plane and all pulls.

    Args:
        embedding: The plane's embedding, for experiments whose energy scales are Gaussian pulls.

    Raises:
        InputError: If an experiment has a box of energy scales, which is no named pull.
    """

    def __init__(self, embedding: Embedding) -> None:
        self.embedding = embedding
        self.maps: RatioMaps = embedding.maps
        self.joint: JointLikelihood = self.maps.joint
        for experiment in self.joint.experiments:
            if isinstance(experiment, ScaleExperiment) and experiment.prior == "box":
                raise InputError(
                    f"{experiment.name}: its energy scale lies in a box; for a study of nuisances "
                    "give the option energy_scale=gaussian"
                )
        self.pulls = self.joint.nuisances
        self.dim = 2 + len(self.pulls)

    @property
    def names(self) -> tuple[str, ...]:
        """Names (D,) of the parameters."""
        return ("log10_s22", "log10_dm2", *self.pulls)

    @property
    def conditions(self) -> tuple[str, ...]:
        """Names (C,) of what the network reads."""
        best = [f"{kind} {name}" for kind in ("null", "top") for name in self.pulls]
        return (*self.embedding.names, *best)

    @cached_property
    def fits(self) -> list[PullFit]:
        """Best pulls of each group at every point of the map's plane, and no oscillation (last)."""
        s22, dm2 = hypotheses(self.maps.plane)
        result = []
        for members in self.joint.groups:
            if not any(member.nuisances for member in members):
                continue
            every = np.arange(self.joint.size)
            bins = np.concatenate([every[self.joint.slices[m.name]] for m in members])
            result.append(PullFit.of(members, bins, s22, dm2))
        return result

    def best_pulls(self, data: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Best pulls (T, K) of data sets (T, B), each at its own hypothesis (T,)."""
        result = np.zeros((len(data), len(self.pulls)))
        for fit in self.fits:
            columns = [self.pulls.index(name) for name in fit.names]
            moved = np.einsum("tkb,tb->tk", fit.slope[at], data[:, fit.bins])
            result[:, columns] = fit.offset[at] + moved
        return result

    def rows(self, data: np.ndarray) -> np.ndarray:
        """What the network reads (T, C) of data sets (T, B)."""
        data = np.atleast_2d(data)
        maps = self.maps(data, self.maps.names)
        null = np.full(len(data), self.maps.plane.size)
        best = [self.best_pulls(data, null), self.best_pulls(data, maps.argmax(axis=1))]
        plain = self.embedding.rows(maps, self.maps.names)
        return np.hstack([plain, *(np.clip(b, -8, 8).astype(np.float32) for b in best)])

    def simulate(self, u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Data (N, B) at points (N, D) of the cube."""
        s22, dm2 = points_of(from_cube(u[:, :2]))
        pulls = ndtri(np.clip(u[:, 2:], EDGE, 1 - EDGE))
        pieces = []
        for member in self.joint.experiments:
            columns = [self.pulls.index(name) for name in member.nuisances]
            pieces.append(member.simulate(s22, dm2, pulls[:, columns], rng))
        return np.concatenate(pieces, axis=1)

    def bank(self, n: int, seed: int) -> Bank:
        """n simulations (rounded up to blocks)."""

        def one(block: int) -> tuple[np.ndarray, np.ndarray]:
            rng = stream(seed, "nuisance bank", block)
            u = rng.random((BLOCK, self.dim))
            return u, self.rows(self.simulate(u, rng))

        pairs = list(map_threads(one, range(-(-n // BLOCK))))
        return Bank(np.concatenate([u for u, _ in pairs]), np.concatenate([r for _, r in pairs]))

    def log_likelihood(self, u: np.ndarray, data: np.ndarray) -> np.ndarray:
        """Exact log-likelihood (N,) of one data set (B,) at points (N, D), up to a constant."""
        s22, dm2 = points_of(from_cube(u[:, :2]))
        pulls = ndtri(np.clip(u[:, 2:], EDGE, 1 - EDGE))
        total = np.zeros(len(u))
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
                total += (part * np.log(mean) - mean).sum(axis=1)
            else:
                root = np.linalg.cholesky(member.covariance())
                white = solve_triangular(root, (part - mean).T, lower=True)
                total -= 0.5 * np.einsum("bn,bn->n", white, white)
        return total


class NuisancePosterior:
    """FMPE of the plane and all pulls."""

    def __init__(self, study: NuisanceStudy, seed: int = 0, flow: FlowSettings = FLOW) -> None:
        self.study = study
        self.flow = ConditionalFlow(study.dim, study.conditions, settings=flow, seed=seed)

    def fit(self, bank: Bank, train: TrainSettings, checkpoint: Path | None = None) -> History:
        """Train on simulations."""
        inner = np.clip(bank.u, EDGE, 1 - EDGE)
        with one_thread():
            return self.flow.fit(
                ArrayExamples(inner, bank.rows, seed=train.seed),
                replace(train, dropout=0.0),
                condition_range={name: (-1e9, 1e9) for name in self.study.conditions},
                checkpoint=checkpoint,
                show=False,
            )

    def draw(self, data: np.ndarray, n: int, seed: int = 0) -> tuple[np.ndarray, Correction]:
        """n draws (n, D) of the cube at one data set (B,), and their weights."""
        drawn = self.flow.sample(
            self.study.rows(data)[0], n, seed, with_density=True, check=0, nodes=12
        )
        assert drawn.log_density is not None
        return drawn.u, correct(self.study.log_likelihood(drawn.u, data), drawn.log_density)


def reference_draws(
    study: NuisanceStudy, theta: np.ndarray, log_weights: np.ndarray, data: np.ndarray, seed: int
) -> tuple[np.ndarray, Correction]:
    """Exact posterior of all D: draws of the plane's posterior, then pulls given each.

    Pulls come from the Gaussian of the linear fit at each point and are weighed by the exact
    likelihood, so that shifts and counts are exact too.

    Args:
        study: The study.
        theta: Draws (N, 2) of the plane's exact posterior,
        log_weights: with their weights (N,).
        data: The data set (B,).
        seed: Seed of the pulls.

    Returns:
        Points (N, D) of the cube and their weights.
    """
    rng = stream(seed, "reference pulls")
    s22, dm2 = points_of(theta)
    eta = np.zeros((len(theta), len(study.pulls)))
    log_q = np.zeros(len(theta))
    for members in study.joint.groups:
        if not any(member.nuisances for member in members):
            continue
        every = np.arange(study.joint.size)
        bins = np.concatenate([every[study.joint.slices[m.name]] for m in members])
        fit = PullFit.of(members, bins, np.append(s22, 0.0), np.append(dm2, 1.0))
        columns = [study.pulls.index(name) for name in fit.names]
        noise = rng.standard_normal((len(theta), len(columns)))
        centre = fit.offset[:-1] + np.einsum("nkb,b->nk", fit.slope[:-1], data[fit.bins])
        eta[:, columns] = centre + np.einsum("nkl,nl->nk", fit.spread[:-1], noise)
        log_q -= 0.5 * (noise**2).sum(axis=1)
        log_q -= np.log(np.diagonal(fit.spread[:-1], axis1=1, axis2=2)).sum(axis=1)
    # the density of eta over that of its prior is the density in the cube
    log_q += 0.5 * (eta**2).sum(axis=1)
    u = np.hstack([to_cube(theta), ndtr(eta)])
    plane = study.joint.marginal(s22, dm2, data)
    return u, correct(study.log_likelihood(u, data) + log_weights + 0.5 * plane, log_q)
