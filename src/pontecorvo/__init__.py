"""Posteriors that can be trusted for neutrino models.

* A model of your own: `Model`, `Quantity`, `Prior` (`Uniform`, `Normal`, `SignedLogUniform`),
  `Symmetry`, `Chart` and `Window`; what was measured: `GaussianMeasurement` of `Measured`;
* both together: `Target`, or a `LikelihoodTarget` of its own;
* draws: `sample_smc`, `sample_exact`, `sample_emcee`, `sample_nautilus`;
* a study that reports, trains and checks: `load_study`, `Study`, and `Problem` for one's own;
* its long work on many processes or machines: `use_workers`.

The public names are imported on first use, so that ``import pontecorvo`` stays light.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .base.errors import InputError
    from .base.workers import use_workers
    from .core.chart import Chart, ConditionedChart
    from .core.draws import Draws
    from .core.measurement import GaussianMeasurement, Measured, Measurement
    from .core.model import Model, Symmetry
    from .core.prior import Normal, Prior, SignedLogUniform, Uniform
    from .core.problem import Preset, Problem
    from .core.quantity import Quantity
    from .core.registry import find_problem
    from .core.target import LikelihoodTarget, Target
    from .core.window import Window, measured_window
    from .problems.flavour.nufit import nufit
    from .problems.seesaw.model import Seesaw, SeesawPrior
    from .samplers.emcee_adapter import sample_emcee
    from .samplers.exact import sample_exact
    from .samplers.nautilus_adapter import sample_nautilus
    from .samplers.smc import sample_smc
    from .study.catalog import load_problem, load_study
    from .study.study import Result, Study
else:
    from .base.lazy_names import lazy_names

    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "base.errors": ("InputError",),
            "base.workers": ("use_workers",),
            "core.chart": (
                "Chart",
                "ConditionedChart",
            ),
            "core.draws": ("Draws",),
            "core.measurement": (
                "GaussianMeasurement",
                "Measured",
                "Measurement",
            ),
            "core.model": (
                "Model",
                "Symmetry",
            ),
            "core.prior": (
                "Normal",
                "Prior",
                "SignedLogUniform",
                "Uniform",
            ),
            "core.problem": (
                "Preset",
                "Problem",
            ),
            "core.quantity": ("Quantity",),
            "core.registry": ("find_problem",),
            "core.target": (
                "LikelihoodTarget",
                "Target",
            ),
            "core.window": (
                "Window",
                "measured_window",
            ),
            "problems.flavour.nufit": ("nufit",),
            "problems.seesaw.model": (
                "Seesaw",
                "SeesawPrior",
            ),
            "samplers.emcee_adapter": ("sample_emcee",),
            "samplers.exact": ("sample_exact",),
            "samplers.nautilus_adapter": ("sample_nautilus",),
            "samplers.smc": ("sample_smc",),
            "study.catalog": (
                "load_problem",
                "load_study",
            ),
            "study.study": (
                "Result",
                "Study",
            ),
        },
    )

__all__ = [
    "Chart",
    "ConditionedChart",
    "Draws",
    "GaussianMeasurement",
    "InputError",
    "LikelihoodTarget",
    "Measured",
    "Measurement",
    "Model",
    "Normal",
    "Preset",
    "Prior",
    "Problem",
    "Quantity",
    "Result",
    "Seesaw",
    "SeesawPrior",
    "SignedLogUniform",
    "Study",
    "Symmetry",
    "Target",
    "Uniform",
    "Window",
    "__version__",
    "find_problem",
    "load_problem",
    "load_study",
    "measured_window",
    "nufit",
    "sample_emcee",
    "sample_exact",
    "sample_nautilus",
    "sample_smc",
    "use_workers",
]
