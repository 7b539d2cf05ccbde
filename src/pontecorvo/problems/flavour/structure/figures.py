"""Pictures of findings: correlations, invariants, charges; each returns a matplotlib `Figure`."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from ....report.style import BLUE, GREY, ORANGE, PALE, VERMILLION, new_figure, styled
from .findings import Findings

__all__ = ["candidates_figure", "charges_figure", "correlations_figure", "invariants_figure"]

_ROWS = ("$e$", r"$\mu$", r"$\tau$")


@styled
def correlations_figure(findings: Findings) -> Figure:
    """Heat maps of the correlations of log abs(Y) and log M: posterior, and less the prior's."""
    figure, axes = new_figure(12, 5.6, 1, 2)
    shades = LinearSegmentedColormap.from_list("diverging", [VERMILLION, "white", BLUE])
    names = [
        n.replace("mu", r"$\mu$").replace("tau", r"$\tau$") for n in findings.correlation_names
    ]
    maps = (findings.correlations, findings.correlations - findings.prior_correlations)
    titles = ("Correlations in the posterior", "less those of the prior")
    for panel, values, title in zip(axes, maps, titles, strict=True):
        shown = np.array(values, copy=True)
        np.fill_diagonal(shown, np.nan)
        image = panel.imshow(shown, cmap=shades, vmin=-1, vmax=1)
        panel.set_xticks(range(len(names)), names, rotation=90, fontsize=9.5)
        panel.set_yticks(range(len(names)), names, fontsize=9.5)
        panel.tick_params(which="both", length=0)
        panel.minorticks_off()
        panel.set_title(title)
    figure.colorbar(image, ax=axes, shrink=0.85)
    return figure


@styled
def invariants_figure(findings: Findings, most: int = 15) -> Figure:
    """Bars of the most informative invariants: bits of the measurement, and what remains."""
    rows = sorted(findings.invariants, key=lambda r: -r.total.bits)[:most]
    figure, axes = new_figure(9, 0.8 + 0.36 * len(rows))
    place = np.arange(len(rows))[::-1]
    axes.barh(place, [r.total.bits for r in rows], 0.8, color=PALE, label="posterior from prior")
    known = [k for k, r in enumerate(rows) if r.remains is not None and r.measured is not None]
    if known and any(r.measured.bits for r in rows if r.measured is not None):
        axes.barh(
            place[known] + 0.2,
            [rows[k].measured.bits for k in known],  # type: ignore[union-attr]
            0.3,
            color=BLUE,
            label="the measurement alone",
        )
        axes.barh(
            place[known] - 0.2,
            [rows[k].remains.bits for k in known],  # type: ignore[union-attr]
            0.3,
            color=ORANGE,
            label="remains",
        )
    axes.set_yticks(place, [r.name.replace("^", "") for r in rows], fontsize=10)
    axes.tick_params(axis="y", which="both", length=0)
    axes.set(xlabel="mutual information [bits]", xlim=(0, 1))
    axes.legend(loc="lower right")
    return figure


@styled
def candidates_figure(findings: Findings) -> Figure:
    """How many times as often each candidate nearly holds in the posterior as in the prior."""
    rows = findings.candidates
    figure, axes = new_figure(9, 0.8 + 0.3 * len(rows))
    place = np.arange(len(rows))[::-1]
    ratio = np.array([max(r.against_prior.ratio, 1e-3) for r in rows])
    error = np.array([r.against_prior.ratio_error for r in rows])
    colour = {
        "structure": VERMILLION,
        "measurement": BLUE,
        "not separable": ORANGE,
        "nothing": GREY,
    }
    for verdict, shade in colour.items():
        at = [k for k, r in enumerate(rows) if r.verdict == verdict]
        if at:
            low = np.minimum(error[at], 0.9 * ratio[at])
            axes.errorbar(
                ratio[at], place[at], xerr=[low, error[at]], fmt="o", color=shade, label=verdict
            )
    axes.axvline(1.0, color=PALE, zorder=0)
    axes.set_xscale("log")
    axes.set_yticks(place, [r.name for r in rows], fontsize=10)
    axes.tick_params(axis="y", which="both", length=0)
    axes.set_xlabel("share near the symmetry: posterior over prior")
    axes.legend(loc="lower right")
    return figure


@styled
def charges_figure(findings: Findings) -> Figure:
    """Typical moduli of the Yukawas over the prior's, with the fitted charges."""
    charges = findings.charges
    n = charges.mean.shape[1]
    figure, axes = new_figure(1.6 + 1.3 * n, 4.2)
    typical = np.exp(charges.mean)
    limit = max(float(np.abs(charges.mean).max()), np.log(2.0))
    shades = LinearSegmentedColormap.from_list("diverging", [VERMILLION, "white", BLUE])
    axes.imshow(charges.mean, cmap=shades, vmin=-limit, vmax=limit)
    for a in range(3):
        for i in range(n):
            power = charges.rows[a] + charges.columns[i]
            text = f"{typical[a, i]:.2g}"
            if findings.charges_verdict != "nothing":
                text += f"\n$\\epsilon^{{{power}}}$"
            axes.text(i, a, text, ha="center", va="center", fontsize=12)
    axes.set_xticks(range(n), [f"$N_{i + 1}$" for i in range(n)])
    axes.set_yticks(range(3), _ROWS, fontsize=14)
    axes.tick_params(which="both", length=0)
    axes.minorticks_off()
    axes.set_title(r"typical $|Y_{\alpha i}|$ over the prior's", fontsize=12)
    return figure
