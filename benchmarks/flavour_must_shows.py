"""Flavour models against the numbers they must meet: points, running, exclusion, length of a file.

    python benchmarks/flavour_must_shows.py

Prints tables for docs/flavour-models.md; nothing here takes more than a minute.
"""

import ast
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

import pontecorvo.problems.modular_s4 as s4_file
from pontecorvo.physics.masses import masses_from_splittings, splittings_from_masses
from pontecorvo.physics.pmns import pmns_matrix, pmns_parameters
from pontecorvo.physics.takagi import takagi
from pontecorvo.problems.flavour.predictions.running import kappa_ratio, run_light_matrix
from pontecorvo.problems.modular_a4 import ModularA4Problem, ModularA4Settings
from pontecorvo.problems.modular_s4 import ModularS4, ModularS4Settings

# arXiv:2006.03058, recomputed to these digits; last: delta/pi
S4 = {
    "no": (
        [0.029725, 1.1181, 1.7303, -2.7706, 2.716, -0.35786],
        ["0.0049422", "0.0564892", "0.305012", "0.0222705", "0.545077", "0.0291271", "1.04877"],
    ),
    "io": (
        [0.027941, 1.5921, 1.7266, -2.17, 0.4705, -1.2442],
        ["0.0048306", "0.0564784", "0.303094", "0.0222672", "0.550285", "0.0293158", "0.782788"],
    ),
}
KAPPA = {1e3: 1.046, 1e6: 1.171, 1e9: 1.244, 1e12: 1.287, 1e14: 1.304, 1e15: 1.311, 1e16: 1.316}
A4 = np.array([[0.0111, 0.9946]])


def points():
    """Forward map of the S4' model at its two published points."""
    for ordering, (theta, printed) in S4.items():
        model = ModularS4(ModularS4Settings(ordering=ordering, scale="ratio"))
        theta = np.array([theta])
        delta = model.predict(theta)["delta_cp"][0] / np.pi
        found = [*model.forward(theta)[0], delta]
        names = [*(q.name for q in model.observables), "delta/pi"]
        for name, value, text in zip(names, found, printed, strict=True):
            shown = f"{value:.{len(text) - 2}f}"
            print(f"S4' {ordering.upper()} {name:14} {shown:10} sheet {text:10}", shown == text)


def running():
    """kappa(M)/kappa(m_t) at seven scales, and how far angles move."""
    for scale, sheet in KAPPA.items():
        value = float(kappa_ratio(scale))
        print(f"kappa at {scale:.0e} GeV {value:.4f}, sheet {sheet}: {value / sheet - 1:+.1e}")
    u = pmns_matrix(0.3088, 0.02248, 0.470, np.deg2rad(212), 1.0, 2.0)
    masses = masses_from_splittings(1e-3, 7.537e-5, 2.511e-3, "no")
    low, mixing = takagi(run_light_matrix(u.conj() @ np.diag(masses) @ u.conj().T, 1e15))
    before, after = pmns_parameters(u), pmns_parameters(mixing)
    moved = max(
        abs(float(getattr(before, n) - getattr(after, n))) for n in ("s12sq", "s13sq", "s23sq")
    )
    (_, a21, a31), (_, b21, b31) = (splittings_from_masses(m, "no") for m in (masses, low))
    print(f"largest shift of a sin2 {moved:.1e}, of the ratio of splittings", end=" ")
    print(f"{abs((b21 / b31) / (a21 / a31) - 1):.1e} relative")


def exclusion():
    """Feruglio's A4 model: published point and best chi2 anywhere in the domain."""
    for ordering in ("io", "no"):
        target = ModularA4Problem(ModularA4Settings(ordering=ordering)).target
        model = target.model
        quantities = target.measurement.quantities

        def chi2(theta, model=model, quantities=quantities):
            with np.errstate(all="ignore"):
                x = model.forward(np.atleast_2d(theta)[:, : len(model.parameters)])
            pulls = np.stack(
                [(x[:, i] - q.central) / q.sigma for i, q in enumerate(quantities)], axis=1
            )
            return np.nan_to_num(np.sum(pulls**2, axis=1), nan=1e12)

        if ordering == "io":
            found = model.predict(A4)
            names = ("sin2_theta12", "sin2_theta13", "sin2_theta23")
            print("A4 IO, published point:", {n: round(float(found[n][0]), 4) for n in names})
            print(f"  chi2 there {chi2(A4)[0]:.1f}")
        theta = model.prior.sample(100_000, np.random.default_rng(0))
        values = chi2(theta)
        ends = [
            minimize(lambda t: float(chi2(t)[0]), theta[i], method="Nelder-Mead")
            for i in np.argsort(values)[:20]
        ]
        best = min(ends, key=lambda end: end.fun)
        print(
            f"A4 {ordering.upper()}: best chi2 {best.fun:.1f} at tau = {best.x.round(4).tolist()}"
        )


def length():
    """Lines of the S4' file without docstrings and blank lines, and without docstrings alone."""
    source = Path(s4_file.__file__).read_text(encoding="utf-8")
    lines, inside = source.splitlines(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            text = node.body[0]
            inside |= set(range(text.lineno, text.end_lineno + 1))
    kept = [line for i, line in enumerate(lines, 1) if i not in inside]
    print(f"S4' file: {len(lines)} lines, {len(kept)} without docstrings, ", end="")
    print(f"{sum(bool(line.strip()) for line in kept)} of them not blank")


if __name__ == "__main__":
    points()
    running()
    exclusion()
    length()
