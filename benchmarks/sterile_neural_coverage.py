"""Calibration of the estimators that a run does not draw from: NRE, DNRE and SNPE-C.

The diagnostics of the flows' certificates (`pontecorvo check sterile`) on the same simulated data
sets of the joint fit: ranks, highest-density coverage, TARP and the rest, of raw and of weighted
draws. SNPE-C is trained first, on 20,000 simulations (`pip install 'pontecorvo[sbi]'`; left out
where sbi is missing).

    python benchmarks/sterile_neural_coverage.py [--kinds nre,dnre,snpe-c] [--simulations 1050]

Options: --networks FOLDER, --keep FOLDER (finished blocks; taken up again). Verdicts and curves go
to ``results/sterile_neural_coverage.json``.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from plane_snpe import TITLE, PlaneSnpe

from pontecorvo.base import files
from pontecorvo.base.errors import InputError
from pontecorvo.diagnostics.calibration import judged
from pontecorvo.problems.sterile.neural.bundle import SHIPPED as NETWORKS
from pontecorvo.problems.sterile.neural.bundle import known_experiments, load_bundle
from pontecorvo.problems.sterile.neural.calibration_trials import sterile_answers
from pontecorvo.problems.sterile.neural.embedding import Embedding
from pontecorvo.problems.sterile.neural.interface import PlaneEstimator
from pontecorvo.problems.sterile.neural.ratio import RatioEstimator
from pontecorvo.problems.sterile.neural.simulated import make_bank
from pontecorvo.problems.sterile.neural.trained_settings import trained_experiments
from pontecorvo.problems.sterile.report.plane_style import estimator_titles
from pontecorvo.sbi.snpe_c import SnpeSettings

RESULTS = Path(__file__).parent / "results" / "sterile_neural_coverage.json"
SNPE, SNPE_SIMULATIONS = SnpeSettings(epochs=10), 20_000


def estimator(kind: str, folder: Path, embedding: Embedding) -> PlaneEstimator:
    """A ratio network that ships, or SNPE-C trained here."""
    if kind != PlaneSnpe.kind:
        return RatioEstimator.load(folder, kind, embedding)
    start, model = time.process_time(), PlaneSnpe(embedding, SNPE)
    model.fit(make_bank(embedding, SNPE_SIMULATIONS, 21, subsets=False))
    print(f"{kind}: trained in {time.process_time() - start:.0f} s of CPU", flush=True)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", default="nre,dnre,snpe-c")
    parser.add_argument("--simulations", type=int, default=1050)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--networks", type=Path, default=NETWORKS)
    parser.add_argument("--keep", type=Path, default=Path("sterile-neural-pieces"))
    args = parser.parse_args()
    titles = {**estimator_titles(), PlaneSnpe.kind: TITLE}
    bundle = load_bundle(
        args.networks, trained_experiments(args.networks, known_experiments(args.networks)), []
    )
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for kind in args.kinds.split(","):
        start = time.process_time()
        try:
            model = estimator(kind, args.networks, bundle.embedding)
        except InputError as error:
            print(f"{kind} is left out: {error}")
            continue
        about = [kind, args.simulations, args.draws, args.seed, bundle.card["arrays_sha256"]]
        if isinstance(model, RatioEstimator):
            about.append(files.sha256(args.networks / f"{kind}.safetensors"))
        else:
            about.append(repr((SNPE, SNPE_SIMULATIONS)))
        stages = args.keep / f"coverage-{kind}-{files.fingerprint(about)[:12]}"
        answers = sterile_answers(model, args.simulations, args.draws, args.seed, stages)
        check = judged(answers, titles[kind], {"networks": bundle.card["arrays_sha256"]})
        print(f"{titles[kind]}: {check.count}; {time.process_time() - start:.0f} s of CPU")
        for word, verdicts in (("", check.corrected), ("raw: ", check.raw)):
            for verdict in verdicts:
                print(f"  {word}{verdict}", flush=True)
        content: dict[str, Any] = {kind: check.describe() | {"verdict": check.count}}
        kept |= json.loads(json.dumps(files.plain(content)))
        RESULTS.parent.mkdir(exist_ok=True)
        files.write_json(RESULTS, kept)


if __name__ == "__main__":
    main()
