"""A model of one's own, in one file: muon neutrinos that disappear, with two flavours.

The survival probability at energy E and distance L is

    P(E) = 1 - sin^2(2 theta) sin^2(1.267 dm2 L / E),   dm2 in eV^2, L in km, E in GeV

(B. Pontecorvo, Sov. Phys. JETP 26 (1968) 984; PDG review "Neutrino masses, mixing, and
oscillations"). A detector 735 km away, with its energy scale uncertain by 2 %, measures P in eight
bins of energy to +-0.02. The data are made up, from sin^2(2 theta) = 0.9 and dm2 = 2.5e-3 eV^2.

Run it with ``pontecorvo run examples/toy_model.py --out DIR``, or as a program (seconds).
"""

from functools import partial

import numpy as np

from pontecorvo import (
    GaussianMeasurement,
    Measured,
    Model,
    Normal,
    Prior,
    Quantity,
    Study,
    Target,
    Uniform,
    sample_smc,
)
from pontecorvo.samplers.smc import SMCSettings

BASELINE = 735.0  # km
ENERGIES = np.linspace(1.0, 4.5, 8)  # GeV


class Disappearance(Model):
    """Parameters theta (N, 3) -> survival probabilities (N, 8)."""

    name = "numu-disappearance"
    parameters = (
        Quantity("sin2_2theta", r"\sin^2 2\theta"),
        Quantity("dm2", r"\Delta m^2", "eV^2"),
        Quantity("scale", "s", "", "energy scale of the detector"),
    )
    observables = tuple(Quantity(f"P_{e:.1f}", f"P({e:.1f})") for e in ENERGIES)

    def __init__(self):
        """Flat in both oscillation parameters, 2 % for the energy scale."""
        self.prior = Prior([Uniform(0.0, 1.0), Uniform(1e-3, 4e-3), Normal(1.0, 0.02)])

    def forward(self, theta):
        """Survival probabilities (N, 8) of parameters (N, 3)."""
        strength, dm2, scale = (theta[:, i, None] for i in range(3))
        return 1.0 - strength * np.sin(1.267 * dm2 * BASELINE / (ENERGIES * scale)) ** 2


def made_up_data(seed=1):
    """Eight survival probabilities with Gaussian errors of 0.02."""
    model = Disappearance()
    truth = model.forward(np.array([[0.9, 2.5e-3, 1.0]]))[0]
    seen = truth + np.random.default_rng(seed).normal(0, 0.02, len(truth))
    quantities = [
        Measured(q.name, value, 0.02)
        for q, value in zip(model.observables, seen.tolist(), strict=True)
    ]
    return GaussianMeasurement(quantities, source="made up")


# what `pontecorvo run examples/toy_model.py --out DIR` takes from this file
model, measurement = Disappearance(), made_up_data()


def study(draws=2000, seed=0):
    """The posterior of the made-up data, by annealing."""
    target = Target(model, measurement)
    sampler = partial(sample_smc, settings=SMCSettings(particles=1000))
    return Study("numu-disappearance", target, sampler, "smc", draws, seed)


if __name__ == "__main__":
    result = study().run("runs/toy", report=False)
    for name in ("sin2_2theta", "dm2", "scale"):
        low, high = result.summary["intervals"][name]["ci68"]
        print(f"{name}: 68 % between {low:.4g} and {high:.4g}")
