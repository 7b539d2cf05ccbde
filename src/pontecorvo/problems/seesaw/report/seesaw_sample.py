"""What the seesaw's figures ask of a sample: ordering, variant of NuFIT, lightest mass."""

from typing import Any

import numpy as np

from ....core.target import LikelihoodTarget
from ....report.posterior_sample import Column, Sample
from ...flavour.nufit import Ordering, Variant

ORDERINGS: tuple[Ordering, Ordering] = ("no", "io")
LOG_LIGHTEST = "log10_m_lightest"


def seesaw_sample(
    target: LikelihoodTarget,
    groups: dict[str, Any],
    like: Sample | None = None,
    name: str = "posterior",
) -> Sample:
    """A `Sample` of a seesaw, with log10 of the lightest mass as one more column."""
    sample = Sample(target, groups, like, name)
    mass = lightest_mass(sample)
    symbol = rf"\log_{{10}}({mass.symbol}/\mathrm{{meV}})"
    # a mass of exactly zero is possible on paper only; 1e-9 meV stands for it
    column = Column(LOG_LIGHTEST, np.log10(np.maximum(mass.values, 1e-9)), symbol)
    sample.extra[LOG_LIGHTEST] = column
    return sample


def ordering_of(sample: Sample) -> Ordering:
    """Ordering of the seesaw model."""
    ordering: Ordering = sample.target.model.ordering  # type: ignore[attr-defined]
    return ordering


def variant_of(sample: Sample) -> Variant:
    """The NuFIT variant that the measurement names; "with-sk" where it names none."""
    source = getattr(sample.target.measurement, "source", "")
    return "without-sk" if "without-sk" in source else "with-sk"


def lightest_mass(sample: Sample) -> Column:
    """The lightest mass (N,) in meV."""
    name = "m1" if ordering_of(sample) == "no" else "m3"
    return Column(name, 1e3 * sample.raw(name), f"m_{name[1]}", "meV", 1e3)
