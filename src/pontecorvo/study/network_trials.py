"""Simulated measurements with known truth, and a network's answer to each.

Truths are draws of the prior inside the network's range, shrunk by the reach of the errors; each is
measured with the study's errors, and the network is asked. The windows of the observables are cut
at the shrunk range: outside the truths' prior is zero, and calibration is about one prior.
"""

from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base.files import cached_arrays
from ..base.progress import progress
from ..base.seeds import stream
from ..core.measurement import GaussianMeasurement, Measured
from ..core.target import Target
from ..diagnostics.calibration import Answers, Observed, usable
from ..diagnostics.calibration_set import Trials
from ..problems.seesaw.casas_ibarra_folding import FoldedChart
from ..problems.seesaw.model import Seesaw
from ..problems.seesaw.settings import SeesawSettings
from ..sbi.amortised import NetworkOptions, conditioned_chart
from ..sbi.training_draws import posterior_examples
from .networks import load_network

if TYPE_CHECKING:
    from ..flows.conditional_flow import ConditionalFlow

REACH = 6.2  # sigma: three between truth and measurement, three from there to the range's end
_BLOCK = 50  # data sets answered together
OBSERVED_DRAWS = 1000
NODES = 8
"""Of the divergence's quadrature: its error, 0.01 in log-density in the median, is far below the
spread of the weights."""
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


@dataclass(frozen=True)
class Asked:
    """A study's network, and the prior of the truths it is asked about.

    Attributes:
        settings: The study; its measurement gives the errors.
        guidance: Guidance scale of the network.
    """

    settings: SeesawSettings
    guidance: float = 1.0

    @cached_property
    def target(self) -> Target:
        """The study's posterior."""
        return self.settings.build()

    @cached_property
    def model(self) -> Seesaw:
        """Its model."""
        assert isinstance(self.target.model, Seesaw)
        return self.target.model

    @cached_property
    def measurement(self) -> GaussianMeasurement:
        """Its measurement."""
        return self.settings.build_measurement()

    @cached_property
    def flow(self) -> "ConditionalFlow":
        """The network."""
        return load_network(self.model, self.settings.network.file)

    @cached_property
    def narrow(self) -> Target:
        """The prior inside the network's range, shrunk by the errors' reach."""
        return _narrow_range(self.settings, self.measurement, self.flow.conditions.range)

    @cached_property
    def ends(self) -> np.ndarray:
        """Lowest and highest true value (5, 2) of each observable."""
        return np.array([(q.low, q.high) for q in self.narrow.measurement.quantities])  # type: ignore[attr-defined]

    def answer(
        self, data: np.ndarray, draws: int, rng: np.random.Generator, truth: np.ndarray | None
    ) -> dict[str, np.ndarray]:
        """Draws of the checked quantities (S, N, 10) at measured values (S, 5), with weights.

        Args:
            data: Measured values.
            draws: Draws for each, N.
            rng: Random numbers.
            truth: Parameters (S, 23) whose density is wanted too, or None.
        """
        targets = [_measured(self.target, self.measurement, values) for values in data]
        charts = [conditioned_chart(one) for one in targets]
        for folded in charts:
            assert isinstance(folded, FoldedChart)
            folded.chart.windows = tuple(
                replace(window, low=low, high=high)
                for window, (low, high) in zip(folded.chart.windows, self.ends, strict=True)
            )
        chart = charts[0]
        u = rng.random((len(data), draws, chart.dim))
        x = np.stack([c.condition(part) for c, part in zip(charts, u, strict=True)])
        limits = np.array([self.flow.conditions.range[name] for name in chart.conditions])
        options = NetworkOptions(guidance=self.guidance)
        drawn = self.flow.sample(
            np.clip(x, limits[:, 0], limits[:, 1]).reshape(-1, x.shape[2]),
            len(data) * draws,
            int(rng.integers(2**63)),
            with_density=True,
            guidance=options.guidance,
            nodes=NODES,
            derivatives=options.derivatives,
            check=0,
        )
        assert drawn.log_density is not None
        learned = drawn.u.reshape(len(data), draws, -1)
        log_q = drawn.log_density.reshape(len(data), draws)
        points = np.zeros((len(data), draws, len(_NAMES)))
        log_weights, log_density = np.empty((2, len(data), draws))
        own_density = np.zeros(len(data))
        for k, (one, own) in enumerate(zip(targets, charts, strict=True)):
            u[k][:, own.learned] = np.clip(learned[k], 0, np.nextafter(1.0, 0.0))
            rest = own.complete(u[k], rng)
            parameters, _ = own.to_parameters(u[k])
            density = one.log_posterior_in(own, u[k])
            density[~np.isfinite(rest)] = -np.inf
            alive = np.isfinite(density)
            weight = np.where(alive, density - log_q[k], -np.inf)
            weight[alive] -= rest[alive]
            points[k][alive] = checked_quantities(self.model, parameters[alive])
            log_weights[k], log_density[k] = weight, density
            if truth is not None:
                there = own.from_parameters(truth[k : k + 1])
                own_density[k] = one.log_posterior_in(own, there)[0]
        return {
            "points": points,
            "log_weights": log_weights,
            "log_density": log_density,
            "own_density": own_density,
        }


