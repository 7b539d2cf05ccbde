"""Reactor rates against fuel composition: Daya Bay's near detectors and RENO's.

Recipe of Berryman & Huber, arXiv:2005.01756; data of PRL 118 (2017) 251801 and PRL 122 (2019)
232501. The flux pulls are those of the integrated rates.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from ....physics.oscillation import Baselines, ThreeFlavour
from ..declaration import Declaration
from ..experiment import FLUXES, Array, Block
from ..experiment_registry import Setting
from ..flux_models import measured_ratios
from ..flux_origin import DAYABAY, DAYABAY_SAMPLING
from ..isotopes import averaged_sin2, fuel_shares, isotope_rates, isotope_survival, resolved
from ..reactor_tables import (
    AVERAGING,
    PHASE,
    REFERENCE,
    compiled_sin2,
    detector_baselines,
    flux,
    reactor_covariance,
    reference_of,
)
from ..shipped_tables import shipped_table
from ..spectrum import WIDTH, Sampling, Sin2
from ..templates import FINE_STEP, Templates, dm2_axis, tabulate
from ..wave_packet_option import WAVE_PACKET, packet_width
from .rates import FRACTIONS, ReactorRates

PUBLISHED = "three-flavour"
"""Both publish yields per fission, a property of the fuel: oscillation is corrected for."""
RENO = Baselines((433.135,), (1.0,), 2.0)
RENO_SAMPLING = Sampling(201, 0.8, 10.0, 1, 0.8, 10.0, (0.0, 0.0, 0.0004))


class Evolution(ReactorRates):
    """Eight rates at different fuel compositions."""

    def __init__(
        self,
        name: str,
        title: str,
        source: str,
        setting: Setting,
        sampling: Sampling,
        detectors: Sequence[tuple[Sin2, float, float]],
    ) -> None:
        model, averaging = setting.flux, setting.choice("averaging", name)
        reference = reference_of(setting.choice("reference", name), PUBLISHED)
        self.name, self.title = name, f"{title}, {FLUXES[model]}"
        self.source = f"{source}; compiled in arXiv:2005.01756"
        stem = name.replace("-", "_")
        table = shipped_table(f"{stem}.csv", positive=("r_hm", *FRACTIONS))
        self.data = measured_ratios(table, model)
        labels = tuple(f"{share:.4g}" for share in table["f_u235"])
        self.blocks = (
            Block(
                title,
                slice(0, len(labels)),
                labels=labels,
                x="fission fraction of U235",
                y="measured / predicted rate",
            ),
        )
        covariance = reactor_covariance(f"{stem}_covariance.csv", len(labels))
        sampling = sampling.with_packets(packet_width(setting, name))
        axis = dm2_axis(step=FINE_STEP)
        total = sum(weight for _, weight, _ in detectors)

        def compute(axis: Array, difference: bool) -> dict[str, Array]:
            survival = np.zeros((len(axis), 3, 4))
            for sin2, weight, length in detectors:
                own, finer = resolved(sin2, sampling, length, averaging)
                part = isotope_survival(
                    model, finer, own, axis, ThreeFlavour(), reference, difference
                )
                survival += weight / total * part
            return {"survival": np.repeat(survival, len(labels), axis=2)}

        weights, phase = [weight for _, weight, _ in detectors], setting.choice("phase", name)
        key: list[object] = [model, repr(sampling), weights, repr(ThreeFlavour())]
        key += [FINE_STEP, averaging, reference, phase, WIDTH]

        def kept(axis: Array, difference: bool) -> Array:
            made = partial(compute, axis, difference)
            return tabulate(name, [*key, axis, difference], made)["survival"]

        shares = fuel_shares(table.matrix(FRACTIONS), isotope_rates(flux(model), sampling))
        survival = Templates(axis, kept(axis, False), lambda axis: kept(axis, True)[:, 2])
        self.finish(model, covariance, survival, shares)


def load_dayabay(setting: Setting) -> Evolution:
    """Daya Bay's two near halls."""
    compiled = setting.choice("averaging", "evolution-dayabay") == "compiled"
    detectors = []
    for name, weight in DAYABAY.items():
        baselines = detector_baselines(name)
        sin2 = compiled_sin2(name) if compiled else baselines.sin2
        detectors.append((sin2, weight, max(baselines.lengths)))
    return Evolution(
        "evolution-dayabay",
        "Daya Bay fuel evolution",
        "Daya Bay, PRL 118 (2017) 251801, arXiv:1704.01082",
        setting,
        DAYABAY_SAMPLING,
        detectors,
    )


def load_reno(setting: Setting) -> Evolution:
    """RENO's near detector."""
    return Evolution(
        "evolution-reno",
        "RENO fuel evolution",
        "RENO, PRL 122 (2019) 232501, arXiv:1806.00574",
        setting,
        RENO_SAMPLING,
        [(averaged_sin2(RENO, setting.choice("phase", "evolution-reno")), 1.0, RENO.lengths[0])],
    )


EXPERIMENTS = (
    Declaration(
        "evolution-dayabay",
        "Daya Bay fuel evolution",
        load_dayabay,
        order=30,
        groups=("reactor-rates", "reactors"),
        options={"averaging": AVERAGING, "reference": REFERENCE, "wave_packet": WAVE_PACKET},
    ),
    Declaration(
        "evolution-reno",
        "RENO fuel evolution",
        load_reno,
        order=40,
        groups=("reactor-rates", "reactors"),
        options={
            "averaging": AVERAGING,
            "reference": REFERENCE,
            "phase": PHASE,
            "wave_packet": WAVE_PACKET,
        },
    ),
)
