"""One posterior of a sharp measurement: truncated rounds, and lift networks, wide and narrow.

    python benchmarks/lift_rounds.py

The banana of `lift.py` in ten parameters, measured to one and two per cent. Truncated rounds
(`--method rounds`) restrict the prior to where the last network sees the posterior; they have to
end as thin as the measurement. A lift network learns a cloud many times as wide, and its examples
are chains in a box of observables: what its range adds to the box, beside the cloud's own width, is
what amortisation costs. So it is trained for its default range and for this measurement alone.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from lift_problems import SMALL
from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_json
from pontecorvo.core.draws import Draws
from pontecorvo.flows.flow_settings import FlowSettings, TrainSettings
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.samplers.smc import SMCSettings
from pontecorvo.sbi.lift.network import LiftTraining, train_lift_network
from pontecorvo.sbi.lift.network_sampler import sample_lift_network
from pontecorvo.sbi.rounds import RoundSettings
from pontecorvo.sbi.truncated_sampling import TruncatedOptions, truncated_posterior

RESULTS = Path(__file__).parent / "results" / "lift_rounds.json"
NETWORK = NetworkSettings(width=128, blocks=3, embedding=64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--steps", type=int, default=2000, help="of each training")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--simulations", type=int, default=10_000, help="of each round")
    given = parser.parse_args()
    problem = SMALL["banana"]()
    target = problem.target
    train = TrainSettings(steps=given.steps, batch=512, dropout=0.0, ema=0.995)

    def rounds() -> Draws:
        effort = RoundSettings(rounds=given.rounds, simulations=given.simulations)
        options = TruncatedOptions(rounds=effort, train=train, network=NETWORK)
        return truncated_posterior(target, given.draws, 1, options=options, show=False)

    def lifted(reach: float) -> Callable[[], Draws]:
        """By a lift network whose range is `reach` errors either side of the measured values."""
        ends = {
            q.name: (q.central - reach * q.plus, q.central + reach * q.plus)
            for q in target.measurement.quantities
        }
        settings = LiftTraining(
            ranges=ends,
            examples=40_000,
            flow=FlowSettings(network=NETWORK),
            train=train,
            smc=SMCSettings(runs=4, particles=1000, max_sweeps=300, max_memory=0.2),
        )

        def draw() -> Draws:
            network = train_lift_network(target, 1, settings=settings, show=False)
            return sample_lift_network(target, given.draws, 1, network=network)

        return draw

    rows: dict[str, Any] = {"log_evidence_known": problem.log_evidence}
    ways = {
        f"truncated rounds, {given.rounds} of {given.simulations}": rounds,
        "lift network, 4.5 errors either side": lifted(4.5),
        "lift network, this measurement": lifted(0.05),
    }
    table = Table("method", "ln Z", "ESS/N", "k-hat", "CPU s")
    for name, draw in ways.items():
        start = time.process_time()
        draws = draw()
        weight = np.exp(draws.log_weight - draws.log_weight.max())
        tried = int(draws.notes.get("proposals", len(weight)))
        row = {
            "log_evidence": draws.log_evidence,
            "log_evidence_error": draws.log_evidence_error,
            "efficiency": float(weight.sum() ** 2 / (weight**2).sum() / tried),
            "k_hat": draws.notes["k_hat"],
            "cpu_seconds": time.process_time() - start,
        }
        rows[name] = row
        table.add_row(
            name,
            f"{row['log_evidence']:.3f} +- {row['log_evidence_error']:.3f}",
            f"{row['efficiency']:.3f}",
            f"{row['k_hat']:.2f}",
            f"{row['cpu_seconds']:.0f}",
        )
    Console(width=120).print(table)
    write_json(RESULTS, rows)


if __name__ == "__main__":
    main()
