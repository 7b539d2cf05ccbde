r"""Mixtures of multivariate Student t densities: proposals with tails that cover what they miss.

.. math:: q(x) = \sum_k \alpha_k\, t_\nu(x; \mu_k, L_k L_k^T), \qquad
    t_\nu \propto (1 + |L_k^{-1}(x - \mu_k)|^2/\nu)^{-(\nu + D)/2}

Own code because a density of 10^5 points under hundreds of components has to be one plain loop:
`scipy` and `scikit-learn` know no mixture of t densities.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import lgamma

import numpy as np
from numba import njit

from ..base.parallel import map_chunks

DEGREES = 5.0
_CHUNK = 2048


_FAR = 1e8
"""Squared distance beyond which a component adds nothing beside one that is near."""


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _distance(x, mean, inverse, limit):  # type: ignore[no-untyped-def]
    """Squared distance of one point in units of a component's scale, or more than `limit`."""
    total = 0.0
    for a in range(x.shape[0]):
        z = 0.0
        for b in range(a + 1):
            z += inverse[a, b] * (x[b] - mean[b])
        total += z * z
        if total > limit:
            break
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _log_terms(x, means, inverse, log_heights, degrees, out):  # type: ignore[no-untyped-def]
    """log(alpha_k t_k(x_n)) into ``out`` (N, K)."""
    power = -0.5 * (degrees + x.shape[1])
    for i in range(x.shape[0]):
        for k in range(means.shape[0]):
            distance = _distance(x[i], means[k], inverse[k], np.inf)
            out[i, k] = log_heights[k] + power * np.log1p(distance / degrees)


@njit(cache=True, nogil=True, error_model="numpy")
def _log_density(x, means, inverse, log_heights, degrees, out):  # type: ignore[no-untyped-def]
    """log q (N,) into ``out``; far components are left out unless all are far."""
    power = -0.5 * (degrees + x.shape[1])
    size = means.shape[0]
    terms = np.empty(size)
    for i in range(x.shape[0]):
        for limit in (_FAR, np.inf):
            top = -np.inf
            for k in range(size):
                distance = _distance(x[i], means[k], inverse[k], limit)
                if distance > limit:
                    terms[k] = -np.inf
                    continue
                terms[k] = log_heights[k] + power * np.log(1.0 + distance / degrees)
                top = max(top, terms[k])
            if top > -np.inf:
                break
        total = 0.0
        for k in range(size):
            if terms[k] > top - 40.0:
                total += np.exp(terms[k] - top)
        out[i] = top + np.log(total)


