"""Every network of a finished run of the founding paper's recipe, its draws steered, and mended.

    python benchmarks/founding_steered.py RUN... [--draws 1024] [--mended 256]

RUN: a folder that ``pontecorvo run founding-paper`` (or a YAML file of that study) has finished.
Printed and written to results/founding_steered.json, for the first and the last network: how many
steered draws lie in the 3 sigma ranges, and how many of the first of them after the lift.
"""

import argparse
from pathlib import Path
from typing import Any

from pontecorvo import load_study
from pontecorvo.base.files import write_json
from pontecorvo.flows.conditional_flow import ConditionalFlow
from pontecorvo.problems.founding_paper.beyond import mended_book
from pontecorvo.problems.founding_paper.labels import judged
from pontecorvo.problems.founding_paper.steering import draw_steered

RESULTS = Path(__file__).parent / "results" / "founding_steered.json"
SHARES = ("eleven_labels", "eleven_labels_in_prior", "five_observables_in_prior", "in_prior")


def networks(run: Path) -> list[Path]:
    """Cards of the first and of the last network of a run."""
    cards = sorted(run.glob(".stages/*/networks/network-*/network.json"))
    return [cards[0], cards[-1]] if len(cards) > 1 else cards


def books(run: Path, draws: int, mended: int) -> list[dict[str, Any]]:
    """What steered draws are worth, by network, before and after the lift."""
    study = load_study(str(run / "settings.yaml"))
    settings, target = study.problem.settings, study.target
    labels = settings.labels(target.model)
    rows = []
    for card in networks(run):
        flow = ConditionalFlow.load(card)
        theta = draw_steered(flow, labels, target.model.prior, draws, settings.seed)
        for what, book in (
            ("steered", judged(target, labels, theta)),
            ("mended", mended_book(theta[:mended], target, labels)),
        ):
            rows.append({"run": run.name, "network": card.parent.name, "what": what, **book})
            shown = ", ".join(f"{name} {book[name]['value']:.3f}" for name in SHARES)
            print(f"{run.name} {card.parent.name} {what}: {shown}", flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--draws", type=int, default=1024)
    parser.add_argument("--mended", type=int, default=256)
    asked = parser.parse_args()
    rows = [row for run in asked.runs for row in books(run, asked.draws, asked.mended)]
    write_json(RESULTS, {"rows": rows})


if __name__ == "__main__":
    main()
