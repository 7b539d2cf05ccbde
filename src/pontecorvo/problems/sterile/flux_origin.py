"""Where a flux that was measured was measured: its own deficit must not be counted twice.

Daya Bay's unfolded spectra are corrected for the oscillation of the three known neutrinos, not for
a fourth: at the near halls they are the reactor's spectra times the survival there. What another
experiment expects is therefore its survival over that of the near halls.
"""

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np

from ...physics.oscillation import ThreeFlavour
from ...physics.reactor import ISOTOPES
from .experiment import Array
from .isotopes import isotope_survival, resolved
from .reactor_tables import detector_baselines
from .spectrum import WIDTH, Sampling
from .templates import FINE_STEP, Templates, dm2_axis, tabulate

OWN_FLUX = (
    "flux unfolded by Daya Bay at its near halls: expected rates are survivals over those of the "
    "near halls, so Daya Bay's own deficit says nothing; evolution-dayabay is of the same events"
)
# detector -> efficiency x power x target mass / L^2
DAYABAY = {
    "dayabay-eh1-ad1": 4336.16 * 0.8050 * 19.941 / 568.335**2,
    "dayabay-eh1-ad2": 4871.92 * 0.8013 * 19.967 / 563.257**2,
    "dayabay-eh2-ad3": 4930.39 * 0.8369 * 19.891 / 591.556**2,
    "dayabay-eh2-ad8": 4397.76 * 0.8360 * 19.944 / 595.57**2,
}
DAYABAY_SAMPLING = Sampling(201, 1.78, 10.0, 1, 1.78, 10.0, (0.0068, 0.0022, 0.000011))
MEASURED = ("u235", "pu239")
"""Isotopes whose spectra Daya Bay unfolded; the others are Huber-Mueller's."""


@lru_cache(maxsize=2)
def flux_origin(model: str) -> Callable[[Array, Array], Array] | None:
    """Survival (N, 4) of each isotope where its flux was measured; None for calculated fluxes.

    The result takes factors of the templates (N, 3) and dm2 (N,).
    """
    if model != "dayabay":
        return None
    total = sum(DAYABAY.values())

    def compute(axis: Array, difference: bool) -> dict[str, Array]:
        survival = np.zeros((len(axis), 3, 4))
        for name, weight in DAYABAY.items():
            baselines = detector_baselines(name)
            sin2, finer = resolved(
                baselines.sin2, DAYABAY_SAMPLING, max(baselines.lengths), "exact"
            )
            part = isotope_survival(
                model, finer, sin2, axis, ThreeFlavour(), "three-flavour", difference
            )
            survival += weight / total * part
        for column, isotope in enumerate(ISOTOPES):
            if isotope not in MEASURED:
                survival[:, :, column] = 0.0
                survival[:, 0, column] = 1.0
        return {"survival": survival}

    key = [repr(DAYABAY_SAMPLING), DAYABAY, repr(ThreeFlavour()), WIDTH]

    def kept(axis: Array, difference: bool) -> Array:
        made = partial(compute, axis, difference)
        return tabulate("flux-origin", [*key, axis, difference], made)["survival"]

    axis = dm2_axis(step=FINE_STEP)
    return Templates(axis, kept(axis, False), lambda axis: kept(axis, True)[:, 2])