@dataclass(frozen=True)
class StudentMixture:
    """K components in D dimensions.

    Attributes:
        weights: alpha (K,), positive; they sum to one where the mixture is used as a density.
        means: mu (K, D).
        roots: Lower Cholesky roots L (K, D, D) of the scale matrices.
        degrees: nu.
    """

    weights: np.ndarray
    means: np.ndarray
    roots: np.ndarray
    degrees: float = DEGREES

    def __len__(self) -> int:
        return len(self.weights)

    @cached_property
    def inverse_roots(self) -> np.ndarray:
        """L^-1 (K, D, D)."""
        return np.ascontiguousarray(np.linalg.inv(self.roots))

    @cached_property
    def _log_heights(self) -> np.ndarray:
        dim, nu = self.means.shape[1], self.degrees
        constant = lgamma(0.5 * (nu + dim)) - lgamma(0.5 * nu) - 0.5 * dim * np.log(nu * np.pi)
        diagonal = np.einsum("kdd->kd", self.roots)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.weights) + constant - np.log(diagonal).sum(axis=1))

    def log_terms(self, x: np.ndarray) -> np.ndarray:
        """log of alpha_k t_k (N, K) at points (N, D)."""
        x = np.ascontiguousarray(x, float)
        out = np.empty((len(x), len(self)))
        heights = self._log_heights
        _log_terms(x, self.means, self.inverse_roots, heights, self.degrees, out)
        return out

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """log q (N,) at points (N, D)."""
        out = np.empty(len(x))

        x = np.ascontiguousarray(x, float)
        means, inverse, heights = self.means, self.inverse_roots, self._log_heights

        def block(start: int, stop: int) -> None:
            part = slice(start, stop)
            _log_density(x[part], means, inverse, heights, self.degrees, out[part])

        map_chunks(block, len(x), _CHUNK)
        return out

    def sample(self, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Points (sum of counts, D): ``counts[k]`` of component k, in the order of components."""
        dim = self.means.shape[1]
        which = np.repeat(np.arange(len(self)), counts)
        z = rng.standard_normal((len(which), dim))
        z /= np.sqrt(rng.chisquare(self.degrees, len(which)) / self.degrees)[:, None]
        out = np.empty_like(z)
        for start, stop in _runs(counts):
            k = which[start]
            out[start:stop] = self.means[k] + z[start:stop] @ self.roots[k].T
        return out

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n independent points (n, D), in random order."""
        counts = rng.multinomial(n, self.weights / self.weights.sum())
        return rng.permutation(self.sample(counts, rng), axis=0)

    def take(self, index: np.ndarray) -> StudentMixture:
        """The components at ``index``; weights as they stand."""
        return StudentMixture(
            self.weights[index], self.means[index], self.roots[index], self.degrees
        )

    def join(self, other: StudentMixture) -> StudentMixture:
        """The components of both."""
        return StudentMixture(
            np.concatenate([self.weights, other.weights]),
            np.concatenate([self.means, other.means]),
            np.concatenate([self.roots, other.roots]),
            self.degrees,
        )

    def weighted(self, weights: np.ndarray) -> StudentMixture:
        """The same components with weights (K,) in proportion to ``weights``."""
        return StudentMixture(weights / weights.sum(), self.means, self.roots, self.degrees)


def _runs(counts: np.ndarray) -> list[tuple[int, int]]:
    stops = np.cumsum(counts)
    return [(int(s - c), int(s)) for s, c in zip(stops, counts, strict=True) if c]


@njit(cache=True, nogil=True, error_model="numpy")
def _moments(  # type: ignore[no-untyped-def]
    x, weight, means, inverse, log_heights, degrees, total, squares, mass, first, second
):
    """Add to the components' weighted moments about their old means."""
    n, dim = x.shape
    size = means.shape[0]
    power = -0.5 * (degrees + dim)
    terms = np.empty(size)
    stretch = np.empty(size)
    for i in range(n):
        if not weight[i] > 0.0:
            continue
        top = -np.inf
        for k in range(size):
            distance = _distance(x[i], means[k], inverse[k], _FAR)
            stretch[k] = 1.0 + distance / degrees
            terms[k] = log_heights[k] + power * np.log(stretch[k])
            top = max(top, terms[k])
        norm = 0.0
        for k in range(size):
            terms[k] = np.exp(terms[k] - top) if terms[k] > top - 40.0 else 0.0
            norm += terms[k]
        for k in range(size):
            r = weight[i] * terms[k] / norm
            if r < 1e-9 * weight[i]:
                continue
            g = r * (degrees + dim) / (degrees * stretch[k])
            total[k] += r
            squares[k] += r * r
            mass[k] += g
            for a in range(dim):
                da = x[i, a] - means[k, a]
                first[k, a] += g * da
                for b in range(dim):
                    second[k, a, b] += g * da * (x[i, b] - means[k, b])


def improve(mixture: StudentMixture, x: np.ndarray, weight: np.ndarray) -> StudentMixture:
    """One expectation-maximisation step towards weighted draws of a target.

    Raises the weighted mean of log q (O. Cappe et al., Stat. Comput. 18 (2008) 447, sec. 4.2).
    Components with too few draws of their own keep their shape.

    Args:
        mixture: Where to start.
        x: Draws (N, D).
        weight: Normalised importance weights (N,).
    """
    size, dim = mixture.means.shape
    total, squares, mass = np.zeros(size), np.zeros(size), np.zeros(size)
    first, second = np.zeros((size, dim)), np.zeros((size, dim, dim))
    heights, nu = mixture._log_heights, mixture.degrees
    x = np.ascontiguousarray(x, float)
    _moments(
        x, weight, mixture.means, mixture.inverse_roots, heights, nu,
        total, squares, mass, first, second,
    )  # fmt: skip
    means, roots = mixture.means.copy(), mixture.roots.copy()
    for k in np.flatnonzero(total**2 > 5 * dim * squares):
        shift = first[k] / mass[k]
        scale = (second[k] - mass[k] * np.outer(shift, shift)) / total[k]
        old = mixture.roots[k] @ mixture.roots[k].T
        try:
            roots[k] = np.linalg.cholesky(0.95 * scale + 0.05 * old)
        except np.linalg.LinAlgError:
            continue
        means[k] = mixture.means[k] + shift
    return StudentMixture(total / total.sum(), means, roots, nu)
