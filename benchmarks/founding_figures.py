"""The founding paper's figures and statements, from its own recipe and from the exact posterior.

    python benchmarks/founding_figures.py RUN [--draws 3000] [--figures docs/figures]

Five sets of points: what the recipe's last network generates *near* L* (all labels within 15
sigma: those that are accepted are too few for a figure), the accepted ones that ship, draws of the
first network steered by the map, to the observables within their errors and to L*, and exact
posterior draws; of the last three those that lie in all eleven 3 sigma ranges. Statements are
written, with errors by the bootstrap, to results/founding_figures.json. The Majorana phases are
compared with flat ones and with the exact draws by Kolmogorov and Smirnov's test.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from founding_solutions import draws_of, good
from matplotlib.figure import Figure
from scipy.stats import ks_1samp, ks_2samp, uniform

from pontecorvo.base.files import write_json
from pontecorvo.base.seeds import stream
from pontecorvo.base.yaml_files import read_yaml
from pontecorvo.flows.conditional_flow import ConditionalFlow
from pontecorvo.physics.masses import m_ee_band
from pontecorvo.problems.flavour.hierarchy import FOUNDING_PAPER, hierarchy_digits
from pontecorvo.problems.flavour.m_ee_bands import band_against_lightest
from pontecorvo.problems.founding_paper.labels import Labels
from pontecorvo.problems.founding_paper.settings import FoundingSettings
from pontecorvo.problems.founding_paper.solutions import accepted_solutions
from pontecorvo.problems.founding_paper.steering import draw_steered
from pontecorvo.report.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    PALE,
    PURPLE,
    VERMILLION,
    few_colours,
    new_figure,
    rendered,
    styled,
)
from pontecorvo.samplers.exact import sample_exact

RESULTS = Path(__file__).parent / "results" / "founding_figures.json"
FIGURES = Path(__file__).parents[1] / "docs" / "figures"
PAPER = {"delta quartile 25 %": 106.0, "delta quartile 75 %": 228.0}
COLOUR = {
    "near": GREY,
    "recipe": VERMILLION,
    "steered": BLUE,
    "to labels": PURPLE,
    "exact": GREEN,
}
TEXT = {
    "near": "recipe, within 15 sigma",
    "recipe": "recipe, accepted",
    "steered": "first network, steered",
    "to labels": "the same, to L*",
    "exact": "exact posterior",
}
_EDGE = 0.1  # of the width of the band of m_ee


def sets_of(run: Path, draws: int) -> tuple[Labels, dict[str, np.ndarray]]:
    """The four sets of parameters (N, 23)."""
    ordering = "io" if read_yaml(run / "settings.yaml")["ordering"] == "io" else "no"
    settings = FoundingSettings(ordering=ordering)
    target = settings.target()
    labels = settings.labels(target.model)
    theta = draws_of(run, ordering)
    near = []
    for start in range(0, len(theta), 100_000):
        part = theta[start : start + 100_000]
        close = (np.abs(labels.pulls(labels.values(part))) < 15).all(axis=1)
        near.append(part[close & np.isfinite(target.log_prior(part))])
    found = np.concatenate(near)
    ship = accepted_solutions()
    own = (ship.how == "recipe") & (ship.ordering == ordering)
    (card,) = run.glob(".stages/*/networks/network-0/network.json")
    first = ConditionalFlow.load(card)
    steered, pinned = (
        draw_steered(first, labels, target.model.prior, draws, 1, to=to)
        for to in ("observables", "labels")
    )
    exact = sample_exact(target, draws, seed=1).theta
    return labels, {
        "near": found,
        "recipe": ship.theta[own],
        "steered": steered[good(steered, ordering)],
        "to labels": pinned[good(pinned, ordering)],
        "exact": exact[good(exact, ordering)],
    }


def quantities(labels: Labels, theta: np.ndarray) -> dict[str, np.ndarray]:
    """What the figures show of points (N, 23)."""
    predicted = labels.model.predict(theta)
    ordering = labels.model.ordering
    lightest = predicted["m1"] if ordering == "no" else predicted["m3"]
    low, high = m_ee_band(
        lightest,
        predicted["sin2_theta12"],
        predicted["sin2_theta13"],
        predicted["dm2_21"],
        predicted["dm2_3l"],
        ordering,
    )
    return {
        **{f"log10_M{k + 1}": theta[:, 18 + k] for k in range(3)},
        **{name: np.degrees(predicted[name]) for name in ("delta_cp", "alpha21", "alpha31")},
        "lightest": lightest,
        "m_ee": predicted["m_ee"],
        "sum_m": predicted["sum_m"],
        "position": (predicted["m_ee"] - low) / (high - low),
        "digits": hierarchy_digits(theta[:, :18]).astype(float),
    }


def statistics(q: dict[str, np.ndarray]) -> dict[str, float]:
    """The numbers of the statements."""
    low, high = np.quantile(q["delta_cp"], [0.25, 0.75])
    numbers = {
        "corr(log M1, log M2)": float(np.corrcoef(q["log10_M1"], q["log10_M2"])[0, 1]),
        "corr(log M2, log M3)": float(np.corrcoef(q["log10_M2"], q["log10_M3"])[0, 1]),
        "corr(log M1, log M3)": float(np.corrcoef(q["log10_M1"], q["log10_M3"])[0, 1]),
        "delta quartile 25 %": float(low),
        "delta quartile 75 %": float(high),
        "m_ee in the outer tenths of its band": float(
            ((q["position"] < _EDGE) | (q["position"] > 1 - _EDGE)).mean()
        ),
        "m_ee median, meV": float(1e3 * np.median(q["m_ee"])),
        "sum m median, meV": float(1e3 * np.median(q["sum_m"])),
    }
    numbers |= {f"median log10 M{k}": float(np.median(q[f"log10_M{k}"])) for k in (1, 2, 3)}
    for k in FOUNDING_PAPER:
        numbers[f"hierarchy of {k} digits"] = float((q["digits"] == k).mean())
    return numbers


def with_errors(q: dict[str, np.ndarray], name: str) -> dict[str, dict[str, float]]:
    """Statistics and their bootstrap errors (200 times)."""
    rng = stream(0, "founding-figures", name)
    n = len(q["m_ee"])
    many = []
    for _ in range(200):
        rows = rng.integers(n, size=n)
        many.append(statistics({key: values[rows] for key, values in q.items()}))
    return {
        key: {"value": value, "error": float(np.std([one[key] for one in many]))}
        for key, value in statistics(q).items()
    }


@styled
def masses_figure(sets: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Heavy masses against one another."""
    figure, axes = new_figure(10, 4.2, 1, 2)
    for axis, (a, b) in zip(axes, ((1, 2), (2, 3)), strict=True):
        for name in ("near", "exact", "steered", "recipe"):
            q = sets[name]
            axis.plot(
                q[f"log10_M{a}"][:1500],
                q[f"log10_M{b}"][:1500],
                ".",
                ms=7 if name == "recipe" else 2,
                color=COLOUR[name],
                label=TEXT[name],
                zorder=3 if name == "recipe" else 1,
            )
        axis.set_xlabel(rf"$\log_{{10}} M_{a}$ / GeV")
        axis.set_ylabel(rf"$\log_{{10}} M_{b}$ / GeV")
    axes[0].legend(markerscale=2)
    return figure


