"""Targets: the posterior that is wanted. All that samplers, networks, checks and reports know."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..base.errors import InputError, brief, suggest
from .chart import Chart, UnitCubeChart
from .measurement import Measurement
from .model import Model


class LikelihoodTarget(ABC):
    """A model and a likelihood of its parameters.

    posterior(theta) = prior(theta) * likelihood(theta) / evidence.

    Subclass it where the likelihood is no function of the model's observables, such as one with
    nuisances integrated out; where it is one, use `Target`.
    """

    model: Model
    measurement: Measurement | None = None
    """What was measured, where the likelihood is a measurement of the observables."""

    @abstractmethod
    def log_likelihood(self, theta: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) at parameters (N, P); -inf where the model has no answer."""

    @abstractmethod
    def within_three_sigma(self, theta: np.ndarray) -> np.ndarray:
        """Which parameters (N,) agree with all that was measured, within 3 sigma each."""

    def log_prior(self, theta: np.ndarray) -> np.ndarray:
        """Normalised log prior (N,) at parameters (N, P)."""
        return self.model.prior.log_density(theta)

    @cached_property
    def raw_chart(self) -> UnitCubeChart:
        """The raw parameters on the unit cube."""
        return UnitCubeChart(self.model.prior)

    @cached_property
    def chart(self) -> Chart:
        """The model's own chart, or the raw parameters where it declares none."""
        return self.raw_chart

    def log_posterior_in(self, chart: Chart, u: np.ndarray) -> np.ndarray:
        """Log of the unnormalised posterior density (N,) in the chart's cube at points (N, D).

        Its integral over the cube is the evidence.
        """
        theta, log_volume = chart.to_parameters(u)
        inside = np.isfinite(log_volume)
        if inside.any():
            log_volume[inside] += self.log_likelihood(theta[inside])
        return log_volume

    def evidence_notes(self, log_evidence: float) -> dict[str, float]:
        """What the evidence means beside a model without the effect; empty without such a model."""
        return {}

    def describe_likelihood(self) -> dict[str, Any]:
        """The likelihood as plain JSON types."""
        return {}

    def describe(self) -> dict[str, Any]:
        """Model and likelihood as plain JSON types."""
        return {"model": self.model.describe(), "measurement": self.describe_likelihood()}


@dataclass(frozen=True)
class Target(LikelihoodTarget):
    """A model and a measurement of its observables."""

    model: Model
    measurement: Measurement

    def __post_init__(self) -> None:
        self._columns  # noqa: B018  # refuse what cannot be matched before anything is drawn

    @cached_property
    def _columns(self) -> np.ndarray | None:
        """Columns of the forward map in the order of what was measured; None where it is theirs.

        A measurement that names its quantities is matched by name; one without names is taken to
        be of all observables in their order.
        """
        names = getattr(self.measurement, "names", None)
        if names is None:
            return None
        known = [quantity.name for quantity in self.model.observables]
        for name in names:
            if name not in known:
                raise InputError(
                    f"measurement of {brief(name)}: the model {self.model.name!r} has no such "
                    f"observable; {suggest(name, known)}"
                )
        columns = np.array([known.index(name) for name in names])
        return None if np.array_equal(columns, np.arange(len(known))) else columns

    def of_measured(self, observables: np.ndarray) -> np.ndarray:
        """Columns (N, M) of observables (N, K) that were measured, in the measurement's order."""
        return observables if self._columns is None else observables[:, self._columns]

    def log_likelihood(self, theta: np.ndarray) -> np.ndarray:
        """Log-likelihood (N,) at parameters (N, P); -inf where the forward map has no answer."""
        return self.measurement.log_likelihood(self.of_measured(self.model.forward(theta)))

    def within_three_sigma(self, theta: np.ndarray) -> np.ndarray:
        """Which parameters (N,) give observables inside every 3 sigma range."""
        return self.measurement.within_three_sigma(self.of_measured(self.model.forward(theta)))

    @cached_property
    def chart(self) -> Chart:
        """The model's own chart, or the raw parameters where it declares none."""
        return self.model.chart(self.measurement) or self.raw_chart

    def describe_likelihood(self) -> dict[str, Any]:
        """The measurement as plain JSON types."""
        return self.measurement.describe()
