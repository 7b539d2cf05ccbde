"""A model with coordinates of its own, so that a network can learn it: two sources, one detector.

Sources of strength p and q shine on a detector whose response to their difference is off by
exp(0.3 r), r a unit normal; phi is a phase that nothing measures. Measured are

    total = p + q,    asymmetry = (p - q) exp(0.3 r).

The chart's coordinates are the two observables, then r (the network learns it, given these), then
phi (drawn by the chart itself). Run, train and check it with

    pontecorvo train examples/chart_model.py --out net
    pontecorvo run examples/chart_model.py --method network --network net.json --out runs/two
    pontecorvo sample examples/chart_model.py --set total=1.1 --network net.json
"""

from dataclasses import replace

import numpy as np
from scipy.special import ndtr, ndtri

from pontecorvo import GaussianMeasurement, Measured, Model, Normal, Prior, Quantity, Uniform
from pontecorvo.core.window import measured_window


class TwoSources(Model):
    """Parameters (p, q, r, phi) to observables (total, asymmetry)."""

    name = "two-sources"
    parameters = (
        Quantity("p", "p", "1/s", "strength of the first source"),
        Quantity("q", "q", "1/s", "strength of the second source"),
        Quantity("r", "r", "", "response, in standard deviations"),
        Quantity("phi", r"\phi", "rad"),
    )
    observables = (Quantity("total", "T", "1/s"), Quantity("asymmetry", "A", "1/s"))
    prior = Prior([Uniform(0, 1), Uniform(0, 1), Normal(0, 1), Uniform(0, 2 * np.pi, True)])

    def forward(self, theta):
        """Observables (N, 2) of parameters (N, 4)."""
        p, q, r, _ = theta.T
        return np.stack([p + q, (p - q) * np.exp(0.3 * r)], axis=1)

    def conditioned_chart(self, measurement):
        """The observables as coordinates; none where one of them is not measured."""
        measured = {q.name: q for q in measurement.quantities}
        names = TwoSourcesChart.conditions
        if not measured.keys() >= set(names):
            return None
        return TwoSourcesChart(self, [measured_window(measurement, measured[n]) for n in names])

    chart = conditioned_chart


class TwoSourcesChart:
    """Coordinates u (N, 4): total and asymmetry as they are measured, r by its prior, phi."""

    name, dim, conditions = "two-sources", 4, ("total", "asymmetry")
    learned, periodic = slice(2, 3), np.array([False, False, False, True])

    def __init__(self, model, windows):
        self.model, self.windows = model, windows

    def within(self, ranges):
        """The same with the windows cut."""
        return TwoSourcesChart(
            self.model,
            [
                replace(window, low=ranges[name][0], high=ranges[name][1])
                for name, window in zip(self.conditions, self.windows, strict=True)
            ],
        )

    def condition(self, u):
        """Observables (N, 2)."""
        return np.stack([w.value(u[:, i])[0] for i, w in enumerate(self.windows)], axis=1)

    def to_parameters(self, u):
        """Parameters (N, 4) and log[prior abs(dtheta/du)] (N,)."""
        (total, slope), (asymmetry, slope2) = (w.value(u[:, i]) for i, w in enumerate(self.windows))
        r = ndtri(np.clip(u[:, 2], 1e-15, 1 - 1e-15))
        difference = asymmetry * np.exp(-0.3 * r)
        p, q = (total + difference) / 2, (total - difference) / 2
        # d(p, q) / d(total, asymmetry) = exp(-0.3 r) / 2; r and phi are prior quantiles
        log_volume = slope + slope2 - np.log(2) - 0.3 * r
        inside = (p >= 0) & (p <= 1) & (q >= 0) & (q <= 1)
        theta = np.stack([p, q, r, 2 * np.pi * u[:, 3]], axis=1)
        return theta, np.where(inside, log_volume, -np.inf)

    def from_parameters(self, theta):
        """Points (N, 4) of parameters (N, 4)."""
        values = self.model.forward(theta)
        first = [w.coordinate(values[:, i]) for i, w in enumerate(self.windows)]
        return np.stack([*first, ndtr(theta[:, 2]), theta[:, 3] / (2 * np.pi)], axis=1)

    def complete(self, u, rng):
        """Draw phi; its density in the cube is one."""
        u[:, 3] = rng.random(len(u))
        return np.zeros(len(u))

    def mirror(self, u):
        """No symmetry: the points themselves."""
        return u

    def any_copy(self, u, rng):
        """One copy only."""
        return self.to_parameters(u)[0]


model = TwoSources()
measurement = GaussianMeasurement(
    [
        Measured("asymmetry", 0.25, 0.02),  # names decide, not the order
        Measured("total", 0.9, 0.03),
    ],
    source="made up",
)
