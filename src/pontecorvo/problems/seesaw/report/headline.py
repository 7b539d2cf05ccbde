"""The seesaw's answer in a few plain sentences; every number comes from the draws at hand."""

import numpy as np

from ....base.quantiles import effective_size, weighted_correlation
from ....report.numbers import decimals_for, interval, number, percent, places_of
from ....report.posterior_sample import Sample
from ...flavour.measurements.absolute import shown_lines
from .cp_figures import FOUNDING_QUARTILES
from .heavy_figures import HEAVY
from .seesaw_sample import lightest_mass, ordering_of


def headline(sample: Sample) -> list[str]:
    """Sentences on absolute masses, on limits, on CP violation and on the heavy neutrinos."""
    return [_masses(sample), _limits(sample), _delta(sample), _heavy(sample)]


def _value(sample: Sample, name: str) -> str:
    low, middle, high = sample.quantiles(name, [0.16, 0.5, 0.84])
    places = places_of(low, middle, high)
    return f"{number(middle, places)} {sample[name].unit} ({interval(low, high, places)})"


def _masses(sample: Sample) -> str:
    mass = lightest_mass(sample)
    below = float(sample.quantiles(mass.name, [0.95])[0]) * mass.factor / sample[mass.name].factor
    return (
        f"The sum of the light masses is {_value(sample, 'sum_m')} and $m_{{ee}}$ = "
        f"{_value(sample, 'm_ee')}: medians and central 68 % intervals. The lightest mass "
        f"${mass.symbol}$ is below {number(below, decimals_for(below, 2))} meV with 95 % "
        "probability."
    )


def _limits(sample: Sample) -> str:
    limits = shown_lines()
    parts = []
    for quantity, symbol in (("sum_m", r"\Sigma m_\nu"), ("m_ee", "m_{ee}")):
        strongest = min((x for x in limits if x.quantity == quantity), key=lambda x: x.low)
        share = sample.probability(sample.raw(quantity) > strongest.low)
        note = ", its strong end" if strongest.high > strongest.low else ""
        part = {0.0: "none", 1.0: "all"}.get(round(share, 12), percent(share))
        parts.append(
            f"{part} has ${symbol}$ above {1e3 * strongest.low:g} meV "
            f"({strongest.name}, {100 * strongest.confidence:.0f} %{note})"
        )
    return (
        f"Of the posterior, {parts[0]}, and {parts[1]}; these limits are not part of the "
        "likelihood."
    )


def _delta(sample: Sample) -> str:
    low, high = sample.quantiles("delta_cp", [0.25, 0.75])
    error = 360 * np.sqrt(0.25 * 0.75 / effective_size(sample.weight))
    text = (
        f"$\\delta_{{CP}}$ has quartiles {number(low, 0)} and {number(high, 0)} degrees "
        f"(± {max(1, round(error))} from the number of draws), where a flat one has 90 and 270"
    )
    if "delta_cp" in sample.measured:
        return f"{text}; it is part of the likelihood here."
    if ordering_of(sample) == "no":
        first, second = FOUNDING_QUARTILES
        text += f" and the founding paper (arXiv:2503.21432) states {first:g} and {second:g}"
    return f"{text}; it is not part of the likelihood."


def _heavy(sample: Sample) -> str:
    middles = [number(float(sample.quantiles(name, [0.5])[0]), 2) for name in HEAVY]
    pairs = [(HEAVY[0], HEAVY[1]), (HEAVY[1], HEAVY[2])]
    first, second = (
        number(weighted_correlation(sample[a].values, sample[b].values, sample.weight), 2)
        for a, b in pairs
    )
    return (
        f"The heavy masses have medians $10^{{{middles[0]}}}$, $10^{{{middles[1]}}}$ and "
        f"$10^{{{middles[2]}}}$ GeV; the linear correlation of $\\log M_1$ with $\\log M_2$ is "
        f"{first}, and of $\\log M_2$ with $\\log M_3$ {second}."
    )
