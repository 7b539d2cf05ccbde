"""Every sterile experiment and its options: no-oscillation chi2 and best fit, published beside.

    python benchmarks/sterile_experiments.py --data ../shared/data

Prints a table and writes `benchmarks/results/sterile_experiments.json` (with --only, its rows). The
best fit is the lowest of a fine plane (s22 linear and logarithmic, dm2 logarithmic), polished by a
minimiser.
"""

import argparse
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from pontecorvo.base.errors import InputError
from pontecorvo.base.files import write_json
from pontecorvo.base.progress import progress
from pontecorvo.problems.sterile.experiment_registry import Setting, expand, load_experiments
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.model import points_of

RESULTS = Path(__file__).parent / "results"
S22 = np.unique(np.concatenate([10 ** np.arange(-4, -0.99, 0.05), np.arange(0.1, 1.0001, 0.01)]))
DM2 = 10 ** np.arange(-2, 2.0001, 0.01)

# label, experiments, options beside the defaults, range of dm2, published statement
CASES: list[tuple[str, str, dict, tuple[float, float], str]] = [
    (
        "rates, short, HM",
        "rates-sbl",
        {"flux": "hm"},
        (0.01, 100),
        "14.858; 7.907 at (0.091, 0.40)",
    ),
    ("rates, short, SM", "rates-sbl", {"flux": "sm"}, (0.01, 100), ""),
    ("rates, short, HKSS", "rates-sbl", {"flux": "hkss"}, (0.01, 100), ""),
    ("rates, medium, HM", "rates-mbl", {"flux": "hm"}, (0.01, 100), ""),
    ("rates, all, HM", "rates", {"flux": "hm"}, (0.01, 100), ""),
    ("evolution, Daya Bay, HM", "evolution-dayabay", {}, (0.01, 100), ""),
    ("evolution, RENO, HM", "evolution-reno", {}, (0.01, 100), ""),
    ("DANSS", "danss", {}, (0.01, 100), "33.467; 21.347 at (0.072, 1.32)"),
    ("NEOS, without folder", "neos", {"data": None}, (0.01, 100), "(0.05, 1.73)"),
    ("NEOS, with folder", "neos", {}, (0.01, 100), "(0.05, 1.73)"),
    ("Bugey-3", "bugey3", {}, (0.01, 100), ""),
    ("RENO", "reno", {}, (0.01, 100), ""),
    ("Double Chooz", "double-chooz", {}, (0.01, 100), ""),
    ("Daya Bay", "dayabay", {}, (0.01, 100), ""),
    ("GALLEX", "gallex", {}, (0.1, 100), ""),
    ("SAGE", "sage", {}, (0.1, 100), ""),
    ("BEST, zones", "best", {}, (0.1, 100), "(0.42, 3.3)"),
    ("BEST, runs", "best", {"options": {"best.data": "runs"}}, (0.1, 100), ""),
    ("gallium, 0 %", "gallium", {"gallium_cross_section": 0.0}, (0.1, 100), "66.9; (0.34, 1.25)"),
    ("gallium, 2 %", "gallium", {}, (0.1, 100), "42.9"),
    ("gallium, 3.2 %", "gallium", {"gallium_cross_section": 0.032}, (0.1, 100), "28.5"),
    (
        "gallium, ground state, 0 %",
        "gallium",
        {"gallium_cross_section": 0.0, "options": {"gallium.cross_section": "ground-state"}},
        (0.1, 100),
        "",
    ),
    (
        "gallium, Frekers, 0 %",
        "gallium",
        {"gallium_cross_section": 0.0, "options": {"gallium.cross_section": "frekers"}},
        (0.1, 100),
        "",
    ),
    ("KARMEN", "karmen", {}, (0.3, 100), ""),
    ("LSND", "lsnd", {}, (0.3, 100), "3.92"),
    ("KARMEN + LSND", "karmen,lsnd", {}, (0.3, 100), "34.73; 34.17 at (0.10, 8.1)"),
    (
        "KARMEN + LSND, no blur",
        "karmen,lsnd",
        {"options": {"carbon.damping": "0"}},
        (0.3, 100),
        "",
    ),
    (
        "KARMEN + LSND, Fukugita both",
        "karmen,lsnd",
        {"options": {"karmen.shape": "fukugita"}},
        (0.3, 100),
        "",
    ),
    (
        "KARMEN + LSND, p E F both",
        "karmen,lsnd",
        {"options": {"lsnd.shape": "phase-space"}},
        (0.3, 100),
        "",
    ),
    (
        "KARMEN rate + LSND",
        "karmen,lsnd",
        {"options": {"karmen.data": "rate"}},
        (0.3, 100),
        "4.18",
    ),
    (
        "KARMEN + LSND, LSND unpaired",
        "karmen,lsnd",
        {"options": {"lsnd.bins": "single"}},
        (0.3, 100),
        "",
    ),
    ("PROSPECT", "prospect", {}, (0.1, 30), "123.3; 119.3 at (0.11, 1.78)"),
    ("solar", "solar", {}, (0.01, 100), "0.158 (90 %), 0.248 (99 %)"),
]


