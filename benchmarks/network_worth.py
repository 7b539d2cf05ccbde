"""ESS/N of the shipped seesaw networks over random measurements, written into their cards.

    python benchmarks/network_worth.py --ordering no --folder KEEP --write

Central values anywhere in the network's range, errors between a fifth and twice NuFIT's
(`study.network_training.random_what_if`). Of the network's own draws, and, over fewer measurements
with more draws each, of draws carried on by annealed steps as a run has them: steps that are taught
by a thousand draws help less than those of a whole run. ESS/N of few draws scatters, which makes
a 5th percentile too low rather than too high. A folder keeps every measurement: killed, it resumes.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from pontecorvo.base.files import read_json, write_json
from pontecorvo.study.amortised_network import load_network, network_options
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.network_training import summary_of_worths, what_if_worths

RESULTS = Path(__file__).parent / "results"
NODES = 8  # of the divergence's quadrature, as in the certificates
CARDS = Path(__file__).parents[1] / "src" / "pontecorvo" / "problems" / "seesaw" / "networks"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--measurements", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=100, help="of each")
    parser.add_argument("--annealed", type=int, default=40, help="measurements; 0: none")
    parser.add_argument("--annealed-draws", type=int, default=1024, help="of each of these")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--write", action="store_true", help="into the shipped card")
    given = parser.parse_args()
    study = f"seesaw-{given.ordering}"
    problem = load_problem(study)
    flow = load_network(problem)
    folder = given.folder / study if given.folder else None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    as_run = replace(network_options(problem), nodes=NODES)
    own = replace(as_run, anneal=0)
    plain = what_if_worths(flow, problem, given.measurements, given.draws, own, folder)
    result = {"what_ifs": summary_of_worths(plain, given.draws)}
    if given.annealed:
        n = given.annealed_draws
        worths = what_if_worths(flow, problem, given.annealed, n, as_run, folder)
        about = {"moves": as_run.anneal}
        result["what_ifs_annealed"] = about | summary_of_worths(worths, n)
    result["what_ifs_command"] = (
        f"python benchmarks/network_worth.py --ordering {given.ordering} "
        f"--measurements {given.measurements} --draws {given.draws} "
        f"--annealed {given.annealed} --annealed-draws {given.annealed_draws} --write"
    )
    print(result)
    write_json(RESULTS / f"network_worth_{given.ordering}.json", result)
    if given.write:
        card = CARDS / f"{study}.json"
        content = read_json(card)
        content["calibration"] |= result
        write_json(card, content)


if __name__ == "__main__":
    main()
