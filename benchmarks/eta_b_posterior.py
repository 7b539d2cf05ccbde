"""The posterior of the baryon asymmetry of the anarchic seesaw, and of its LFV predictions.

From a run's `posterior.nc`, with its weights, or from a fresh sample of the exact posterior:

    python benchmarks/eta_b_posterior.py --ordering no --draws 10000
    python benchmarks/eta_b_posterior.py --run RUN
    python benchmarks/eta_b_posterior.py --timing

Writes benchmarks/results/eta_b_posterior_{no,io}.json and docs/figures/eta_b.png or eta_b-io.png.
Five choices of the kinetic equations stand side by side, since at the masses that the prior prefers
they differ by orders of magnitude; docs/leptogenesis-and-lfv.md says what each leaves out.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.base.quantiles import effective_size, weighted_quantiles
from pontecorvo.core.draws import weights_from_logs
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import nufit
from pontecorvo.problems.flavour.predictions.leptogenesis import eta_b
from pontecorvo.problems.flavour.predictions.plugin import FlavourDraws
from pontecorvo.problems.flavour.predictions.plugins import predict
from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.report import style
from pontecorvo.samplers.exact import sample_exact

RESULTS = Path(__file__).parent / "results"
FIGURE = Path(__file__).parent.parent / "docs" / "figures"
OBSERVED = 6.1e-10
LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
VARIANTS = {
    "unflavoured, N1 decays": {"equations": "unflavoured", "decaying": 1},
    "unflavoured, all decay": {"equations": "unflavoured", "decaying": 3},
    "unflavoured, N1 decays, Delta L = 2": {
        "equations": "unflavoured",
        "decaying": 1,
        "delta_l2": True,
    },
    "density matrix, all decay": {"equations": "density-matrix", "decaying": 3},
    "density matrix, all decay, Delta L = 2": {
        "equations": "density-matrix",
        "decaying": 3,
        "delta_l2": True,
    },
}


def of_run(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """Y (N, 3, 3), M (N, 3), normalised weights (N,) and ordering of a run of the seesaw."""
    from pontecorvo.study.posterior_file import read_groups

    groups = read_groups(folder / "posterior.nc")
    posterior = groups["posterior"].stack(sample=("chain", "draw")).transpose("sample", ...)
    y = posterior["Y_re"].values + 1j * posterior["Y_im"].values
    m = 10 ** posterior["log10_M"].values * np.exp(1j * posterior["phase_M"].values)
    weight = weights_from_logs(groups["sample_stats"]["log_weight"].values.ravel())
    inverted = float(groups["predictions"]["dm2_3l"].values.ravel()[0]) < 0
    return y, m, weight, "io" if inverted else "no"


def fresh(ordering: str, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Y, M and weights of the exact posterior with NuFIT 6.0."""
    model = Seesaw(ordering)
    sample = sample_exact(Target(model, nufit(ordering)), draws, seed)
    arrays = model.variables(sample.theta)
    y = arrays["Y_re"][1] + 1j * arrays["Y_im"][1]
    m = 10 ** arrays["log10_M"][1] * np.exp(1j * arrays["phase_M"][1])
    return y, m, weights_from_logs(sample.log_weight)


def figures_of(eta: np.ndarray, weight: np.ndarray) -> dict:
    """Quantiles of log10 abs(eta_B), and how much is near or above what is observed."""
    size = np.abs(eta)
    n = effective_size(weight)
    near = np.sum(weight * (np.abs(size / OBSERVED - 1) < 0.3))
    enough = np.sum(weight * (size > OBSERVED))
    with np.errstate(divide="ignore"):
        log = np.log10(size)
    return {
        "log10_abs_eta_B_quantiles": weighted_quantiles(log, weight, LEVELS).tolist(),
        "fraction_within_30_percent": [near, float(np.sqrt(near * (1 - near) / n))],
        "fraction_above_observed": [enough, float(np.sqrt(enough * (1 - enough) / n))],
        "fraction_positive": float(np.sum(weight * (eta > 0))),
    }


