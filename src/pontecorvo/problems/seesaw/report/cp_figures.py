"""CP violation: delta against theta_23 and the sum of masses, Majorana phases, invariants."""

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from ....base.seeds import stream
from ....physics.pmns import jarlskog, majorana_invariants, pmns_matrix
from ....report.corner import on_circle
from ....report.figure_data import hide_series, name_series
from ....report.posterior_sample import Column, Sample
from ....report.regions import (
    bins_for,
    density2d,
    draw_histogram,
    draw_points,
    draw_regions,
    plot_range,
)
from ....report.style import GREEN, INK, ORDERING_COLOUR, new_figure, no_y_axis, styled
from ...flavour.measurements.named import named
from .seesaw_sample import ordering_of, variant_of

FOUNDING_QUARTILES = (106.0, 228.0)
"""Quartiles of delta in degrees, normal ordering, as arXiv:2503.21432 states them."""
_TICKS = (0, 90, 180, 270, 360)


@styled
def delta_figure(sample: Sample, reference: Sample | None = None) -> Figure:
    """delta against sin^2 theta_23, against the sum of masses, and alone.

    Args:
        sample: Draws of a seesaw.
        reference: Draws of another sampler, as dashed lines.

    Returns:
        The figure, with NuFIT's 1 and 3 sigma ranges in green.
    """
    figure, (left, middle, right) = new_figure(
        11, 4.5, 1, 3, sharey=True, width_ratios=[1, 1, 0.52]
    )
    colour = ORDERING_COLOUR[ordering_of(sample)]
    for axes, name in ((left, "sin2_theta23"), (middle, "sum_m")):
        for shown, tint in ((sample, colour), (reference, INK)):
            if shown is not None:
                _regions(axes, shown, name, (sample, reference), tint, shown is sample)
        axes.set_xlabel(sample[name].label)
    _nufit_ranges(sample, left, (left, middle, right))
    _alone(right, sample, reference, colour)
    left.set_ylabel(r"$\delta_{CP}$ [deg]")
    left.set(ylim=(0, 360), yticks=_TICKS)
    handles: list[Artist] = [
        left.fill_between(
            [], [], color=colour, alpha=0.5, lw=0, label=f"{sample.name}, 68 and 95 %"
        ),
        left.fill_between(
            [], [], color=GREEN, alpha=0.25, lw=0, label=r"NuFIT 6.1, 1 and 3 $\sigma$"
        ),
    ]
    if reference is not None:
        (other,) = left.plot([], [], color=INK, ls="--", lw=1.1, label=reference.name)
        handles.insert(1, other)
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))
    return figure


def _regions(
    axes: Axes,
    shown: Sample,
    name: str,
    both: tuple[Sample, Sample | None],
    colour: str,
    filled: bool,
) -> None:
    x, y = shown[name], shown["delta_cp"]
    if filled:
        draw_points(axes, x, y, shown.equal(2500), colour)
    ranges = (plot_range(name, *both, tail=0.004), (0.0, 360.0))
    draw_regions(
        axes, x, y, shown.weight, ranges, colour, filled, bins=72, smooth=(1.7, 1.2),
        name=shown.name,
    )  # fmt: skip


def _nufit_ranges(sample: Sample, first: Axes, all_axes: tuple[Axes, ...]) -> None:
    found = named(
        "nufit-6.1",
        ordering_of(sample),
        variant_of(sample),
        ("sin2_theta23", "delta_cp"),
    ).quantities
    for quantity, factor, period in zip(found, (1.0, 180 / np.pi), (None, 360.0), strict=True):
        one = (quantity.central - quantity.minus, quantity.central + quantity.plus)
        for (low, high), alpha in ((one, 0.16), ((quantity.low, quantity.high), 0.09)):
            for part in on_circle(factor * low, factor * high, period):
                if period is None:
                    first.axvspan(*part, color=GREEN, alpha=alpha, lw=0, zorder=0)
                    continue
                for axes in all_axes:
                    axes.axhspan(*part, color=GREEN, alpha=alpha, lw=0, zorder=0)


def _alone(axes: Axes, sample: Sample, reference: Sample | None, colour: str) -> None:
    """delta alone, lying on its side, with its quartiles and the founding paper's."""
    edges = np.linspace(0, 360, 37)
    for shown, tint in ((sample, colour), (reference, INK)):
        if shown is None:
            continue
        own = shown is sample
        height, _ = np.histogram(shown["delta_cp"].values, edges, weights=shown.weight)
        height = height / (height.mean() or 1.0)
        if own:
            under = axes.stairs(
                height, edges, orientation="horizontal", fill=True, color=tint, alpha=0.25, lw=0
            )
            hide_series(under)
        look: Any = {"lw": 1.5} if own else {"lw": 1.1, "ls": "--"}
        steps = axes.stairs(height, edges, orientation="horizontal", color=tint, **look)
        name_series(steps, shown.name)
    axes.axvline(1, color=INK, ls=":", lw=1)
    axes.set(xlim=(0, 2.05), xlabel="density / flat")
    for value in sample.quantiles("delta_cp", [0.25, 0.75]):
        axes.plot([0, 1.25], [value, value], color=colour, lw=1.4)
        axes.text(1.29, value, f"{value:.0f}", color=colour, va="center", fontsize=11)
    if ordering_of(sample) == "no":
        for value in FOUNDING_QUARTILES:
            axes.plot([0, 1.25], [value, value], color=INK, lw=1.2, ls="--")
            axes.text(1.29, value, f"{value:.0f} paper", va="center", fontsize=11)
    axes.set_title("quartiles", fontsize=11.5)


