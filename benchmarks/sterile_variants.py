"""What our choices in gallium, carbon and PROSPECT are worth, and why they differ from others'.

    python benchmarks/sterile_variants.py --data ../shared/data

Prints what `docs/sterile-experiments.md` quotes and writes
`benchmarks/results/sterile_variants.json`.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from pontecorvo.base.files import write_json
from pontecorvo.base.tables import read_table, shipped
from pontecorvo.physics.geometry import Cylinder, Sphere, path_lengths
from pontecorvo.physics.inverse_beta_decay import ibd_zeroth_order
from pontecorvo.physics.reactor import polynomial_flux
from pontecorvo.problems.sterile.experiment_registry import (
    Setting,
    load_experiment,
    load_experiments,
)
from pontecorvo.problems.sterile.experiments import carbon
from pontecorvo.problems.sterile.experiments.gallium import best_lengths, line_average
from pontecorvo.problems.sterile.experiments.prospect import Prospect
from pontecorvo.problems.sterile.experiments.prospect_release import (
    FOLDER,
    TRUE_EDGES,
    read_prospect,
)
from pontecorvo.problems.sterile.linear import group_chi2
from pontecorvo.problems.sterile.templates import Templates, dm2_axis

RESULTS = Path(__file__).parent / "results"
NULL = np.zeros(1), np.ones(1)
# chi2 at s22 = 0.1 less chi2 without oscillation, of the analysis of arXiv:1303.3011
REFERENCE = {
    1.204: -0.33,
    4.077: 2.38,
    5.464: 0.63,
    8.073: -0.56,
    9.346: 0.54,
    10.82: 1.98,
    13.81: -0.35,
    97.2: 0.24,
}
# KARMEN spectrum of that analysis (digitised) over p_e E_e F, against energy in MeV
DIGITISED = np.array(
    [
        [28.5, 30, 31.6, 33, 35, 36.5, 50, 51.5, 52, 52.4],
        [0.73, 0.92, 0.98, 1.0, 1.017, 1.017, 1.008, 1.026, 1.04, 1.10],
    ]
)


def best_point(experiments: list, start: tuple[float, float]) -> tuple[float, float, float]:
    def objective(x: np.ndarray) -> float:
        s22, dm2 = np.clip(x[:1], 0, 1), np.clip(np.exp(x[1:]), 0.01, 100)
        return float(group_chi2(experiments, s22, dm2)[0])

    found = minimize(objective, [start[0], np.log(start[1])], method="Nelder-Mead")
    return found.x[0], float(np.exp(found.x[1])), found.fun


def gallium() -> dict:
    dm2 = 10 ** dm2_axis()
    inner, outer = best_lengths(read_table(shipped("sterile/best_geometry.csv")))
    best = load_experiment("best")
    points = [Sphere(0.6675), None], [Cylinder.centred(1.09, 2.345), Sphere(0.6675)]
    columns = [line_average(path_lengths(*point), "51Cr", dm2) for point in points]
    start = 0.42, 3.3
    extended = best_point([best], start)
    # two ratios, two parameters: chi2 is zero at several masses
    masses = np.geomspace(0.5, 20, 4001)
    mixing, value = np.linspace(0.3, 0.6, 301), []
    for mass in masses:
        value.append(best.chi2(mixing, np.full(301, mass)).min())
    chi2 = np.array(value)
    valleys = (chi2[1:-1] < chi2[:-2]) & (chi2[1:-1] < chi2[2:]) & (chi2[1:-1] < 0.05)
    best._templates = Templates(dm2_axis(), np.stack(columns, 1)[:, None, :])
    low = path_lengths(Cylinder.centred(1.09, 2.10), Sphere(0.6675), Cylinder.centred(0.043, 0.108))
    change = line_average(low, "51Cr", dm2) - line_average(outer, "51Cr", dm2)
    return {
        "length_inner_m": inner.total,
        "length_outer_m": outer.total,
        "best_extended": extended,
        "best_masses_with_chi2_below_0.05": masses[1:-1][valleys],
        "best_point_source_no_hole": best_point([best], start),
        "sin2_change_outer_filled_to_2.10_m": np.abs(change).max(),
    }


def karmen_lsnd() -> dict:
    both = load_experiments("karmen,lsnd")
    dm2 = np.array(list(REFERENCE))
    curve = group_chi2(both, np.full(len(dm2), 0.1), dm2) - group_chi2(both, *NULL)
    original = carbon.decay_at_rest

    def digitised(energy: np.ndarray) -> np.ndarray:
        return original(energy) * np.interp(energy, *DIGITISED)

    lsnd = both[1]
    try:
        carbon.decay_at_rest = digitised
        # a damping that nobody else uses names its own tables
        option = (("carbon.damping", f"{carbon.DAMPING + 1e-9!r}"),)
        karmen = load_experiment("karmen", Setting(options=option))
    finally:
        carbon.decay_at_rest = original
    return {
        "dm2": dm2,
        "ours": curve,
        "reference": list(REFERENCE.values()),
        "null": group_chi2(both, *NULL)[0],
        "null_with_digitised_karmen": group_chi2([karmen, lsnd], *NULL)[0],
    }


def prospect(data: Path) -> dict:
    release = read_prospect(data / FOLDER)
    nodes, weights = np.polynomial.legendre.leggauss(4)
    energy = TRUE_EDGES[:-1, None] + 0.05 * (nodes + 1)
    rate = (polynomial_flux("u235", energy) * ibd_zeroth_order(energy) * weights).sum(1)
    own = np.zeros((10, 16))
    for place, length, scale, response in zip(
        release.bins, release.baselines, release.efficiencies, release.responses, strict=True
    ):
        own[place] += scale / length**2 * (response @ rate)
    shape = own / own.sum() * release.unoscillated.sum() / release.unoscillated
    s22, dm2 = np.array([0.0, 0.11]), np.array([1.0, 1.78])
    return {
        "chi2_released": Prospect(release).chi2(s22, dm2),
        "chi2_own_prediction": Prospect(replace(release, unoscillated=own)).chi2(s22, dm2),
        "shape_own_over_released": [shape.min(), shape.max()],
    }


MAPS = {
    "all_sbl_sys.npz": ("rates-sbl", "hm"),
    "all_sbl_sm.npz": ("rates-sbl", "sm"),
    "spectra_danss.npz": ("danss", "hm"),
    "spectra_bugey.npz": ("bugey3", "hm"),
}


def maps(data: Path) -> dict:
    """Our chi2 less the published maps, inside 99 % (chi2 below its minimum + 9.21)."""
    results = {}
    for name, (experiment, model) in MAPS.items():
        with np.load(data / "chi2_maps" / name, allow_pickle=False) as content:
            x, y, theirs = content[content.files[0]].T.astype(float)
        s22, dm2 = 10 ** np.minimum(x, 0), 10 ** np.clip(y, -2, 2)  # rounding of the map's axes
        ours = load_experiment(experiment, Setting(flux=model)).chi2(s22, dm2)
        inside = theirs < theirs.min() + 9.21
        difference = np.abs(ours - theirs)[inside]
        at, there = ours.argmin(), theirs.argmin()
        results[f"{experiment} {model}"] = {
            "largest": difference.max(),
            "median": np.median(difference),
            "share above 0.2": (difference > 0.2).mean(),
            "share above 0.5": (difference > 0.5).mean(),
            "minimum": [x[at], y[at], ours[at]],
            "their minimum": [x[there], y[there], theirs[there]],
        }
    return results


def neos(data: Path) -> dict:
    """NEOS with the released covariance and with the one built without it."""
    both = [load_experiment("neos", Setting(data=path)) for path in (data, None)]
    s22, dm2 = np.array([0.0, 0.05]), np.array([1.0, 1.73])
    grid = np.meshgrid(np.geomspace(1e-3, 1, 31), np.geomspace(0.1, 10, 41))
    points = grid[0].ravel(), grid[1].ravel()
    delta = [e.chi2(*points) - e.chi2(s22[:1], dm2[:1]) for e in both]
    inside = delta[0] < delta[0].min() + 9.21
    difference = np.abs(delta[1] - delta[0])[inside]
    return {
        "released: null, published point": both[0].chi2(s22, dm2),
        "built: null, published point": both[1].chi2(s22, dm2),
        "difference from null, median, largest": [np.median(difference), difference.max()],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with the released matrices")
    arguments = parser.parse_args()
    results = {"gallium": gallium(), "karmen_lsnd": karmen_lsnd()}
    if arguments.data is not None:
        results["prospect"] = prospect(arguments.data)
        results["neos"] = neos(arguments.data)
        results |= maps(arguments.data)
    for title, numbers in results.items():
        print(title)
        for name, value in numbers.items():
            print(f"  {name:36} {np.array2string(np.asarray(value), precision=4)}")
    write_json(RESULTS / "sterile_variants.json", results)


if __name__ == "__main__":
    main()
