"""Daya Bay: the three-flavour fit, the comparison with `dayabay-model`, and the price of linearity.

Usage: python benchmarks/dayabay.py [--peer PYTHON] [--sterile]

PYTHON is the interpreter of an environment with ``dayabay-model`` (its dependencies disagree with
ours, so it is never imported here). Writes benchmarks/results/dayabay.json.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.base.seeds import stream
from pontecorvo.problems.sterile.experiments.dayabay.derivatives import group_covariances
from pontecorvo.problems.sterile.experiments.dayabay.fit import Fit, fit
from pontecorvo.problems.sterile.experiments.dayabay.prediction import Point, load_model
from pontecorvo.problems.sterile.experiments.dayabay.statistic import chi2

OFFICIAL = {"sin2_2theta13": 0.08542, "dm2_32": 2.4708e-3}
PUBLISHED = {"sin2_2theta13": (0.0851, 0.0024), "dm2_32": (2.466e-3, 0.060e-3)}
RESULTS = Path(__file__).parent / "results" / "dayabay.json"


def three_flavours() -> list[dict[str, Any]]:
    """Fit by every statistic and print the table."""
    rows = []
    print(f"{'statistic':34s} {'chi2':>8s} {'sin^2 2th13':>17s} {'dm2_32 [1e-3 eV^2]':>19s}")
    model = load_model()
    cases: dict[str, dict[str, Any]] = {
        "cnp, covariance": {},
        "pearson, covariance": {"kind": "pearson"},
        "neyman, covariance": {"kind": "neyman"},
        "cnp, covariance, live variance": {"frozen": False, "updates": 0},
        "cnp, pulls": {"systematics": "pulls"},
        "poisson, pulls": {"systematics": "pulls", "kind": "poisson"},
    }
    start = None
    for name, choices in cases.items():
        began = time.perf_counter()
        found = fit(model, start=start, **choices)
        start = start or found.point
        rows.append(_row(name, found, time.perf_counter() - began))
        if found.point.pulls is not None:
            size = np.abs(found.point.pulls)
            worst = np.argsort(size)[::-1][:5]
            rows[-1]["largest_pulls"] = {
                model.nuisances.names[i]: float(found.point.pulls[i]) for i in worst
            }
            rows[-1]["pull_penalty"] = float(size @ size)
            listed = ", ".join(f"{n} {v:+.2f}" for n, v in rows[-1]["largest_pulls"].items())
            print(f"    penalty of 1057 pulls {size @ size:.1f}; largest: {listed}")
    value, error = PUBLISHED["sin2_2theta13"]
    mass, spread = PUBLISHED["dm2_32"]
    print(f"{'published (PRL 130, 161802)':34s} {'':8s} {value:.4f} +- {error:.4f}  "
          f"{1e3 * mass:.4f} +- {1e3 * spread:.4f}")  # fmt: skip
    return rows


def _row(name: str, found: Fit, seconds: float) -> dict[str, Any]:
    mixing, errors = found.point.mixing, found.errors
    print(
        f"{name:34s} {found.chi2:8.2f} {mixing.sin2_2theta13:.5f} +- "
        f"{errors['sin2_2theta13']:.5f} {1e3 * mixing.dm2_32:.4f} +- {1e3 * errors['dm2_32']:.4f}"
        f"  {seconds:6.1f} s",
        flush=True,
    )
    return {
        "statistic": name,
        "chi2": found.chi2,
        "sin2_2theta13": mixing.sin2_2theta13,
        "sin2_2theta13_error": errors["sin2_2theta13"],
        "dm2_32": mixing.dm2_32,
        "dm2_32_error": errors["dm2_32"],
        "expected_over_observed": found.counts.sum() / load_model().data.sum(),
        "seconds": seconds,
    }


def against_peer(python: str) -> dict[str, Any]:
    """Compare counts, covariances and chi2 with `dayabay-model` at the same parameters."""
    model = load_model(background="as-dayabay-model")
    pulls = stream(1, "dayabay-peer").standard_normal(len(model.nuisances))
    nominal = model.mixing()
    start = Point(nominal)
    official = Point(model.mixing(**OFFICIAL))
    pinned = ("sin2_2theta13", "dm2_32", "normalisation")
    at_official = fit(model, start=official, fixed=pinned, frozen=False, updates=0)
    # the covariance of the peer is that of its starting point
    matrices = group_covariances(model.state(start))
    systematic = sum(matrices.values())
    at_official = fit(model, start=at_official.point, fixed=pinned, systematic=systematic,
                      frozen=False, updates=0)  # fmt: skip
    ours = fit(model, start=at_official.point, systematic=systematic, frozen=False, updates=0)
    cases = {
        "release's starting point": start,
        "official best fit, Huber-Mueller": official,
        "official best fit, our spectrum": at_official.point,
        "our best fit of the same chi2": ours.point,
        "all 1057 pulls drawn": Point(nominal, pulls=pulls),
    }
    answer = _ask(python, model.nuisances.names, list(cases.values()))
    rows = []
    print(f"\n{'parameters':34s} {'largest difference of a bin':>28s} {'chi2':>9s} {'peer':>9s}")
    for i, (name, point) in enumerate(cases.items()):
        counts = model.counts(point)
        difference = float(np.abs(counts / answer[f"counts_{i}"] - 1).max())
        value = chi2("cnp", model.data, counts, systematic)
        peer = float(answer[f"chi2_{i}"][0])
        print(f"{name:34s} {100 * difference:26.4f} % {value:9.3f} {peer:9.3f}")
        rows.append({"parameters": name, "largest_relative_difference": difference,
                     "chi2": value, "peer_chi2": peer})  # fmt: skip
    groups = {}
    for group, matrix in matrices.items():
        theirs = answer[f"covariance_{group}"]
        groups[group] = float(np.abs(matrix - theirs).max() / np.abs(theirs).max())
    worst = max(groups, key=lambda group: groups[group])
    print(f"covariances of 13 groups: largest relative difference {groups[worst]:.1e} ({worst})")
    print("official chi2 quoted for its best fit: 557.98")
    return {"points": rows, "covariances": groups, "peer_build_seconds": float(answer["built"])}


def _ask(python: str, names: tuple[str, ...], points: list[Point]) -> dict[str, np.ndarray]:
    request = [
        {
            "sin2_2theta13": point.mixing.sin2_2theta13,
            "dm2_32": point.mixing.dm2_32,
            "shape": point.shape.tolist(),
            "pulls": {} if point.pulls is None
            else dict(zip(names, point.pulls.tolist(), strict=True)),
        }
        for point in points
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        question, reply = Path(folder) / "request.json", Path(folder) / "answer.npz"
        question.write_text(json.dumps(request), encoding="utf-8")
        peer = Path(__file__).with_name("dayabay_peer.py")
        subprocess.run([python, str(peer), str(question), str(reply)], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        with np.load(reply, allow_pickle=False) as content:
            return {name: content[name] for name in content.files}


def sterile() -> list[dict[str, float]]:
    """The experiment's chi2 (linear, one covariance) beside fits of all 1079 parameters."""
    from pontecorvo.problems.sterile.experiment_registry import load_experiment
    from pontecorvo.problems.sterile.experiments.dayabay.survival import EXTENT

    experiment = load_experiment("dayabay")
    model = load_model(EXTENT)
    start = fit(model).point
    null = fit(model, systematics="pulls", start=start, tolerance=1e-3)
    base = experiment.chi2(np.zeros(1), np.ones(1))[0]
    print(f"\nnull: linear {base:.3f}, all pulls fitted {null.chi2:.3f}; differences from it:")
    print(f"{'sin^2 2th14':>12s} {'dm2_41':>8s} {'linear':>9s} {'fitted':>9s}")
    rows = []
    amplitudes = np.logspace(-4, -0.5, 400)
    for dm2 in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3):
        scan = experiment.chi2(amplitudes, np.full(400, dm2)) - base
        # the largest amplitude still below this: on an exclusion line
        place = np.flatnonzero(scan < 9.0)[-1]
        s22, linear = float(amplitudes[place]), float(scan[place])
        mixing = model.mixing(
            sin2_2theta14=s22,
            dm2_41=dm2,
            sin2_2theta13=start.mixing.sin2_2theta13,
            dm2_32=start.mixing.dm2_32,
        )
        point = Point(mixing, shape=start.shape)
        full = fit(model, systematics="pulls", start=point, tolerance=1e-3)
        difference = full.chi2 - null.chi2
        print(f"{s22:12.5f} {dm2:8.3f} {linear:9.3f} {difference:9.3f}", flush=True)
        rows.append({"s22": s22, "dm2": dm2, "linear": linear, "fitted": difference})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", metavar="PYTHON", help="interpreter that has dayabay-model")
    parser.add_argument("--sterile", action="store_true", help="linear chi2 against full fits")
    chosen = parser.parse_args()
    results: dict[str, Any] = {"python": sys.version.split()[0]}
    if chosen.peer:
        results["dayabay_model"] = against_peer(chosen.peer)
        write_json(RESULTS, results)
    if chosen.sterile:
        results["sterile"] = sterile()
        write_json(RESULTS, results)
    results["three_flavour"] = three_flavours()
    write_json(RESULTS, results)


if __name__ == "__main__":
    main()