def flat_phase_invariants(
    sample: Sample, size: int = 20_000
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """J, I1 and I2 (size,) for the posterior's angles and phases drawn flat.

    What the invariants would look like if the model said nothing of phases.
    """
    rng = stream(0, "report", "flat phases")
    chosen = sample.equal(min(size, 20 * len(sample)))
    chosen = np.resize(chosen, size)
    angles = [sample.raw(f"sin2_theta{ij}")[chosen] for ij in ("12", "13", "23")]
    mixing = pmns_matrix(*angles, *rng.uniform(0, 2 * np.pi, (3, size)))
    return (jarlskog(mixing), *majorana_invariants(mixing))


@styled
def phases_figure(sample: Sample, reference: Sample | None = None) -> Figure:
    """The two Majorana phases, together and alone, and the invariants J, I1 and I2.

    Args:
        sample: Draws of a seesaw.
        reference: Draws of another sampler, as dashed lines (not in
            the panel of the two phases together).

    Returns:
        The figure; dotted lines are what phases drawn flat would give.
    """
    figure, axes = new_figure(11, 6.4, 2, 3)
    colour = ORDERING_COLOUR[ordering_of(sample)]
    _both_phases(figure, axes[0, 0], sample, colour)
    bins = bins_for(sample.weight)
    panels = [*zip(axes[0, 1:], ("alpha21", "alpha31"), strict=True)]
    panels += [*zip(axes[1], _INVARIANTS, strict=True)]
    for panel, name in panels:
        reach = _reach(sample, name)
        draw_histogram(
            panel, sample[name], sample.weight, reach, colour, bins=bins, name=sample.name
        )
        if reference is not None:
            draw_histogram(
                panel, reference[name], reference.weight, reach, INK, False, bins=bins,
                style="--", name=reference.name,
            )  # fmt: skip
        panel.set_xlabel(_INVARIANTS.get(name) or sample[name].label)
        no_y_axis(panel)
    for panel, name, flat in zip(axes[1], _INVARIANTS, flat_phase_invariants(sample), strict=True):
        equal, reach = np.full(len(flat), 1 / len(flat)), _reach(sample, name)
        draw_histogram(
            panel, Column(name, flat), equal, reach, INK, False, bins=bins, style=":",
            name="phases drawn flat",
        )  # fmt: skip
    for panel in axes[0, 1:]:
        panel.axhline(1 / 360, color=INK, ls=":", lw=1.5)
        panel.set(xticks=_TICKS, ylim=(0, max(2.2 / 360, panel.get_ylim()[1])))
    axes[0, 2].plot([], [], color=colour, label=sample.name)
    if reference is not None:
        axes[0, 2].plot([], [], color=INK, ls="--", label=reference.name)
    axes[0, 2].plot([], [], color=INK, ls=":", label="phases drawn flat")
    axes[0, 2].legend(loc="upper right")
    return figure


def _both_phases(figure: Figure, axes: Axes, sample: Sample, colour: str) -> None:
    """Density of (alpha21, alpha31) as shades, in units of the flat one."""
    circle = (0.0, 360.0)
    density = density2d(
        sample["alpha21"], sample["alpha31"], sample.weight, circle, circle, bins=48
    )
    inside = density.values[1:-1, 1:-1]
    inside = inside / inside.mean()
    shades = LinearSegmentedColormap.from_list("house", ["white", colour])
    top = max(1.5, float(np.ceil(10 * inside.max()) / 10))
    image = axes.imshow(
        inside.T, cmap=shades, vmin=0.5, vmax=top, origin="lower", extent=(*circle, *circle),
        aspect="auto", interpolation="bilinear",
    )  # fmt: skip
    bar = figure.colorbar(image, ax=axes, pad=0.03, aspect=24)
    bar.set_label("density / flat", fontsize=11.5)
    bar.ax.minorticks_off()
    labels = {"xlabel": sample["alpha21"].label, "ylabel": sample["alpha31"].label}
    axes.set(xticks=_TICKS, yticks=_TICKS, **labels)


_INVARIANTS = {
    "J": r"$J$",
    "I1": r"$I_1 = \mathrm{Im}(U_{e1}^* U_{e2})$",
    "I2": r"$I_2 = \mathrm{Im}(U_{e1}^* U_{e3})$",
}


def _reach(sample: Sample, name: str) -> tuple[float, float]:
    """The circle; for invariants symmetric about zero where the values take both signs."""
    if sample[name].period is not None:
        return 0.0, 360.0
    values = sample[name].values
    top = 1.08 * float(np.quantile(np.abs(values), 0.999))
    return (-top, top) if values.min() < 0 else (0.0, top)
