"""Regions and significances on a plane of hypotheses, counted in trials.

A fit is a `GridProblem`: a `Plane` of hypotheses and, last, the null hypothesis; chi2 of any data
set under each of them; data sets drawn under one. `GaussianPulls`, `GaussianVarying`,
`PoissonPulls` and `BoxPaths` are such fits from arrays (predictions, covariance, pulls); `Joint`
adds independent ones. On any of them:

* `best_fit` and `profiles` find the minimum; `wilks_margin` is the textbook region;
* `feldman_cousins` builds belts by trials (Feldman & Cousins, Phys. Rev. D 57 (1998) 3873), and
  `QuantileBelt` learns them from simulations;
* `p_value` counts trials, `weighted_p_value` weighs them (importance sampling) for small ones,
  `look_elsewhere` sets the local beside the global one;
* `parameter_goodness` compares independent sets (Maltoni & Schwetz, Phys. Rev. D 68 (2003) 033020);
* `GridPosterior` is the exact Bayesian counterpart of two parameters.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .belts import Belt, coverage_probability, feldman_cousins, quantile_with_error
    from .box_pulls import BoxPaths, ShiftedExperiment
    from .chi2_features import FeatureProblem, Joint
    from .contours import Contour, contour_lines, write_contours
    from .gaussian_plane import GaussianPulls, GaussianVarying
    from .goodness import LookElsewhere, ParameterGoodness, look_elsewhere, parameter_goodness
    from .grid_posterior import GridDraws, GridPosterior, PriorDependence, checked_draws
    from .importance_p_value import WeightedProbability, weighted_p_value
    from .neighbourhood import Neighbourhood
    from .plane import Axis, GridProblem, Plane
    from .poisson_plane import PoissonPulls
    from .quantile_belt import BeltCoverage, BeltSettings, QuantileBelt, belt_coverage
    from .scan import BestFit, best_fit, local_minima, profiles
    from .toys import TrialProbability, binomial_interval, null_statistics, p_value, sigma_of
    from .wilks import wilks_critical, wilks_margin, wilks_significance
else:
    from ..base.lazy_names import lazy_names

    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "plane": ("Axis", "GridProblem", "Plane"),
            "chi2_features": ("FeatureProblem", "Joint"),
            "gaussian_plane": ("GaussianPulls", "GaussianVarying"),
            "poisson_plane": ("PoissonPulls",),
            "box_pulls": ("BoxPaths", "ShiftedExperiment"),
            "neighbourhood": ("Neighbourhood",),
            "scan": ("BestFit", "best_fit", "local_minima", "profiles"),
            "contours": ("Contour", "contour_lines", "write_contours"),
            "wilks": ("wilks_critical", "wilks_margin", "wilks_significance"),
            "toys": (
                "TrialProbability",
                "binomial_interval",
                "null_statistics",
                "p_value",
                "sigma_of",
            ),
            "belts": ("Belt", "coverage_probability", "feldman_cousins", "quantile_with_error"),
            "quantile_belt": ("BeltCoverage", "BeltSettings", "QuantileBelt", "belt_coverage"),
            "importance_p_value": ("WeightedProbability", "weighted_p_value"),
            "goodness": (
                "LookElsewhere",
                "ParameterGoodness",
                "look_elsewhere",
                "parameter_goodness",
            ),
            "grid_posterior": ("GridDraws", "GridPosterior", "PriorDependence", "checked_draws"),
        },
    )

__all__ = [
    "Axis",
    "Belt",
    "BeltCoverage",
    "BeltSettings",
    "BestFit",
    "BoxPaths",
    "Contour",
    "FeatureProblem",
    "GaussianPulls",
    "GaussianVarying",
    "GridDraws",
    "GridPosterior",
    "GridProblem",
    "Joint",
    "LookElsewhere",
    "Neighbourhood",
    "ParameterGoodness",
    "Plane",
    "PoissonPulls",
    "PriorDependence",
    "QuantileBelt",
    "ShiftedExperiment",
    "TrialProbability",
    "WeightedProbability",
    "belt_coverage",
    "best_fit",
    "binomial_interval",
    "checked_draws",
    "contour_lines",
    "coverage_probability",
    "feldman_cousins",
    "local_minima",
    "look_elsewhere",
    "null_statistics",
    "p_value",
    "parameter_goodness",
    "profiles",
    "quantile_with_error",
    "sigma_of",
    "weighted_p_value",
    "wilks_critical",
    "wilks_margin",
    "wilks_significance",
    "write_contours",
]