@style.styled
def figure(values: dict[str, np.ndarray], weight: np.ndarray, log_m1: np.ndarray, ordering: str):
    """Histograms of log10 abs(eta_B), and the density against log10 M_1."""
    canvas, (left, right) = style.new_figure(11, 4.3, 1, 2)
    edges = np.linspace(-16, -4, 73)
    colours = (style.PALE, style.GREY, style.ORANGE, style.SKY, style.ORDERING_COLOUR[ordering])
    for (name, eta), colour in zip(values.items(), colours, strict=True):
        log = np.log10(np.abs(eta) + 1e-99)
        kind = "stepfilled" if colour == style.PALE else "step"
        left.hist(log, edges, weights=weight, density=True, histtype=kind, color=colour, label=name)
    left.axvline(np.log10(OBSERVED), color=style.INK, ls="--")
    left.set(xlabel=r"$\log_{10}|\eta_B|$", xlim=(edges[0], edges[-1]))
    left.set_ylim(0, 1.75 * left.get_ylim()[1])
    left.legend(loc="upper left", fontsize=9.5)
    style.no_y_axis(left)
    last = np.log10(np.abs(list(values.values())[-1]) + 1e-99)
    right.hist2d(log_m1, last, (60, edges), weights=weight, cmap="Blues")
    right.axhline(np.log10(OBSERVED), color=style.INK, ls="--")
    right.set(
        xlabel=r"$\log_{10}(M_1/\mathrm{GeV})$",
        ylabel=r"$\log_{10}|\eta_B|$, " + list(VARIANTS)[-1].replace("Delta", r"$\Delta$"),
    )
    right.yaxis.label.set_size(10.5)
    return canvas


def timing(draws: int) -> None:
    """CPU seconds of each variant for draws of the prior, on one thread; no posterior needed."""
    model = Seesaw("no")
    arrays = model.variables(model.prior.sample(draws, np.random.default_rng(0)))
    y, m = arrays["Y_re"][1] + 1j * arrays["Y_im"][1], 10 ** arrays["log10_M"][1]
    rows = {}
    for name, settings in VARIANTS.items():
        eta_b(y[:2], m[:2], 174.1, **settings)
        start = time.process_time()
        eta_b(y, m, 174.1, **settings)
        rows[name] = time.process_time() - start
        print(name, f"{rows[name]:.1f} s")
    write_json(RESULTS / "eta_b_timing.json", {"draws": draws, "cpu_seconds": rows})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--run", type=Path, help="folder of a run of the seesaw")
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timing", action="store_true", help="only time the equations")
    options = parser.parse_args()
    if options.timing:
        timing(options.draws)
        return
    ordering, vev = options.ordering, 174.1
    if options.run is not None:
        y, m, weight, ordering = of_run(options.run)
    else:
        y, m, weight = fresh(ordering, options.draws, options.seed)

    values, rows = {}, {}
    warm = {"y": y[:2], "m": m[:2], "vev": vev}
    for name, settings in VARIANTS.items():
        eta_b(**warm, **settings)  # the compiler's time is not the equations'
        start = time.perf_counter()
        values[name] = eta_b(y, m, vev, **settings)
        seconds = time.perf_counter() - start
        rows[name] = figures_of(values[name], weight) | {"seconds": seconds}
        print(name, rows[name])
    log_m1 = np.log10(np.abs(m).min(axis=1))
    asked = ["lfv", "lfv-susy", {"leptogenesis": {"equations": "unflavoured"}}]
    known, _ = predict(asked, FlavourDraws(y=y, m=m, vev=vev, ordering=ordering))
    known = {k: v for k, v in known.items() if k not in ("eta_B", "abs_eta_B", "eps_1")}
    write_json(
        RESULTS / f"eta_b_posterior_{ordering}.json",
        {
            "draws": len(y),
            "effective_draws": effective_size(weight),
            "seed": options.seed,
            "observed": OBSERVED,
            "levels": LEVELS.tolist(),
            "log10_M1_quantiles": weighted_quantiles(log_m1, weight, LEVELS).tolist(),
            "eta_B": rows,
            "predictions": {
                k: weighted_quantiles(v, weight, LEVELS).tolist() for k, v in known.items()
            },
        },
    )
    name = "eta_b" if ordering == "no" else f"eta_b-{ordering}"
    style.write_figure(figure(values, weight, log_m1, ordering), FIGURE, name)
    (FIGURE / f"{name}.pdf").unlink()


if __name__ == "__main__":
    main()
