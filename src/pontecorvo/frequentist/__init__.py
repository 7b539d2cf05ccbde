"""Regions and significances on a plane of hypotheses, counted in trials.

A fit is a `GridProblem`: a `Plane` of hypotheses and, last, the null hypothesis; chi2 of any data
set under each of them; data sets drawn under one. `GaussianPulls`, `GaussianVarying`,
`PoissonPulls` and `BoxPaths` are such fits from arrays (predictions, covariance, pulls); `Joint`
adds independent ones. On any of them:

* `best_fit` and `profiles` find the minimum; `wilks_margin` is the textbook region;
* `feldman_cousins` builds belts by trials (Feldman & Cousins, Phys. Rev. D 57 (1998) 3873), and
  `QuantileBelt` learns them from simulations; `feldman_cousins_set` is the construction for any
  other fit, in any number of parameters;
* `p_value` counts trials, `weighted_p_value` weighs them (importance sampling) for small ones,
  `look_elsewhere` sets the local beside the global one;
* `parameter_goodness` compares independent sets (Maltoni & Schwetz, Phys. Rev. D 68 (2003) 033020);
* `GridPosterior` is the exact Bayesian counterpart of two parameters.
"""

from ..base.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
