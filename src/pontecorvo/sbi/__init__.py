"""Simulation-based inference: posteriors from simulations, checked by the likelihood where known.

* `sample_network`: draws of an amortised network, weighted by the exact likelihood;
  `posterior_examples`: exact draws that it learns from;
* `truncated_posterior`: truncated rounds (TSNPE, TSNPSE) of a flow for any target or `Simulation`;
  `run_rounds` is the same for an estimator of your own, `FlowEstimator` the one by flows;
* `SnpeC`: SNPE-C of the package sbi (an extra) on the unit cube.

Shapes: parameters (N, P), points of the prior's unit cube (N, D), data (N, K).
"""

from ..base.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
