r"""Draws of a network, carried to another measurement without asking the network again.

A draw is a point u = (observed, learned, rest) of a `core.chart.ConditionedChart`'s cube. Which
observables the first coordinates stand for is the measurement's affair; the cube is the same for
all. So the first coordinates, uniform, and the learned ones, of density q_network(learned |
observables when they were drawn), are draws in the cube of *any* measurement's chart; the chart
draws the rest anew. Their density there is known exactly,

    q(u) = q_network(learned | the old observables) * q_chart(rest | the new observables, learned),

and so are the weights. What is lost is that the network was asked about the old observables, not
the new ones: it costs effective draws, which are counted, never correctness. Time: one call of the
chart and of the forward map, a hundredth of the network's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..base.errors import InputError
from ..base.seeds import stream
from ..core.draws import Draws
from ..core.target import LikelihoodTarget
from .amortised import Proposals, conditioned_chart, weighted_draws


@dataclass(frozen=True)
class Carried:
    """What a network gave at one measurement, to be used at others.

    Attributes:
        u: Points (N, D) of the chart's cube.
        log_q_learned: Log-density (N,) of their learned coordinates when they were drawn.
        conditions: Names of the observables that the chart's first coordinates stand for.
        notes: Of the network.
    """

    u: np.ndarray
    log_q_learned: np.ndarray
    conditions: tuple[str, ...]
    notes: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.u)

    @classmethod
    def of(cls, parts: Sequence[Proposals], conditions: tuple[str, ...]) -> "Carried":
        """Proposals that were drawn with their density.

        Raises:
            InputError: If they were drawn without.
        """
        densities = [part.log_q_learned for part in parts]
        known = [density for density in densities if density is not None]
        if len(known) < len(densities) or not known:
            raise InputError("carried draws: draw them from the network with their density")
        u = np.concatenate([part.u for part in parts])
        return cls(u, np.concatenate(known), conditions, dict(parts[0].notes))

    def draws(self, target: LikelihoodTarget, seed: int = 0) -> Draws:
        """Weighted draws of the posterior of another measurement of the same observables.

        Args:
            target: Model and measurement.
            seed: Of what the chart draws itself.

        Raises:
            InputError: If the measurement's chart is another, or no draw lies in the prior.
        """
        chart = conditioned_chart(target)
        if chart.conditions != self.conditions or chart.dim != self.u.shape[1]:
            raise InputError(
                f"carried draws: were drawn given {', '.join(self.conditions)}, not "
                f"{', '.join(chart.conditions)}"
            )
        rng = stream(seed, "network", "carried")
        u = self.u.copy()
        rest = chart.complete(u, rng)
        theta, log_volume = chart.to_parameters(u)
        log_volume[~np.isfinite(rest)] = -np.inf
        inside = np.isfinite(log_volume)
        if not inside.any():
            raise InputError("network: none of its draws lies in the prior's support there")
        theta[inside] = chart.any_copy(u[inside], rng)
        log_likelihood = np.full(len(u), -np.inf)
        accepted = np.zeros(len(u), dtype=bool)
        log_likelihood[inside] = target.log_likelihood(theta[inside])
        accepted[inside] = target.within_three_sigma(theta[inside])
        if not np.isfinite(log_likelihood).any():
            raise InputError("network: none of its draws has any likelihood there")
        every = {
            "theta": theta,
            "log_volume": log_volume,
            "log_q": self.log_q_learned + np.where(np.isfinite(rest), rest, 0.0),
            "log_likelihood": log_likelihood,
            "accepted": accepted,
        }
        return weighted_draws(target, every, self.notes | {"chart": chart.name, "carried": True})
