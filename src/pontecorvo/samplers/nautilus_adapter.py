"""nautilus on any target: importance nested sampling boosted by neural networks.

J. Lange, MNRAS 525 (2023) 3181, arXiv:2306.16923; the package `nautilus-sampler`. An independent
reference for draws and evidence. It works in a chart's unit cube with volume * likelihood as its
likelihood, so that its evidence is the target's.
"""

import warnings
from pathlib import Path

import numpy as np

from ..base.errors import InputError
from ..base.parallel import thread_count
from ..base.progress import progress
from ..base.seeds import stream
from ..core.chart import Chart
from ..core.draws import Draws, systematic_resample, weights_from_logs
from ..core.target import LikelihoodTarget
from .mcmc import evaluate
from .spread_rows import spread_rows

_NOTHING = -1e100  # nautilus wants finite numbers


MOST_CALLS = 20_000_000
MOST_SECONDS = 6 * 3600.0
_LOOKED = 1 << 17  # points at which the likelihood is looked at before


def _check_it_ranks(target: LikelihoodTarget, chart: Chart, seed: int) -> None:
    """See that the likelihood differs from point to point.

    Raises:
        InputError: If it is zero, or one value, wherever it was looked at.
    """
    u = stream(seed, "nautilus", "look").random((_LOOKED, chart.dim))
    value = evaluate(target, chart, u).log_density
    value = value[np.isfinite(value)]
    if not len(value):
        raise InputError(
            f"nautilus: none of {_LOOKED} points of the chart has any posterior weight; use a "
            "chart, or --method exact or smc"
        )
    if len(value) > 1 and np.ptp(value) < 1e-9 * max(1.0, float(np.abs(value).max())):
        raise InputError(
            "nautilus: the likelihood is flat where it is not zero, so that its points cannot be "
            "ranked; use --method exact or smc"
        )


def sample_nautilus(
    target: LikelihoodTarget,
    draws: int,
    seed: int = 0,
    folder: Path | None = None,
    live: int = 3000,
    n_eff: int | None = None,
    networks: int = 4,
    chart: Chart | None = None,
    batch: int | None = None,
    most_calls: int = MOST_CALLS,
    most_seconds: float = MOST_SECONDS,
) -> Draws:
    """Draw from the posterior with nautilus.

    Args:
        target: Model and measurement.
        draws: Number of draws, resampled from nautilus' weighted points.
        seed: Seed of everything.
        folder: Where nautilus keeps its checkpoint (HDF5), so that a killed run resumes.
        live: Live points.
        n_eff: Effective sample size to reach; by default at least `draws`.
        networks: Neural networks that guide each bound; 0 leaves bounds to ellipsoids, which in few
            dimensions and with a fast likelihood spares nearly all of the time.
        chart: Coordinates, by default the target's own.
        batch: Points whose likelihood is computed at once; by default nautilus' own 100.
        most_calls: Points at which the likelihood is computed, about, at most.
        most_seconds: Time that it may take, about; then what there is is given, not converged.

    Returns:
        Equally weighted draws and log-evidence. The error is nautilus' own estimate,
        1 / sqrt(effective sample size), a lower bound.

    Raises:
        InputError: If the likelihood has no weight where it was looked for, or is flat there:
            nested sampling ranks points by their likelihood, and would never end.
    """
    from nautilus import Sampler
    from threadpoolctl import threadpool_limits

    chart = chart or target.chart
    _check_it_ranks(target, chart, seed)
    path = None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        path = str(folder / "nautilus.hdf5")

    def log_likelihood(u: np.ndarray) -> np.ndarray:
        value = evaluate(target, chart, np.atleast_2d(u)).log_density
        return np.where(np.isfinite(value), value, _NOTHING)

    probe = stream(seed, "nautilus", "probe").random((64, chart.dim))
    asked = spread_rows(log_likelihood, probe)

    with threadpool_limits(thread_count()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's networks stop early on purpose

        def build() -> Sampler:
            return Sampler(
                lambda u: u,
                asked,
                n_dim=chart.dim,
                n_live=live,
                n_networks=networks,
                n_batch=batch,
                vectorized=True,
                pass_dict=False,
                periodic=np.flatnonzero(chart.periodic),
                seed=seed % 2**32,
                filepath=path,
                resume=True,
            )

        try:
            sampler = build()
        except (OSError, KeyError):
            # nautilus writes its file in place: one that was killed then cannot be read, so anew
            if path is None:
                raise
            Path(path).unlink()
            sampler = build()
        with progress("nautilus"):
            finished = sampler.run(
                n_eff=n_eff or draws,
                n_like_max=most_calls,
                discard_exploration=True,
                timeout=most_seconds,
                verbose=False,
            )
        points, log_weight, _ = sampler.posterior()
    if not len(log_weight) or not np.isfinite(log_weight).any() or sampler.log_z < 0.5 * _NOTHING:
        raise InputError(
            f"nautilus: no point with any posterior weight in {int(sampler.n_like)} calls of the "
            "likelihood; use --method exact or smc"
        )
    weight = weights_from_logs(log_weight)
    index = systematic_resample(weight, draws, stream(seed, "nautilus", "resample"))
    theta, _ = chart.to_parameters(points[index])
    ess = float(sampler.n_eff)
    return Draws(
        theta=theta,
        log_weight=np.zeros(draws),
        log_prior=target.log_prior(theta),
        log_likelihood=target.log_likelihood(theta),
        log_evidence=float(sampler.log_z),
        log_evidence_error=float(1 / np.sqrt(ess)),
        raw_acceptance=float(ess / sampler.n_like),
        ess=min(ess, float(draws)),
        converged=bool(finished),
        method="nautilus",
        notes={
            "chart": chart.name,
            "likelihood_calls": int(sampler.n_like),
            "effective_sample_size": ess,
            "live_points": live,
        },
    )
