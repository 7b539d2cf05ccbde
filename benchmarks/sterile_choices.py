"""What single choices are worth: flux models side by side, references, averages.

    python benchmarks/sterile_choices.py

Prints three tables in Markdown (docs/sterile-experiments.md) and writes
benchmarks/results/sterile_choices.json. A minute.
"""

from pathlib import Path

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.problems.sterile.cli.experiments_table import best_fit
from pontecorvo.problems.sterile.discovery import declared
from pontecorvo.problems.sterile.experiment import FLUXES
from pontecorvo.problems.sterile.experiment_registry import Setting, expand
from pontecorvo.problems.sterile.flux_models import yields
from pontecorvo.problems.sterile.joint import JointLikelihood

RESULTS = Path(__file__).parent / "results" / "sterile_choices.json"
SETS = ("rates-sbl", "rates-mbl", "evolution-dayabay", "evolution-reno", "reactor-rates")
RATES = ("rates-mbl", "evolution-dayabay", "evolution-reno", "reactor-rates", "shipped")
ROUGH = ("rates", "evolution-dayabay", "evolution-reno", "neos", "reno", "double-chooz", "shipped")


def row(names: str, setting: Setting) -> dict[str, float]:
    """chi2 without oscillation, and the best fit."""
    joint = JointLikelihood.load(names, setting)
    null = float(joint.chi2(np.zeros(1), np.ones(1))[0])
    if names == "shipped":  # its valleys are narrower than the grid of `best_fit`
        return {"null": null}
    s22, dm2, chi2 = best_fit(joint)
    return {"null": null, "best": chi2, "s22": 10**s22, "dm2": 10**dm2}


def chosen(names: str, option: str, value: str) -> Setting:
    """The option for those of the experiments that have it."""
    own = [name for name in expand(names) if option in declared()[name].options]
    return Setting(options=tuple((f"{name}.{option}", value) for name in own))


def told(value: dict[str, float]) -> str:
    """One cell of a table."""
    if "best" not in value:
        return f"{value['null']:.2f}"
    return f"{value['null']:.2f}; {value['best']:.2f} at ({value['s22']:.3g}, {value['dm2']:.3g})"


def main() -> None:
    """Print and write the tables."""
    fluxes = {model: {name: row(name, Setting(model)) for name in SETS} for model in FLUXES}
    print("| flux | U235 / Pu239 yield | " + " | ".join(SETS) + " |")
    print("|" + "---|" * (len(SETS) + 2))
    for model, values in fluxes.items():
        ratio = yields(model)[0] / yields(model)[2]
        print(f"| `{model}` | {ratio:.3f} | " + " | ".join(map(told, values.values())) + " |")
    near = JointLikelihood.load("evolution-dayabay", Setting("dayabay")).data.mean()
    print(f"\nDaya Bay's evolution over its own spectra of 2025: {near:.4f} on the mean")
    tables = {}
    for title, names, option, values in (
        ("reference", RATES, "reference", ("published", "no-oscillation", "three-flavour")),
        ("averaging", ROUGH, "averaging", ("exact", "compiled")),
    ):
        print(f"\n| {title} | " + " | ".join(values) + " |")
        print("|" + "---|" * (len(values) + 1))
        tables[title] = {}
        for name in names:
            own = {value: row(name, chosen(name, option, value)) for value in values}
            tables[title][name] = own
            print(f"| `{name}` | " + " | ".join(map(told, own.values())) + " |", flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    write_json(RESULTS, {"fluxes": fluxes, **tables})


if __name__ == "__main__":
    main()
