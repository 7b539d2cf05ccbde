r"""Evidence by a change of variables, where there are as many data as parameters.

With residuals r(u) in standard errors, in the cube where the prior is uniform,

.. math:: Z = |\Sigma|^{-1/2} \int du\, \phi(r(u)) = |\Sigma|^{-1/2}\;
    \mathrm E_{z \sim N(0, 1)} \sum_{u:\, r(u) = z} \frac{1}{|\det \partial r/\partial u|}

with phi the normal density: data are drawn, and all parameters that give exactly these data are
found and summed. Roots are sought anew for many z by least squares from random starts; what any
of them found is then followed to every z by Newton's steps. No mixture, no chain, no temperature:
an independent check of `modes`. Near folds, where two roots meet, the terms are large but their
mean is finite. It finds too little where roots are missed, never too much.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pontecorvo.base.errors import InputError
from pontecorvo.base.files import cached_arrays
from pontecorvo.base.parallel import map_threads, one_blas_thread
from pontecorvo.base.progress import progress
from pontecorvo.base.seeds import stream
from pontecorvo.core.chart import Chart
from pontecorvo.core.draws import Draws, systematic_resample, weights_from_logs
from pontecorvo.core.target import Target
from pontecorvo.samplers.levenberg import Residuals, jacobian, minimise
from pontecorvo.samplers.mode_seeds import residual_function

_SOLVED = 1e-6  # of a standard error: a point that gives the data
_SAME = 1e-7  # distance in the cube of two roots that are one
_STEPS = 40
_LONGEST = 0.03  # Newton step, of a side of the cube


@dataclass(frozen=True)
class RootSettings:
    """Effort.

    Attributes:
        searches: Data sets for which roots are sought from random starts.
        starts: Random starts of each search.
        data_sets: Data sets that are averaged over.
        seeds: Most roots that are followed to every data set.
    """

    searches: int = 40
    starts: int = 1_000
    data_sets: int = 2_000
    seeds: int = 400


def sample_by_roots(
    target: Target,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    settings: RootSettings | None = None,
    chart: Chart | None = None,
) -> Draws:
    """Evidence and draws by solving for the parameters; see the module's text.

    Args:
        target: Model and measurement with Gaussian errors, as many data as parameters.
        draws: Number of equally weighted draws.
        seed: Seed of everything.
        folder: Where roots are kept.
        settings: Effort.
        chart: Coordinates without a volume factor, by default the raw parameters.

    Returns:
        Equally weighted draws, resampled from roots; the error of ln Z is the standard error over
        data sets.
    """
    settings = settings or RootSettings()
    chart = chart or target.raw_chart
    residuals = residual_function(target, chart)
    middle = np.full((1, chart.dim), 0.5)
    r = residuals(middle)
    if r.shape[1] != chart.dim:
        raise InputError(
            f"roots: {r.shape[1]} data for {chart.dim} parameters; there must be as many"
        )
    with one_blas_thread():
        start = cached_arrays(
            folder / "roots-seeds.npz" if folder else None,
            lambda: {"u": _search(residuals, chart.dim, settings, seed)},
        )["u"]
        found = cached_arrays(
            folder / "roots.npz" if folder else None,
            lambda: _follow(residuals, start, settings, seed),
        )
    u, which, log_term = found["u"], found["which"], found["log_term"]
    theta, _ = chart.to_parameters(u)
    r = residuals(u)
    constant = target.log_likelihood(theta) + 0.5 * np.einsum("nm,nm->n", r, r)
    shift = float(np.median(constant)) + 0.5 * chart.dim * np.log(2 * np.pi)
    top = log_term.max()
    sums = np.bincount(which, np.exp(log_term - top), settings.data_sets)
    mean = float(sums.mean())
    error = float(sums.std(ddof=1) / np.sqrt(len(sums)) / mean)
    weight = weights_from_logs(log_term)
    index = systematic_resample(weight, draws, stream(seed, "roots", "resample"))
    return Draws(
        theta=theta[index],
        log_weight=np.zeros(draws),
        log_prior=target.log_prior(theta[index]),
        log_likelihood=target.log_likelihood(theta[index]),
        log_evidence=float(np.log(mean) + top + shift),
        log_evidence_error=error,
        raw_acceptance=float(target.within_three_sigma(theta).mean()),
        ess=float(1 / np.sum(weight**2)),
        converged=bool(error < 0.1),
        method="roots",
        notes={
            "chart": chart.name,
            "seeds": len(start),
            "roots": len(u),
            "roots_of_a_data_set": len(u) / settings.data_sets,
            "data_sets_without_a_root": int(np.sum(sums == 0)),
        },
    )


def _search(residuals: Residuals, dim: int, settings: RootSettings, seed: int) -> np.ndarray:
    """Points (K, D) near which roots lie, found from random starts for many data sets."""

    def one(number: int) -> np.ndarray:
        rng = stream(seed, "roots", "search", number)
        z = rng.standard_normal(dim)
        found = minimise(lambda u: residuals(u) - z, rng.random((settings.starts, dim)))
        return found.u[found.chi2 < 4.0]  # a root, or the fold beside one

    found = []
    with progress("seek roots", settings.searches) as advance:
        for points in map_threads(one, range(settings.searches)):
            found.append(points)
            advance(1)
    u = np.concatenate(found)
    if not len(u):
        raise InputError("roots: no start led to the data; are they within the model's reach?")
    # far apart first, so that each root's surroundings have a member
    chosen = [0]
    distance = np.full(len(u), np.inf)
    slope = jacobian(residuals, u, residuals(u))
    metric = np.einsum("nmd,nme->nde", slope, slope) + 12 * np.eye(dim)
    for _ in range(min(settings.seeds, len(u)) - 1):
        offset = u - u[chosen[-1]]
        near = np.einsum("nd,nde,ne->n", offset, metric, offset)
        distance = np.minimum(distance, near)
        if distance.max() < 0.25:  # all others are half a standard error away from one
            break
        chosen.append(int(np.argmax(distance)))
    return u[chosen]


def _follow(
    residuals: Residuals, start: np.ndarray, settings: RootSettings, seed: int
) -> dict[str, np.ndarray]:
    """All roots of all data sets: points, their data set, and log of 1/abs(det dr/du)."""
    dim = start.shape[1]
    z = stream(seed, "roots", "data").standard_normal((settings.data_sets, dim))

    def block(first: int) -> dict[str, np.ndarray]:
        some = np.arange(first, min(first + 10, len(z)))
        which = np.repeat(some, len(start))
        u, solved = _newton(residuals, np.tile(start, (len(some), 1)), z[which])
        u, which = u[solved], which[solved]
        single = np.concatenate([_single(u, which, int(k)) for k in some])
        u, which = u[single], which[single]
        if not len(u):
            return {"u": u, "which": which, "log_term": np.empty(0)}
        determinant = np.linalg.slogdet(jacobian(residuals, u, residuals(u)))[1]
        return {"u": u, "which": which, "log_term": -determinant}

    parts = []
    with progress("follow roots", len(z)) as advance:
        for part in map_threads(block, range(0, len(z), 10)):
            parts.append(part)
            advance(10)
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _single(u: np.ndarray, which: np.ndarray, number: int) -> np.ndarray:
    """Indices of the distinct roots of one data set."""
    mine = np.flatnonzero(which == number)
    kept: list[int] = []
    for i in mine:
        if not kept or np.abs(u[kept] - u[i]).max(axis=1).min() > _SAME:
            kept.append(int(i))
    return np.array(kept, int)


def _newton(residuals: Residuals, u: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points that solve r(u) = z as far as steps led, and which (N,) do; each row has its z."""
    u = u.copy()
    gap = residuals(u) - z
    size = np.einsum("nm,nm->n", gap, gap)
    active = np.flatnonzero(np.isfinite(size))
    shrink = np.ones(len(u))
    for _ in range(_STEPS):
        active = active[(size[active] > _SOLVED**2) & (shrink[active] > 1e-3)]
        if not len(active):
            break
        slope = jacobian(residuals, u[active], gap[active] + z[active])
        fine = np.isfinite(slope).all(axis=(1, 2))
        active, slope = active[fine], slope[fine]
        matrix = np.einsum("nmd,nme->nde", slope, slope)
        trace = np.einsum("ndd->n", matrix)
        matrix[:, np.arange(u.shape[1]), np.arange(u.shape[1])] += 1e-13 * trace[:, None]
        step = -np.linalg.solve(matrix, np.einsum("nmd,nm->nd", slope, gap[active])[:, :, None])
        step = step[:, :, 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        step *= np.minimum(1, _LONGEST / np.maximum(longest, 1e-300)) * shrink[active, None]
        new = np.clip(u[active] + step, 0, 1)
        new_gap = residuals(new) - z[active]
        new_size = np.einsum("nm,nm->n", new_gap, new_gap)
        better = new_size < size[active]
        good = active[better]
        u[good], gap[good], size[good] = new[better], new_gap[better], new_size[better]
        shrink[active] = np.where(better, np.minimum(2 * shrink[active], 1), 0.3 * shrink[active])
    return u, size <= _SOLVED**2
