"""Coverage of conformal intervals on fresh simulations: a network that ships, and a hasty one.

Half of the simulations calibrate the raw draws' intervals, the other half tests them, over several
levels. The hasty network is that of a model's file, trained for a few steps.
Networks and answers are kept in a folder, so that a run that was stopped goes on.

    python benchmarks/conformal_coverage.py [--simulations 2000] [--draws 100] [--only hasty]
"""

import argparse
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_json
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.conformal_check import calibrated_by_halves
from pontecorvo.study.network_training import train_network
from pontecorvo.study.network_trials import network_answers

HERE = Path(__file__).parent
MODEL = HERE.parent / "examples" / "chart_model.py"
HASTY = {"examples": 16384, "chains": 1024, "steps": 100, "width": 32, "blocks": 2, "what_ifs": 1}
PROPOSALS = {"proposals": 1 << 18}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=2000)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--work", type=Path, default=Path("conformal-work"))
    parser.add_argument("--out", type=Path, default=HERE / "results" / "conformal_coverage.json")
    parser.add_argument("--only", choices=("shipped", "hasty"), help="one of the two networks")
    given = parser.parse_args()
    card = given.work.resolve() / "hasty.json"
    if not card.exists():
        problem = load_problem(str(MODEL), {"training": HASTY, "sampler": PROPOSALS})
        train_network(problem, card, given.work.resolve() / "training")
    asked = {
        "shipped": ("seesaw-no, as shipped", load_problem("seesaw-no")),
        "hasty": (
            "chart_model.py, 100 steps",
            load_problem(str(MODEL), {"network": {"file": str(card)}, "sampler": PROPOSALS}),
        ),
    }
    result = json.loads(given.out.read_text()) if given.only and given.out.exists() else {}
    for key, (name, problem) in asked.items():
        if given.only not in (None, key):
            continue
        folder = given.work / f"{problem.name}-{given.simulations}-{given.draws}"
        answers = network_answers(problem, given.simulations, given.draws, 0, folder)
        result[name] = calibrated_by_halves(answers.trials)
        table = Table("quantity", "level", "conformal", "95 %", "alone", "weighted", "width ratio")
        for row in result[name]["coverage"]:
            low, high = row["covered_95"]
            table.add_row(
                row["quantity"],
                f"{row['level']:g}",
                f"{row['covered']:.3f}",
                f"{low:.3f} .. {high:.3f}",
                f"{row['network_alone']:.3f}",
                f"{row['weighted_network_alone']:.3f}",
                f"{row['width_ratio']:.2f}",
            )
        Console(width=100).print(name, table)
        write_json(given.out, result)


if __name__ == "__main__":
    main()
