"""The regions figure of the sterile pages, docs/figures/sterile-regions.png.

The joint fit's belt by trials on the default run's plane, the sets' regions beside by the other two
methods; the figure is that of the report. Finished pieces of the belt are kept in --keep.

    python benchmarks/sterile_figures.py [--keep FOLDER] [--draw docs/figures/sterile-regions.png]
"""

import argparse
from pathlib import Path

from pontecorvo.base.progress import progress
from pontecorvo.frequentist.trial_region import LEVELS
from pontecorvo.problems.sterile.experiment_registry import SHIPPED, load_experiments
from pontecorvo.problems.sterile.fits import JOINT, Settings, sets_of
from pontecorvo.problems.sterile.report.plane_figures import methods_figure

FIGURE = Path(__file__).parents[1] / "docs" / "figures" / "sterile-regions.png"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, help="folder of the belt's finished pieces")
    parser.add_argument("--draw", type=Path, default=FIGURE)
    options = parser.parse_args()
    effort = Settings(shape=(30, 30), trials=1000, max_trials=1000)
    fits = sets_of(load_experiments(SHIPPED), effort, options.keep)
    with progress("belt of all experiments") as advance:
        belts = {JOINT: fits[JOINT].belt(advance)}
    methods_figure(fits, belts, LEVELS).savefig(options.draw, dpi=200)
    best = fits[JOINT].best
    print(f"best fit of all: s22 {10**best.x:.3f}, dm2 {10**best.y:.2f}; chi2 {best.chi2:.2f}")


if __name__ == "__main__":
    main()
