"""Posteriors that can be trusted for neutrino models.

* A model of your own: `Model`, `Quantity`, `Prior` (`Uniform`, `Normal`, `SignedLogUniform`),
  `Symmetry`, `Chart` and `Window`; what was measured: `GaussianMeasurement` of `Measured`;
* both together: `Target`, or a `LikelihoodTarget` of its own;
* draws: `sample_smc`, `sample_exact`, `sample_emcee`, `sample_nautilus`;
* a study that reports, trains and checks: `load_study`, `Study`, and `Problem` for one's own;
* its long work on many processes or machines: `use_workers`.

The public names are imported on first use, so that ``import pontecorvo`` stays light.
"""

from .base.lazy_names import lazy_names

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