def seesaw_answers(
    settings: SeesawSettings,
    simulations: int,
    draws: int,
    seed: int,
    folder: Path | None = None,
    guidance: float = 1.0,
) -> Answers:
    """Measure `simulations` truths, and draw `draws` posterior points for each from the network.

    Args:
        settings: The study; its measurement gives the errors.
        simulations: Number of data sets S.
        draws: Draws for each, N.
        seed: Seed of everything.
        folder: Where finished blocks are kept, so that a killed run resumes; None keeps nothing.
        guidance: Guidance scale of the network.

    Returns:
        Trials with importance weights and log densities, and the network's answer at the study's
        own measurement where it lies among the truths; ``data`` are the measured values (S, 5).
    """
    asked = Asked(settings, guidance)
    chart = conditioned_chart(asked.narrow)
    truths = posterior_examples(
        asked.narrow,
        chart,
        simulations,
        seed,
        folder,
        chains=max(simulations, 256),
        proposals=settings.sampler.proposals,
        burn=400,
    )[:simulations]
    sigma = np.array([q.sigma for q in asked.measurement.quantities])
    # a measurement beyond three sigma is drawn again: the network's range has its end there
    noise = stream(seed, "noise").standard_normal((simulations, 60, len(sigma)))
    good = np.argmax(np.abs(noise) < 3, axis=1)
    noise = np.take_along_axis(noise, good[:, None], axis=1)[:, 0]
    data = chart.condition(truths) + sigma * noise
    theta, _ = chart.to_parameters(truths)

    def block(first: int) -> dict[str, np.ndarray]:
        rows = slice(first, min(first + _BLOCK, simulations))
        return asked.answer(data[rows], draws, stream(seed, "answers", first), theta[rows])

    here = np.array([[q.central for q in asked.measurement.quantities]])
    among = bool(np.all((here[0] > asked.ends[:, 0]) & (here[0] < asked.ends[:, 1])))
    parts, observed = [], None
    starts = range(0, simulations, _BLOCK)
    with progress("ask the network", len(starts) + among) as advance:
        for first in starts:
            path = folder and folder / f"answers-{first:06d}.npz"
            parts.append(cached_arrays(path, partial(block, first)))
            advance()
        if among:
            ask = partial(asked.answer, here, OBSERVED_DRAWS, stream(seed, "measured"), None)
            found = cached_arrays(folder and folder / "measured.npz", ask)
            observed = Observed(here[0], found["points"][0], found["log_weights"][0])
            advance()
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    use = usable(whole["log_weights"])
    trials = Trials(
        truth=checked_quantities(asked.model, theta[use]),
        draws=whole["points"][use],
        log_weights=whole["log_weights"][use],
        log_density=whole["log_density"][use],
        truth_log_density=whole["own_density"][use],
        data=data[use],
        names=_NAMES,
        periodic=_PERIODIC,
        period=2 * np.pi,
    )
    names = [q.name for q in asked.measurement.quantities]
    slices = {f"measured {name}": data[use, k] for k, name in enumerate(names)}
    return Answers(trials, trials.unweighted(), slices, observed, int((~use).sum()))


def _measured(target: Target, like: GaussianMeasurement, values: np.ndarray) -> Target:
    """The target with Gaussian errors like those of a measurement, at other values."""
    quantities = [
        Measured(q.name, float(v), q.sigma, q.sigma, float(v) - 3 * q.sigma, float(v) + 3 * q.sigma)
        for q, v in zip(like.quantities, values, strict=True)
    ]
    return Target(target.model, GaussianMeasurement(quantities, "gaussian", source="simulated"))
