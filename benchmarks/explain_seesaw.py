"""What the data say about the Yukawas of the anarchic seesaw: `explain` on the exact posterior.

From a run's `posterior.nc`, or a fresh exact sample; against draws of the prior, and against a
second, independent exact sample, which is the prior that knows the measurement. For the exact
posterior nothing can remain beyond that, by Bayes' theorem: what is reported is how far the data
narrow each quantity. For draws of a network or of the founding paper's recipe something may.

    python benchmarks/explain_seesaw.py --ordering no
    python benchmarks/explain_seesaw.py --run RUN
"""

import argparse
from pathlib import Path

import numpy as np
from eta_b_posterior import fresh, of_run

from pontecorvo.base.files import write_json
from pontecorvo.base.seeds import stream
from pontecorvo.problems.flavour.structure import figures
from pontecorvo.problems.flavour.structure.explain import explain
from pontecorvo.problems.flavour.structure.structure_draws import StructureDraws
from pontecorvo.problems.seesaw.model import Seesaw
from pontecorvo.report import style

RESULTS = Path(__file__).parent / "results"
FIGURES = Path(__file__).parent.parent / "docs" / "figures"


def prior_draws(ordering: str, n: int, seed: int) -> StructureDraws:
    """Draws of the seesaw's prior."""
    model = Seesaw(ordering)
    arrays = model.variables(model.prior.sample(n, stream(seed, "explain", "prior")))
    y = arrays["Y_re"][1] + 1j * arrays["Y_im"][1]
    m = 10 ** arrays["log10_M"][1] * np.exp(1j * arrays["phase_M"][1])
    return StructureDraws(y, m, ordering=ordering)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--run", type=Path, help="folder of a run of the seesaw")
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--prior", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    ordering = options.ordering
    if options.run is not None:
        y, m, weight, ordering = of_run(options.run)
    else:
        y, m, weight = fresh(ordering, options.draws, options.seed)
    posterior = StructureDraws(y, m, weight, ordering=ordering)
    other = StructureDraws(*fresh(ordering, options.draws, options.seed + 1), ordering=ordering)
    prior = prior_draws(ordering, options.prior, options.seed)
    findings = explain(posterior, prior, known=other)
    for sentence in findings.sentences:
        print(sentence)
    print(findings.charges_text)
    print(findings.partial_correlations)
    write_json(RESULTS / f"explain_seesaw_{ordering}.json", findings.as_json())
    if ordering == "no":
        pictures = {
            "explain-invariants": figures.invariants_figure(findings),
            "explain-correlations": figures.correlations_figure(findings),
            "explain-candidates": figures.candidates_figure(findings),
        }
        for name, picture in pictures.items():
            style.write_figure(picture, FIGURES, name)
            (FIGURES / f"{name}.pdf").unlink()


if __name__ == "__main__":
    main()
