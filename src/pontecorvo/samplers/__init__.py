"""From a target to draws: classical samplers, and correction by exact weights.

Each `sample_*` takes a target and gives `pontecorvo.Draws`; `correct` weighs draws of a known
density, `refine` proposes again where those weights are uneven.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .adaptive_importance import Refined, refine
    from .correction import Correction, Density, Mixture, UniformCube, correct, resample, weigh
    from .emcee_adapter import sample_emcee
    from .exact import sample_exact
    from .nautilus_adapter import sample_nautilus
    from .smc import SMCSettings, sample_smc
else:
    from ..base.lazy_names import lazy_names

    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "adaptive_importance": (
                "Refined",
                "refine",
            ),
            "correction": (
                *("Correction", "Density", "Mixture", "UniformCube"),
                *("correct", "resample", "weigh"),
            ),
            "emcee_adapter": ("sample_emcee",),
            "exact": ("sample_exact",),
            "nautilus_adapter": ("sample_nautilus",),
            "smc": (
                "SMCSettings",
                "sample_smc",
            ),
        },
    )

__all__ = [
    "Correction",
    "Density",
    "Mixture",
    "Refined",
    "SMCSettings",
    "UniformCube",
    "correct",
    "refine",
    "resample",
    "sample_emcee",
    "sample_exact",
    "sample_nautilus",
    "sample_smc",
    "weigh",
]