@styled
def phases_figure(sets: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Distributions of delta and the Majorana phases."""
    figure, axes = new_figure(11, 3.8, 1, 3)
    latex = {"delta_cp": r"\delta_{CP}", "alpha21": r"\alpha_{21}", "alpha31": r"\alpha_{31}"}
    for axis, (key, text) in zip(axes, latex.items(), strict=True):
        for name, q in sets.items():
            edges = np.linspace(0, 360, 9 if name == "recipe" else 25)
            axis.hist(
                q[key], edges, density=True, histtype="step", color=COLOUR[name], label=TEXT[name]
            )
        axis.axhline(1 / 360, color=PALE, lw=1)
        axis.set_xlabel(rf"${text}$ [deg]")
        axis.set_xticks([0, 90, 180, 270, 360])
    for value in PAPER.values():
        axes[0].axvline(value, color=INK, ls=":", lw=1)
    axes[0].set_ylabel("density")
    axes[2].legend()
    return figure


@styled
def m_ee_figure(sets: dict[str, dict[str, np.ndarray]], ordering: Any) -> Figure:
    """m_ee against the lightest mass with the allowed band, and its position in the band."""
    figure, axes = new_figure(10.5, 4.2, 1, 2)
    masses = np.geomspace(1e-5, 0.3, 200)
    low, high = band_against_lightest(masses, ordering)
    axes[0].fill_between(masses, np.maximum(low, 1e-6), high, color=PALE, alpha=0.6, lw=0)
    for name in ("near", "exact", "steered", "recipe"):
        q = sets[name]
        axes[0].plot(
            q["lightest"][:1500],
            q["m_ee"][:1500],
            ".",
            ms=7 if name == "recipe" else 2,
            color=COLOUR[name],
        )
        edges = np.linspace(0, 1, 9 if name == "recipe" else 21)
        axes[1].hist(
            q["position"],
            edges,
            density=True,
            histtype="step",
            color=COLOUR[name],
            label=TEXT[name],
        )
    axes[0].set_xscale("log")
    axes[0].set_yscale("log")
    axes[0].set_xlim(1e-5, 0.3)
    axes[0].set_ylim(1e-4, 0.3)
    axes[0].set_xlabel("lightest mass [eV]")
    axes[0].set_ylabel(r"$m_{ee}$ [eV]")
    axes[1].set_xlabel(r"position of $m_{ee}$ between its extremes")
    axes[1].set_ylabel("density")
    axes[1].legend()
    return figure


@styled
def digits_figure(sets: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Hierarchy of the Yukawa matrix in digits."""
    figure, axes = new_figure(6.5, 3.8)
    names = [*sets, "paper"]
    for index, name in enumerate(names):
        at = np.arange(1, 5) + (index - 2.5) * 0.13
        heights = (
            list(FOUNDING_PAPER.values())
            if name == "paper"
            else [(sets[name]["digits"] == k).mean() for k in FOUNDING_PAPER]
        )
        colour = INK if name == "paper" else COLOUR[name]
        axes.bar(at, heights, 0.12, color=colour, label=TEXT.get(name, "arXiv:2503.21432"))
    axes.set_xticks([1, 2, 3, 4])
    axes.set_xlabel("hierarchy of Y, digits")
    axes.set_ylabel("fraction")
    axes.legend()
    return figure


def main() -> None:
    """Draw, count, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--draws", type=int, default=3000)
    parser.add_argument("--figures", type=Path, default=FIGURES)
    arguments = parser.parse_args()
    labels, theta = sets_of(arguments.run, arguments.draws)
    sets = {name: quantities(labels, points) for name, points in theta.items()}
    result: dict[str, Any] = {
        name: {
            "points": len(q["m_ee"]),
            "statistics": with_errors(q, name),
            "phases": {
                key: {
                    "quartiles": np.quantile(q[key], [0.25, 0.75]),
                    "p, flat": float(ks_1samp(q[key], uniform(0, 360).cdf).pvalue),
                    "p, as exact": float(ks_2samp(q[key], sets["exact"][key]).pvalue),
                }
                for key in ("delta_cp", "alpha21", "alpha31")
            },
        }
        for name, q in sets.items()
    }
    result["paper"] = PAPER | {f"hierarchy of {k} digits": v for k, v in FOUNDING_PAPER.items()}
    write_json(RESULTS, result)
    names = list(sets)
    print("| | " + " | ".join(f"{TEXT[n]} ({result[n]['points']:,})" for n in names) + " | paper |")
    print("|---" * (2 + len(names)) + "|")
    for key in result["exact"]["statistics"]:
        cells = [result[n]["statistics"][key] for n in names]
        text = [f"{c['value']:.3g} ± {c['error']:.1g}" for c in cells]
        print(f"| {key} | " + " | ".join(text) + f" | {result['paper'].get(key, '–')} |")
    for key in ("delta_cp", "alpha21", "alpha31"):
        for test in ("p, flat", "p, as exact"):
            text = [f"{result[n]['phases'][key][test]:.2g}" for n in names]
            print(f"| {key}: {test} | " + " | ".join(text) + " | – |")
    for name, figure in (
        ("heavy-masses", masses_figure(sets)),
        ("phases", phases_figure(sets)),
        ("m-ee", m_ee_figure(sets, labels.model.ordering)),
        ("hierarchy", digits_figure(sets)),
    ):
        png = few_colours(rendered(figure)["png"])
        (arguments.figures / f"founding-{name}.png").write_bytes(png)


if __name__ == "__main__":
    main()
