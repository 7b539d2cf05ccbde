"""Simulation-based inference: posteriors from simulations, checked by the likelihood where known.

* `sample_network`: draws of an amortised network, weighted by the exact likelihood;
  `posterior_examples`: exact draws that it learns from;
* `truncated_posterior`: truncated rounds (TSNPE, TSNPSE) of a flow for any target or `Simulation`;
  `run_rounds` is the same for an estimator of your own, `FlowEstimator` the one by flows;
* `SnpeC`: SNPE-C of the package sbi (an extra) on the unit cube.

Shapes: parameters (N, P), points of the prior's unit cube (N, D), data (N, K).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .amortised import NetworkOptions, sample_network
    from .flow_estimator import FlowEstimator
    from .rounds import RoundRecord, Rounds, RoundSettings, run_rounds
    from .simulation import SimulatedTarget, Simulation, simulation_of
    from .snpe_c import SnpeC, SnpeSettings, require_sbi
    from .training_draws import posterior_examples
    from .truncated_sampling import TruncatedOptions, train_rounds, truncated_posterior
    from .truncation import CubeProblem, Estimator, Region
else:
    from ..base.lazy_names import lazy_names

    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "amortised": ("NetworkOptions", "sample_network"),
            "training_draws": ("posterior_examples",),
            "simulation": ("SimulatedTarget", "Simulation", "simulation_of"),
            "truncated_sampling": ("TruncatedOptions", "train_rounds", "truncated_posterior"),
            "truncation": ("CubeProblem", "Estimator", "Region"),
            "rounds": ("RoundRecord", "RoundSettings", "Rounds", "run_rounds"),
            "flow_estimator": ("FlowEstimator",),
            "snpe_c": ("SnpeC", "SnpeSettings", "require_sbi"),
        },
    )

__all__ = [
    "CubeProblem",
    "Estimator",
    "FlowEstimator",
    "NetworkOptions",
    "Region",
    "RoundRecord",
    "RoundSettings",
    "Rounds",
    "SimulatedTarget",
    "Simulation",
    "SnpeC",
    "SnpeSettings",
    "TruncatedOptions",
    "posterior_examples",
    "require_sbi",
    "run_rounds",
    "sample_network",
    "simulation_of",
    "train_rounds",
    "truncated_posterior",
]