def fit(names: str, setting: Setting, low: float, high: float) -> dict:
    joint = JointLikelihood(load_experiments(names, setting))
    null = float(joint.chi2(np.zeros(1), np.ones(1))[0])
    inside = np.logical_and(np.greater(DM2, low * 0.9999), np.less(DM2, high * 1.0001))
    dm2 = DM2[inside]
    grid = np.stack(
        [a.ravel() for a in np.meshgrid(np.log10(S22), np.log10(dm2), indexing="ij")], axis=1
    )
    chi2 = joint.chi2(*points_of(grid))
    start = grid[chi2.argmin()]

    def objective(point: np.ndarray) -> float:
        x, y = min(point[0], 0.0), np.clip(point[1], np.log10(low), np.log10(high))
        return float(joint.chi2(*points_of(np.array([[x, y]])))[0])

    polished = minimize(objective, start, method="Nelder-Mead", options={"xatol": 1e-4})
    x, y = min(polished.x[0], 0.0), np.clip(polished.x[1], np.log10(low), np.log10(high))
    return {
        "bins": sum(e.size for e in load_experiments(names, setting)),
        "null": null,
        "minimum": min(float(polished.fun), null),
        "s22": 10**x,
        "dm2": 10**y,
    }


def make_setting(options: dict, data: Path | None) -> Setting:
    chosen = dict(options)
    chosen["options"] = tuple(chosen.get("options", {}).items())
    chosen.setdefault("data", data)
    return Setting(**chosen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with the released matrices")
    parser.add_argument("--only", default="", help="run the cases whose label holds this text")
    arguments = parser.parse_args()
    rows = []
    cases = [case for case in CASES if arguments.only.lower() in case[0].lower()]
    with progress("Experiments", total=len(cases)) as advance:
        for label, names, options, (low, high), published in cases:
            advance(0, label)
            if "dayabay" in expand(names) and find_spec("dayabay_data_official") is None:
                rows.append((label, None, published))
            else:
                try:
                    result = fit(names, make_setting(options, arguments.data), low, high)
                except (InputError, ModuleNotFoundError) as error:
                    print(f"{label}: left out ({error})")
                    result = None
                rows.append((label, result, published))
            advance()
    print(f"{'case':32} {'bins':>5} {'null':>9} {'minimum':>9} {'s22':>8} {'dm2':>8}  published")
    for label, result, published in rows:
        if result is None:
            print(f"{label:32} {'-':>5}")
            continue
        print(
            f"{label:32} {result['bins']:5d} {result['null']:9.3f} {result['minimum']:9.3f} "
            f"{result['s22']:8.4f} {result['dm2']:8.4f}  {published}"
        )
    path = RESULTS / "sterile_experiments.json"
    found = {label: {"case": label, "published": n, **(r or {})} for label, r, n in rows}
    if arguments.only and path.is_file():  # the other cases stay
        found = {row["case"]: row for row in json.loads(path.read_text("utf-8"))} | found
    write_json(path, [found[case[0]] for case in CASES if case[0] in found])


if __name__ == "__main__":
    main()
