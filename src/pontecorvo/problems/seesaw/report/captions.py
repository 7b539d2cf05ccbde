"""Captions of the seesaw's figures: what is seen, and what is not."""

from ....report.posterior_sample import Sample
from .seesaw_sample import ordering_of


def captions(sample: Sample, reference_name: str = "") -> dict[str, str]:
    """Captions by figure name.

    Args:
        sample: The draws.
        reference_name: Name of the second posterior; empty where there is none.
    """
    beneath = (
        f" Dashed, dark: {reference_name}, a second sampler of the same posterior, to compare with."
        if reference_name
        else ""
    )
    own = "blue" if ordering_of(sample) == "no" else "vermillion"
    paper = ordering_of(sample) == "no"
    measured = "delta_cp" in sample.measured
    fit = "is part of this likelihood" if measured else "is not in this likelihood"
    result = {
        "m_ee": (
            "Effective mass of neutrinoless double beta decay against the lightest mass (left) and "
            f"the sum of masses (right). Strong {own}: regions of highest density with 68 and 95 % "
            "of the posterior, smoothed on logarithmic axes, and single draws. Pale: what NuFIT's "
            "3 sigma ranges allow for any Majorana phases, in normal (blue) and inverted "
            "(vermillion) ordering. Hatched: KamLAND-Zen's upper limit for the range of nuclear "
            "matrix elements; grey: excluded for all of them. KATRIN limits $m_\\beta$, which is "
            "the lightest mass where masses are that large. No limit enters the posterior; where "
            "in the pale band it lies is the doing of the prior of Yukawas and heavy masses, not "
            "of data."
        ),
        "delta_cp": (
            "The CP phase against $\\sin^2\\theta_{23}$, against the sum of masses, and alone (in "
            "units of a flat distribution, dotted). Green: NuFIT's one-dimensional 1 and 3 sigma "
            f"ranges; NuFIT's $\\delta_{{CP}}$ {fit}. Solid lines: quartiles of the posterior"
            + ("; dashed: those that arXiv:2503.21432 states. " if paper else ". ")
            + "Ripples of the outlines are the noise of finitely many draws. Not seen: NuFIT's "
            "correlation of $\\delta_{CP}$ with $\\theta_{23}$."
        ),
        "phases": (
            "Majorana phases together (shades: density in units of the flat one, smoothed) and "
            "alone; the invariants $J$, $I_1$ and $I_2$. Dotted: the same angles with all phases "
            "drawn flat, so that a difference between line and dots is what the seesaw itself "
            "says of the phases. The spikes of the invariants are where the sine turns, not a "
            "preference. No experiment measures the Majorana phases."
        ),
        "heavy_masses": (
            "Left: masses of the heavy neutrinos, with the prior as dotted lines of the same "
            "colours (each normalised to one over its whole range). Right: in pairs; hatched is "
            "what $M_1 < M_2 < M_3$ excludes. The scale rests on the prior: with the Yukawas "
            "bounded by their range, larger masses would make the light ones too light"
            + _small_masses(sample)
            + ". Where a distribution ends upright at the frame, the prior's range of masses ends."
        ),
        "yukawas": (
            "Left: digits of hierarchy of the Yukawa matrix (largest over smallest of the 18 real "
            "and imaginary parts, rounded to powers of ten), in per cent; digits that no series "
            "has in 0.5 % of its matrices are left out."
            + (
                " White: as printed in arXiv:2503.21432; its four numbers add up to 104. "
                if paper
                else " "
            )
            + "Right: median and 68 % interval of the magnitude of each Yukawa, rows by flavour "
            "and columns by heavy neutrino. Not seen: correlations between the entries."
        ),
        "corner": (
            "Measured inputs (green: central values with 1, 2 and 3 sigma ranges), the CP phase, "
            "the lightest mass and $m_{ee}$: each alone, and 68 and 95 % regions of each pair. "
            "Above the histograms, median and central 68 % interval, in the unit of the axis "
            "below. Inputs that fill their green bands are the measurement given back, as they "
            "should be; the other three are the model's."
        ),
    }
    # the Yukawas' digits stand side by side, as their legend says
    return {n: text + ("" if n == "yukawas" else beneath) for n, text in result.items()}


def _small_masses(sample: Sample) -> str:
    """Why the masses are not smaller; true of the flat prior only."""
    if sample.target.model.prior_settings.yukawa != "uniform":  # type: ignore[attr-defined]
        return ""
    return ", and smaller ones need small Yukawas, of which a flat prior holds few"
