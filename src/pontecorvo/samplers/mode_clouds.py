"""From minima to clouds of points that fill their modes, and from clouds to mixtures.

Every minimum starts a small ensemble of chains that moves by differences of its own members (C. ter
Braak, Stat. Comput. 16 (2006) 239; one half moves by the other's), so that its steps have the shape
and the size of the mode it is in, curved valleys included. The chains follow posterior^(1/T): the
mixtures fitted to them then reach beyond what the posterior needs. Nothing here has to be exact:
weights make it so later.
"""

from collections.abc import Callable

import numpy as np
from scipy.sparse.csgraph import connected_components

from ..base.progress import Advance
from .student_mixture import DEGREES, StudentMixture, improve

LogTarget = Callable[[np.ndarray], np.ndarray]
_LEVEL = 3.0  # Mahalanobis distance, over sqrt(dim), inside which clouds overlap
_EM_STEPS = 12
_EVEN = 0.15  # variance of log p - log q of a cloud at which a mixture is good enough


def explore(
    log_target: LogTarget,
    u: np.ndarray,
    steps: int,
    snapshots: int,
    rng: np.random.Generator,
    advance: Advance,
) -> tuple[np.ndarray, np.ndarray]:
    """Move ensembles (G, P, D), in place, and gather what they visit.

    Args:
        log_target: Log of what the chains follow, (N,) of points (N, D); -inf outside.
        u: Positions; P even.
        steps: Moves of every chain.
        snapshots: How many times, evenly over the second half, positions are gathered.
        rng: Random numbers.
        advance: Told of every move.

    Returns:
        Points (G, S P, D) and the log target (G, S P) there.
    """
    groups, members, dim = u.shape
    half = members // 2
    value = log_target(u.reshape(-1, dim)).reshape(groups, members)
    when = set(np.linspace(steps // 2, steps - 1, snapshots).astype(int).tolist())
    points, values = [], []
    rows = np.arange(groups)[:, None]
    for step in range(steps):
        for moving, still in ((slice(0, half), half), (slice(half, 2 * half), 0)):
            first = rng.integers(0, half, (groups, half))
            second = (first + rng.integers(1, half, (groups, half))) % half
            difference = u[rows, still + first] - u[rows, still + second]
            scale = 2.38 / np.sqrt(2 * dim) * 10 ** rng.uniform(-1, 0.3, (groups, half, 1))
            new = u[:, moving] + scale * difference
            new_value = log_target(new.reshape(-1, dim)).reshape(groups, half)
            with np.errstate(invalid="ignore"):
                accept = np.log(rng.random((groups, half))) < new_value - value[:, moving]
            u[:, moving][accept] = new[accept]
            value[:, moving][accept] = new_value[accept]
        advance(1)
        if step in when:
            points.append(u.copy())
            values.append(value.copy())
    return np.concatenate(points, axis=1), np.concatenate(values, axis=1)


def merge(points: np.ndarray) -> np.ndarray:
    """Cloud number (G,) of each ensemble (G, S, D): ensembles that lie in each other are one.

    One lies in another where most of its points are within three standard deviations of it.
    """
    groups, _, dim = points.shape
    mean = points.mean(axis=1)
    offset = points - mean[:, None]
    covariance = np.einsum("gsa,gsb->gab", offset, offset) / points.shape[1]
    covariance += 1e-12 * np.trace(covariance, axis1=1, axis2=2)[:, None, None] * np.eye(dim)
    inverse = np.linalg.inv(np.linalg.cholesky(covariance))
    few = points[:, :: max(points.shape[1] // 64, 1)]
    inside = np.zeros((groups, groups), bool)
    for g in range(groups):
        z = (few - mean[g]) @ inverse[g].T
        distance = np.einsum("gsd,gsd->gs", z, z) / dim
        inside[g] = (distance < _LEVEL**2).mean(axis=1) > 0.6
    return np.asarray(connected_components(inside & inside.T, directed=False)[1])


def fit_cloud(
    x: np.ndarray, log_p: np.ndarray, most: int, rng: np.random.Generator
) -> StudentMixture:
    """Mixture of a cloud (S, D) of equally likely points, of as few components as suffice.

    Their number rises fourfold until log p - log q varies little over points that were left out.

    Args:
        x: Points.
        log_p: Log of what they follow, up to a constant (S,).
        most: Most components.
        rng: Random numbers.
    """
    size, dim = x.shape
    mine = rng.permutation(size)
    fitted, left_out = x[mine[: size // 2]], mine[size // 2 :]
    best, spread, chosen = None, np.inf, 1
    for count in (1, 4, 16, 64, 256):
        if count > most or count * 2 * dim > len(fitted):
            break
        mixture = _grown(fitted, count, rng)
        ratio = log_p[left_out] - mixture.log_density(x[left_out])
        variance = float(np.minimum(ratio - np.median(ratio), 5.0).var())
        if variance < spread:
            best, spread, chosen = mixture, variance, count
        if variance < _EVEN:
            break
    return _grown(x, chosen, rng) if best is not None else _grown(x, 1, rng)


def _grown(x: np.ndarray, count: int, rng: np.random.Generator) -> StudentMixture:
    """A mixture of `count` components fitted to points (S, D)."""
    weight = np.full(len(x), 1 / len(x))
    mixture = _start(x, count, rng)
    for _ in range(_EM_STEPS if count > 1 else 3):
        mixture = improve(mixture, x, weight)
    return mixture.weighted(np.maximum(mixture.weights, 0.2 / count))


def _start(x: np.ndarray, count: int, rng: np.random.Generator) -> StudentMixture:
    """Components around well separated members of a cloud (k-means++ seeding)."""
    dim = x.shape[1]
    covariance = np.cov(x.T) + 1e-14 * np.eye(dim) * max(np.var(x, axis=0).max(), 1e-300)
    root = np.linalg.cholesky(covariance)
    if count == 1:
        return StudentMixture(np.ones(1), x.mean(axis=0)[None], root[None] * 0.8, DEGREES)
    z = np.linalg.solve(root, x.T).T
    chosen = [int(rng.integers(len(x)))]
    distance = np.full(len(x), np.inf)
    for _ in range(count - 1):
        distance = np.minimum(distance, ((z - z[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(rng.choice(len(x), p=distance / distance.sum())))
    nearest = np.argmin(((z[:, None] - z[chosen]) ** 2).sum(axis=2), axis=1)
    roots = np.empty((count, dim, dim))
    for k in range(count):
        mine = x[nearest == k]
        local = covariance / count ** (2 / dim)
        if len(mine) > 2 * dim:
            local = np.cov(mine.T) + 1e-3 * local
        roots[k] = np.linalg.cholesky(local)
    share = np.bincount(nearest, minlength=count) + 1.0
    return StudentMixture(share / share.sum(), x[chosen], roots, DEGREES)
