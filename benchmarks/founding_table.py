"""The full-size runs of the founding paper's recipe, side by side, as Markdown.

    python benchmarks/founding_table.py RUN... [--json OUT]

RUN: a folder that ``pontecorvo run founding-paper`` (or a YAML file of that study) has finished.
Printed: what every network's draws are worth; the last one's acceptance by scale, beside the
paper's, the blind scan's and the rescaled one's; seconds by stage; and, where runs differ only
in their seed, whether they agree (difference of two binomial fractions over its error).
"""

import argparse
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.base.yaml_files import read_yaml
from pontecorvo.problems.founding_paper.labels import PAPER_ACCEPTANCE

BLIND = Path(__file__).parent / "results" / "blind_scan_no.json"
SHARES = {
    "eleven_labels": "11 labels in 3 sigma",
    "eleven_labels_in_prior": "and inside the prior",
    "five_observables_in_prior": "5 observables, inside the prior",
    "near": "near: 11 labels in 15 sigma",
    "in_prior": "inside the prior",
}
NUMBERS = {
    "median_chi2_masses": "median chi2, 2 masses",
    "median_chi2_mixings": "9 mixings",
    "smallest_chi2": "smallest chi2",
    "diversity": "diversity",
}
COMPARED = ("eleven_labels", "near", "in_prior")


def fraction(entry: dict[str, Any]) -> str:
    """A share with its error, or its upper limit."""
    if not entry["accepted"]:
        return f"0; < {entry['upper_95']:.1e}"
    return f"{entry['accepted']:,}: {entry['value']:.2g} ± {entry['error']:.1g}"


def read(run: Path) -> dict[str, Any]:
    """What is printed of a run."""
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    settings = read_yaml(run / "settings.yaml")
    notes = summary["method_notes"]
    return {
        "run": run.name,
        "seed": settings.get("seed"),
        "ordering": "io" if settings.get("ordering") == "io" else "no",
        "settings": {k: v for k, v in settings.items() if k not in ("seed", "generation")},
        "rounds": notes["rounds"],
        "scan": notes.get("scan", []),
        "beyond": notes.get("beyond", []),
        "seconds": notes["seconds_by_stage"],
    }


def table(head: list[str], rows: list[list[str]]) -> None:
    """Print a Markdown table."""
    print("\n| " + " | ".join(head) + " |")
    print("|---" * len(head) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def networks(runs: list[dict[str, Any]]) -> None:
    """Every network's draws at the run's own scale."""
    books = [(run, book) for run in runs for book in run["rounds"]]
    head = [""]
    for run, book in books:
        after = "first" if book["network"] == 0 else f"after transfer {book['network']}"
        head.append(f"{run['run']}, {after}, scale {book['guidance']:g}")
    rows = [["draws", *(f"{book['in_prior']['of']:,}" for _, book in books)]]
    rows += [[text, *(fraction(book[key]) for _, book in books)] for key, text in SHARES.items()]
    rows += [[text, *(f"{book[key]:.3g}" for _, book in books)] for key, text in NUMBERS.items()]
    learned = [book.get("learned_again") for _, book in books]
    rows.append(["learned again", *(f"{one['kept']:,}" if one else "–" for one in learned)])
    table(head, rows)


def scales(runs: list[dict[str, Any]]) -> None:
    """The last network by scale, and what it is to be compared with."""
    head = ["scale", *(f"{run['run']}: {t}" for run in runs for t in ("11 labels", "near", "in"))]
    wanted = sorted({entry["guidance"] for run in runs for entry in run["scan"]})
    rows = []
    for scale in wanted:
        row = [f"{scale:g}"]
        for run in runs:
            own = [entry for entry in run["scan"] if entry["guidance"] == scale]
            last = run["rounds"][-1]
            if not own and last["guidance"] == scale:
                own = [last]
            if own:
                row += [fraction(own[0][key]) for key in ("eleven_labels", "near")]
                row.append(f"{own[0]['in_prior']['value']:.3f}")
            else:
                row += ["–"] * 3
        rows.append(row)
    table(head, rows)
    blind = json.loads(BLIND.read_text(encoding="utf-8"))
    print(
        f"\narXiv:2503.21432: {PAPER_ACCEPTANCE:.1e}. Blind scan, 5 observables: "
        f"{blind['counts']['blind']} of {blind['draws']:,}; rescaled, 11 labels: "
        f"{blind['fractions']['rescaled_eleven']:.1e} "
        f"({blind['fractions']['rescaled_eleven_in_prior']:.1e} inside the prior)."
    )


def agreement(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs that differ in their seed only: differences over their errors."""
    found = []
    for a, b in itertools.combinations(runs, 2):
        if a["settings"] != b["settings"] or a["seed"] == b["seed"]:
            continue
        for one, two in zip(a["rounds"], b["rounds"], strict=True):
            for key in COMPARED:
                difference = one[key]["value"] - two[key]["value"]
                error = float(np.hypot(one[key]["error"], two[key]["error"]))
                found.append(
                    {
                        "runs": f"{a['run']}, {b['run']}",
                        "network": one["network"],
                        "share": SHARES[key],
                        "values": [one[key]["value"], two[key]["value"]],
                        "sigma": difference / error if error > 0 else 0.0,
                    }
                )
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--json", type=Path, help="also written there")
    arguments = parser.parse_args()
    runs = [read(run) for run in arguments.runs]
    networks(runs)
    if any(run["scan"] for run in runs):
        scales(runs)
    stages = list(dict.fromkeys(stage for run in runs for stage in run["seconds"]))
    rows = [
        [
            stage,
            *(f"{run['seconds'][stage]:.0f}" if stage in run["seconds"] else "–" for run in runs),
        ]
        for stage in stages
    ]
    rows.append(["all", *(f"{sum(run['seconds'].values()):.0f}" for run in runs)])
    table(["seconds", *(run["run"] for run in runs)], rows)
    found = agreement(runs)
    if found:
        table(
            ["seeds", "network", "share", "values", "difference over its error"],
            [
                [
                    one["runs"],
                    str(one["network"]),
                    one["share"],
                    ", ".join(f"{value:.3g}" for value in one["values"]),
                    f"{one['sigma']:+.1f}",
                ]
                for one in found
            ],
        )
    if arguments.json:
        write_json(arguments.json, {"runs": runs, "agreement": found})


if __name__ == "__main__":
    main()
