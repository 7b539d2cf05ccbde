"""The Yukawa matrix: digits of hierarchy against the prior's, and the size of each entry."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from ....base.quantiles import weighted_quantiles
from ....base.seeds import stream
from ....report.figure_data import name_series
from ....report.posterior_sample import Sample
from ....report.style import GREY, INK, ORDERING_COLOUR, PALE, new_figure, styled
from ...flavour.hierarchy import FOUNDING_PAPER, digit_fractions, hierarchy_digits
from .seesaw_sample import ordering_of


def digits_of(sample: Sample) -> dict[int, float]:
    """Digits -> fraction, of the posterior's Yukawas."""
    return digit_fractions(hierarchy_digits(_components(sample)), sample.weight)


def digits_of_prior(sample: Sample, size: int = 200_000) -> dict[int, float]:
    """Digits -> fraction, of `size` draws of the prior."""
    theta = sample.target.model.prior.sample(size, stream(0, "report", "prior digits"))
    return digit_fractions(hierarchy_digits(theta[:, :18]))


def _components(sample: Sample) -> np.ndarray:
    arrays = sample.variables()
    return np.concatenate([arrays[k].reshape(len(sample), 9) for k in ("Y_re", "Y_im")], axis=1)


@styled
def yukawa_figure(sample: Sample, reference: Sample | None = None) -> Figure:
    """Digits of hierarchy as bars, and the median abs of each Yukawa.

    Args:
        sample: Draws of a seesaw.
        reference: Draws whose digits stand beside, in dark grey.

    Returns:
        The figure.
    """
    figure, (left, right) = new_figure(11, 4.3, 1, 2, width_ratios=[1.5, 1])
    colour = ORDERING_COLOUR[ordering_of(sample)]
    series: list[tuple[str, Mapping[int, float], str]] = [
        (sample.name, digits_of(sample), colour),
        ("prior", digits_of_prior(sample), PALE),
    ]
    if reference is not None:
        series.insert(1, (reference.name, digits_of(reference), GREY))
    if ordering_of(sample) == "no":
        series.append(("arXiv:2503.21432, generated (sums to 104 %)", FOUNDING_PAPER, "white"))
    _bars(left, series)
    _texture(right, sample, colour)
    return figure


def _bars(axes: Axes, series: list[tuple[str, Mapping[int, float], str]]) -> None:
    digits = sorted({d for _, found, _ in series for d, f in found.items() if f >= 5e-3})
    width = 0.82 / len(series)
    for k, (label, found, colour) in enumerate(series):
        x = np.arange(len(digits)) + (k - (len(series) - 1) / 2) * width
        height = np.array([100 * found.get(d, 0.0) for d in digits])
        edge = INK if colour in ("white", PALE) else colour
        bars = axes.bar(x, height, width * 0.92, color=colour, edgecolor=edge, label=label, lw=0.8)
        for bar in bars:
            name_series(bar, label)
        for place, value in zip(x, height, strict=True):
            text = f"{value:.1f}" if 0 < value < 9.95 else f"{value:.0f}"
            if value > 0:
                axes.text(place, value + 1, text, ha="center", fontsize=10.5)
    axes.set_xticks(range(len(digits)), [str(d) for d in digits])
    axes.tick_params(axis="x", which="both", top=False, bottom=False)
    axes.set(ylim=(0, axes.get_ylim()[1] * 1.3), ylabel="matrices [%]")
    axes.set_xlabel(r"digits of hierarchy, round$\,\log_{10}$(max/min) of the 18 reals")
    axes.legend(loc="upper right")


def _texture(axes: Axes, sample: Sample, colour: str) -> None:
    arrays = sample.variables()
    size = np.hypot(arrays["Y_re"], arrays["Y_im"]).reshape(len(sample), 9)
    quantiles = np.array(
        [weighted_quantiles(c, sample.weight, np.array([0.16, 0.5, 0.84])) for c in size.T]
    ).reshape(3, 3, 3)
    shades = LinearSegmentedColormap.from_list("house", ["white", colour])
    axes.imshow(quantiles[:, :, 1], cmap=shades, vmin=0, vmax=1.35 * quantiles[:, :, 1].max())
    for row in range(3):
        for column in range(3):
            low, middle, high = quantiles[row, column]
            axes.text(column, row - 0.08, f"{middle:.2f}", ha="center", va="center", fontsize=15)
            axes.text(
                column, row + 0.22, f"{low:.2f} – {high:.2f}", ha="center", va="center", fontsize=10
            )
    axes.set_xticks(range(3), [f"$N_{i}$" for i in (1, 2, 3)])
    axes.set_yticks(range(3), ["$e$", r"$\mu$", r"$\tau$"], fontsize=14)
    axes.tick_params(which="both", length=0)
    axes.minorticks_off()
    axes.set_title(r"$|Y_{\alpha i}|$: median and 68 % interval", fontsize=12)
