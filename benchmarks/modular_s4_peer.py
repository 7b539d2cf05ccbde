"""The S4' model by a public fitter, FlavorPy, beside `method: modes`: minutes, chi2, modes.

    PYTHONPATH=src PYTHON benchmarks/modular_s4_peer.py --ordering no --run DIR --points 100

PYTHON is one that has `flavorpy` 0.2.0 (BSD-3), which the package does not need. The fitter gets
the same data (six dimensionless observables) and compiled mass matrices, and is used as in its own
example: minimisations from random points, minima told apart, an emcee chain of 40 walkers in some
of them, of which the example makes 20,000 steps. Ours is read from the folder of a run,
`--run DIR` (`pontecorvo run` with study: modular-s4-no or -io, scale: ratio).
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from modular_s4_check import bases, combine

from pontecorvo.base.files import write_json
from pontecorvo.problems.flavour.lepton_data import lepton_measurement
from pontecorvo.problems.flavour.mass_matrix_model import FITTED
from pontecorvo.problems.modular_s4 import ModularS4Problem, ModularS4Settings

HERE = Path(__file__).parent / "results"
RESULTS = HERE / "modular_s4_peer.json"
THEIRS = {
    "me_over_mmu": "me/mu", "mmu_over_mtau": "mu/mt", "sin2_theta12": "s12^2",
    "sin2_theta13": "s13^2", "sin2_theta23": "s23^2", "dm2_ratio": "r",
}  # fmt: skip
NAMES = ("re_tau", "im_tau", "a2", "a3", "g2", "g3")
BOX = ((-0.5, 0.5), (0.866, 3.5), (-10, 10), (-10, 10), (-10, 10), (-10, 10))
STEPS_OF_EXAMPLE = 20_000


def matrix(which, p):
    """M_e or M_nu (3, 3) at a dictionary of parameters."""
    em, nm = np.empty((2, 3, 3, 3), np.complex128)
    m = np.empty((3, 3), np.complex128)
    bases(complex(p["re_tau"], p["im_tau"]), em, nm)
    if which == "e":
        combine(em, float(p["a2"]), float(p["a3"]), m)
    else:
        combine(nm, float(p["g2"]), float(p["g3"]), m)
    return m


def peer_model(ordering, rng):
    """FlavorPy's model with our data and prior box."""
    import flavorpy.modelfitting as mf

    space = mf.ParameterSpace()
    for name, (low, high) in zip(NAMES, BOX, strict=True):
        top = 2.0 if name == "im_tau" else high  # the example's own range of starts
        space.add_dim(
            name=name, min=low, max=high,
            sample_fct=lambda low=low, top=top: float(rng.uniform(low, top)),
        )  # fmt: skip
    space.add_dim(name="n_scale", sample_fct=lambda: 1.0, vary=False)
    sign = -1 if ordering == "io" else 1
    data = {}
    for q in lepton_measurement(ordering, FITTED["ratio"]).quantities:
        s = sign if q.name == "dm2_ratio" else 1
        # functions: its table of Gaussian errors binds the last row's name in every row (0.2.0)
        data[THEIRS[q.name]] = lambda x, q=q, s=s: ((x - s * q.central) / q.sigma) ** 2
    return mf.FlavorModel(
        name=ordering,
        # it wants the left-handed fields first
        mass_matrix_e=lambda p: matrix("e", p).T, mass_matrix_n=lambda p: matrix("n", p),
        parameterspace=space, ordering=ordering.upper(), fitted_observables=list(data),
        experimental_data=mf.ExperimentalData(name="ours", data=data),
    )  # fmt: skip


def distinct(points, chi2):
    """Indices of minima that differ by more than 2 % of the box in some parameter, best first."""
    width = 0.02 * np.array([high - low for low, high in BOX])
    width[:2] = 0.01
    found = []
    for i in np.argsort(chi2):
        if all(np.any(np.abs(points[i] - points[j]) > width) for j in found):
            found.append(int(i))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--chains", type=int, default=2)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    ordering = arguments.ordering
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(arguments.seed)
    np.random.seed(arguments.seed)  # noqa: NPY002 - the fitter shuffles its minimisers by it
    model = peer_model(ordering, rng)
    target = ModularS4Problem(ModularS4Settings(ordering=ordering, scale="ratio")).target
    # both codes see the same physics, or nothing below means anything
    trial = target.model.prior.sample(20, rng)
    best = sum(-np.log(q.sigma * np.sqrt(2 * np.pi)) for q in target.measurement.quantities)
    for row in trial:
        ours = -2 * (target.log_likelihood(row[None])[0] - best)
        theirs = np.sum(np.square(model.residual(dict(zip(NAMES, row, strict=True)))))
        assert np.isclose(ours, theirs, rtol=1e-6), (ours, theirs)

    cpu = time.process_time()
    table = model.dimless_fit(points=arguments.points)
    fit_cpu = time.process_time() - cpu
    chi2, points = table["chisq"].to_numpy(float), table[list(NAMES)].to_numpy(float)
    good = np.flatnonzero(chi2 < 3)
    minima = good[distinct(points[good], chi2[good])]
    print(f"FlavorPy: {arguments.points} starts, {fit_cpu / 60:.1f} processor minutes, ", end="")
    print(f"{len(minima)} distinct points with chi2 < 3; best chi2 {chi2.min():.3g}")
    chains = []
    for i in [*minima, int(chi2.argmin())][: arguments.chains]:
        cpu = time.process_time()
        steps = arguments.steps
        model.mcmc_fit(table.loc[[i]], mcmc_steps=steps, burn=0, thin=1, progress=False)
        each = (time.process_time() - cpu) / steps
        chains.append(each * STEPS_OF_EXAMPLE / 60)
        print(f"  a chain: {chains[-1]:.1f} processor minutes for {STEPS_OF_EXAMPLE} steps")

    summary = json.loads((arguments.run / "summary.json").read_text())
    modes = [m for m in summary["method_notes"]["modes"] if m["share"] > 0.005]
    minutes = summary["seconds"]["draw"] / 60
    where = np.array([[mode["best"][name] for name in NAMES] for mode in modes])
    ours = -2 * (target.log_likelihood(where) - best)
    shift = (where[:, None] - points[minima]) / np.array([high - low for low, high in BOX])
    near = np.sqrt(np.sum(shift**2, axis=2))
    near = np.column_stack([near, np.full(len(modes), np.inf)])  # there may be no minima
    seen = near.min(axis=1) < 0.02
    print(f"modes: {minutes:.1f} minutes of two cores for all")
    print("share    chi2     chi2 of the fitter's point nearest to it")
    rows = []
    for i, mode in enumerate(modes):
        theirs = float(chi2[minima[near[i].argmin()]]) if seen[i] else None
        rows.append([mode["share"], mode["error"], float(ours[i]), theirs])
        print(f"{mode['share']:.4f}  {ours[i]:7.4f}  {theirs if seen[i] else 'not found'}")
    share = float(sum(mode["share"] for mode, known in zip(modes, seen, strict=True) if known))
    print(
        f"{int(seen.sum())} of {len(modes)} modes above 0.5 % met by the fitter: {share:.2f} of Z"
    )
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results[ordering] = {
        "starts": arguments.points, "fit_processor_minutes": fit_cpu / 60,
        "distinct_points_below_chi2_3": len(minima), "chain_processor_minutes": chains,
        "our_minutes_of_two_cores": minutes, "our_modes": len(modes),
        "met": int(seen.sum()), "share_met": share, "modes": rows,
    }  # fmt: skip
    write_json(RESULTS, results)


if __name__ == "__main__":
    main()
