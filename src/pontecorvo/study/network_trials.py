"""Simulated measurements with known truth, and a network's answer to each.

Truths are draws of the prior inside the network's range, shrunk by the reach of the errors; each is
measured with the study's errors, and the network is asked. The windows of the observables are cut
at the shrunk range: outside the truths' prior is zero, and calibration is about one prior.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..base.files import cached_arrays
from ..base.progress import progress
from ..base.seeds import stream
from ..data.measurement import GaussianMeasurement, Measured
from ..diagnostics.trials import Trials
from ..inference.amortised import NetworkOptions, conditioned_chart
from ..inference.training_draws import posterior_examples
from ..models.base import Target
from ..models.casas_ibarra_folding import FoldedChart
from ..models.seesaw import Seesaw
from .networks import load_network
from .settings import SeesawSettings

REACH = 6.2  # sigma: three between truth and measurement, three from there to the range's end
_BLOCK = 50  # data sets answered together
_NAMES = (
    *("log10_M1", "log10_M2", "log10_M3", "delta_cp", "alpha21", "alpha31"),
    *("log10_m_lightest", "m_ee", "sin2_theta23", "dm2_21"),
)
_PERIODIC = np.array([name in ("delta_cp", "alpha21", "alpha31") for name in _NAMES])


def checked_quantities(model: Seesaw, theta: np.ndarray) -> np.ndarray:
    """What is ranked (N, 10): heavy masses, phases, the lightest mass, m_ee, two observables."""
    predictions = model.predict(theta)
    lightest = predictions["m1" if model.ordering == "no" else "m3"]
    columns = [theta[:, 18], theta[:, 19], theta[:, 20]]
    columns += [predictions[name] for name in ("delta_cp", "alpha21", "alpha31")]
    columns += [np.log10(lightest)]
    columns += [predictions[name] for name in ("m_ee", "sin2_theta23", "dm2_21")]
    return np.stack(columns, axis=1)


def _narrow_range(
    settings: SeesawSettings, measurement: GaussianMeasurement, ranges: dict
) -> Target:
    """The prior inside the shrunk range."""
    model = settings.build().model
    assert isinstance(model, Seesaw)
    quantities = []
    for now in measurement.quantities:
        low, high = ranges[now.name]
        reach = min(REACH * now.sigma, 0.45 * (high - low))
        low, high = low + reach, high - reach
        spread = (high - low) / 6
        quantities.append(Measured(now.name, (low + high) / 2, spread, spread, low, high))
    return Target(model, GaussianMeasurement(quantities, "box", source="range of the truths"))


def network_trials(
    settings: SeesawSettings,
    simulations: int,
    draws: int,
    seed: int,
    folder: Path | None = None,
    guidance: float = 1.0,
) -> Trials:
    """Measure `simulations` truths, and draw `draws` posterior points for each from the network.

    Args:
        settings: The study; its measurement gives the errors.
        simulations: Number of data sets S.
        draws: Draws for each, N.
        seed: Seed of everything.
        folder: Where finished blocks are kept, so that a killed run resumes; None keeps nothing.
        guidance: Guidance scale of the network.

    Returns:
        Trials with importance weights and log densities; ``data`` are the measured values (S, 5).
    """
    target = settings.build()
    assert isinstance(target.model, Seesaw)
    flow = load_network(target.model, settings.network.file)
    measurement = settings.build_measurement()
    narrow = _narrow_range(settings, measurement, flow.conditions.range)
    chart = conditioned_chart(narrow)
    truths = posterior_examples(
        narrow,
        chart,
        simulations,
        seed,
        folder,
        chains=max(simulations, 256),
        proposals=settings.sampler.proposals,
        burn=400,
    )[:simulations]
    values = chart.condition(truths)
    sigma = np.array([q.sigma for q in measurement.quantities])
    # a measurement beyond three sigma is drawn again: the network's range has its end there
    noise = stream(seed, "noise").standard_normal((simulations, 60, len(sigma)))
    good = np.argmax(np.abs(noise) < 3, axis=1)
    noise = np.take_along_axis(noise, good[:, None], axis=1)[:, 0]
    data = values + sigma * noise
    theta, _ = chart.to_parameters(truths)
    options = NetworkOptions(guidance=guidance)
    ends = np.array([(q.low, q.high) for q in narrow.measurement.quantities])  # type: ignore[attr-defined]

    def answer(first: int) -> dict[str, np.ndarray]:
        rows = range(first, min(first + _BLOCK, simulations))
        targets = [_measured(target, measurement, data[i]) for i in rows]
        charts = [conditioned_chart(one) for one in targets]
        for folded in charts:
            assert isinstance(folded, FoldedChart)
            folded.chart.windows = tuple(
                replace(window, low=low, high=high)
                for window, (low, high) in zip(folded.chart.windows, ends, strict=True)
            )
        rng = stream(seed, "answers", first)
        u = rng.random((len(rows), draws, chart.dim))
        x = np.stack([c.condition(part) for c, part in zip(charts, u, strict=True)])
        limits = np.array([flow.conditions.range[name] for name in chart.conditions])
        drawn = flow.sample(
            np.clip(x, limits[:, 0], limits[:, 1]).reshape(-1, x.shape[2]),
            len(rows) * draws,
            int(rng.integers(2**63)),
            with_density=True,
            guidance=options.guidance,
            nodes=options.nodes,
            derivatives=options.derivatives,
            check=0,
        )
        assert drawn.log_density is not None
        learned = drawn.u.reshape(len(rows), draws, -1)
        log_q = drawn.log_density.reshape(len(rows), draws)
        points = np.empty((len(rows), draws, len(_NAMES)))
        log_weights = np.empty((len(rows), draws))
        log_density = np.empty((len(rows), draws))
        own_density = np.empty(len(rows))
        for k, (one, own, i) in enumerate(zip(targets, charts, rows, strict=True)):
            u[k][:, own.learned] = np.clip(learned[k], 0, np.nextafter(1.0, 0.0))
            rest = own.complete(u[k], rng)
            parameters, _ = own.to_parameters(u[k])
            density = one.log_posterior_in(own, u[k])
            density[~np.isfinite(rest)] = -np.inf
            alive = np.isfinite(density)
            weight = np.where(alive, density - log_q[k], -np.inf)
            weight[alive] -= rest[alive]
            points[k] = 0.0
            points[k][alive] = checked_quantities(target.model, parameters[alive])  # type: ignore[arg-type]
            log_weights[k], log_density[k] = weight, density
            there = own.from_parameters(theta[i : i + 1])
            own_density[k] = one.log_posterior_in(own, there)[0]
        return {
            "points": points,
            "log_weights": log_weights,
            "log_density": log_density,
            "own_density": own_density,
        }

    parts = []
    starts = range(0, simulations, _BLOCK)
    with progress("ask the network", len(starts)) as advance:
        for first in starts:
            if folder is None:
                part = answer(first)
            else:
                name = f"answers-{simulations}-{draws}-{guidance:g}-{first:06d}.npz"
                part = cached_arrays(folder / name, lambda first=first: answer(first))  # type: ignore[misc]
            parts.append(part)
            advance()
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Trials(
        truth=checked_quantities(target.model, theta),
        draws=whole["points"],
        log_weights=whole["log_weights"],
        log_density=whole["log_density"],
        truth_log_density=whole["own_density"],
        data=data,
        names=_NAMES,
        periodic=_PERIODIC,
        period=2 * np.pi,
    )


def _measured(target: Target, like: GaussianMeasurement, values: np.ndarray) -> Target:
    """The target with Gaussian errors like those of a measurement, at other values."""
    quantities = [
        Measured(q.name, float(v), q.sigma, q.sigma, float(v) - 3 * q.sigma, float(v) + 3 * q.sigma)
        for q, v in zip(like.quantities, values, strict=True)
    ]
    return Target(target.model, GaussianMeasurement(quantities, "gaussian", source="simulated"))
