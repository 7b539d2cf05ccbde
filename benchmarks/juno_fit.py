"""JUNO's first data: the fit, what each ingredient does to it, and the forecast.

Run: ``PYTHONPATH=src python benchmarks/juno_fit.py``. Prints the tables of ``docs/juno.md`` and
writes ``benchmarks/results/juno_fit.json``. Takes some minutes on one core.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from pontecorvo.base.seeds import stream
from pontecorvo.core.draws import weights_from_logs
from pontecorvo.problems.oscillation.external import External, daya_bay
from pontecorvo.problems.oscillation.fit import (
    PUBLISHED,
    PUBLISHED_CORRELATION,
    BestFit,
    axes_about,
    best_fit,
    surface,
)
from pontecorvo.problems.oscillation.forecast import (
    PRELIMINARY,
    PUBLISHED_SIX_YEARS,
    YEAR,
    Forecast,
    design_days,
    forecast,
    forecast_setting,
)
from pontecorvo.problems.oscillation.juno import Juno, JunoSetting
from pontecorvo.problems.oscillation.model import oscillation_target
from pontecorvo.problems.oscillation.student_draws import sample_about_fit

RESULTS = Path(__file__).resolve().parent / "results" / "juno_fit.json"
VARIANTS: dict[str, dict[str, Any]] = {
    "as released": {},
    "no rescaling to JUNO's own spectrum": {"rescale": False},
    "no rescaling, Huber-Mueller": {"rescale": False, "flux": "huber-mueller"},
    "no Daya Bay cores": {"daya_bay": False},
    "neither": {"daya_bay": False, "rescale": False},
    "vacuum": {"density": 0.0},
    "density 2.30 g/cm^3": {"density": 2.30},
    "density 2.80 g/cm^3": {"density": 2.80},
    "no neutron recoil": {"recoil": False},
    "flux without pulls": {"flux": "dayabay-fixed"},
    "Huber-Mueller, rescaled": {"flux": "huber-mueller"},
    "flux free by 2 % a bin besides": {"shape": 0.02},
    "no energy pulls": {"energy_pulls": False},
    "no rate pull": {"rate": False},
    "backgrounds centred on JUNO's fit": {"prefit": False},
    "9Li/8He: 20 % a MeV at fixed rate": {"lithium": "tilt"},
    "9Li/8He: 20 % in each bin": {"lithium": "bins"},
    "9Li/8He: shape fixed": {"lithium": "fixed"},
    "Pearson": {"statistic": "pearson"},
    "Neyman": {"statistic": "neyman"},
    "Poisson": {"statistic": "poisson"},
    "inverted ordering": {"ordering": "IO"},
}
TOYS = 100


def fitted(changes: dict[str, Any]) -> BestFit:
    """The fit with some choices changed."""
    setting = JunoSetting(**changes)
    return best_fit(Juno(setting), daya_bay(setting.ordering))


def external_variants() -> dict[str, BestFit]:
    """The fit with other knowledge of theta_13 and the large splitting."""
    juno, known = Juno(), daya_bay()
    tight = External(known.sin2_13, (known.dm2_3l[0], 1e-7), "fixed")
    loose = External(known.sin2_13, (known.dm2_3l[0], 3e-4), "five times Daya Bay's error")
    return {
        "dm2_31 fixed at Daya Bay's": best_fit(juno, tight),
        "dm2_31 free within 3e-4": best_fit(juno, loose),
    }


def row(name: str, best: BestFit, base: BestFit) -> list[str]:
    """Name, fit, errors, correlation, chi2, and shift from `base` in the published errors."""
    shift = (best.theta - base.theta)[:2] / [error for _, error in PUBLISHED.values()]
    return [
        name,
        f"{best.theta[0]:.4f} +- {best.errors[0]:.4f}",
        f"{1e5 * best.theta[1]:.3f} +- {1e5 * best.errors[1]:.3f}",
        f"{best.correlation:+.3f}",
        f"{best.chi2:.1f}",
        f"{shift[0]:+.2f}",
        f"{shift[1]:+.2f}",
    ]


def plain(best: BestFit) -> dict[str, Any]:
    """A fit as JSON."""
    return {
        "theta": best.theta.tolist(),
        "errors": best.errors.tolist(),
        "correlation": best.correlation,
        "chi2": best.chi2,
    }


def toy_study(count: int, **changes: Any) -> dict[str, list[float]]:
    """Mean and spread of the fit's pulls on data sets with known truth, pulls drawn too.

    The knowledge of theta_13 and dm2_3l is drawn about the truth as well.

    Args:
        count: Data sets.
        changes: Choices of the experiment, for drawing and for fitting.
    """
    juno, known = Juno(JunoSetting(**changes)), daya_bay()
    truth = np.array([0.3092, 7.50e-5, known.sin2_13[0], known.dm2_3l[0]])
    rng = stream(1, "juno", "toys")
    data = juno.simulate(np.tile(truth, (count, 1)), rng)
    pulls, chi2 = [], []
    for counts in data:
        own = External(
            (truth[2] + known.sin2_13[1] * rng.standard_normal(), known.sin2_13[1]),
            (truth[3] + known.dm2_3l[1] * rng.standard_normal(), known.dm2_3l[1]),
            "toy",
        )
        best = best_fit(juno, own, counts)
        pulls.append(((best.theta - truth) / best.errors)[:2])
        chi2.append(best.chi2)
    values = np.array(pulls)
    return {
        "mean": values.mean(axis=0).tolist(),
        "spread": values.std(axis=0, ddof=1).tolist(),
        "chi2": [float(np.mean(chi2)), float(np.std(chi2, ddof=1))],
    }


def posteriors(draws: int = 6000) -> dict[str, dict[str, list[float]]]:
    """Posterior means and standard deviations, pulls integrated out, by statistic."""
    result = {}
    for statistic in ("cnp", "poisson"):
        target = oscillation_target(Juno(JunoSetting(statistic=statistic)))
        found = sample_about_fit(target, draws, seed=1)
        weight = weights_from_logs(found.log_weight)
        mean = weight @ found.theta
        spread = np.sqrt(weight @ (found.theta - mean) ** 2)
        result[statistic] = {"mean": mean.tolist(), "sigma": spread.tolist(), "ess": [found.ess]}
    return result


def milliseconds(points: int = 2000) -> float:
    """Of one chi2, in a batch."""
    juno = Juno()
    theta = np.tile([0.3092, 7.50e-5, 0.0217, 2.54e-3], (points, 1))
    juno.chi2(theta[:100])
    start = time.perf_counter()
    juno.chi2(theta)
    return 1e3 * (time.perf_counter() - start) / points


def forecasts_table() -> dict[str, Forecast]:
    """Six years and earlier under several assumptions; JUNO alone unless it says otherwise."""
    truth = [PUBLISHED_SIX_YEARS[name][0] for name in PUBLISHED_SIX_YEARS]
    days, known = design_days(6), daya_bay()
    near = {"flux_known": True, "shape": 0.01}
    return {
        "59.1 days, with Daya Bay": forecast(JunoSetting(), external=known),
        "207.2 days, with Daya Bay": forecast(forecast_setting(207.2), external=known),
        "six years at today's rate": forecast(forecast_setting(6 * YEAR), truth),
        "six years at the design's": forecast(forecast_setting(days), truth),
        "... 1 % a bin besides": forecast(forecast_setting(days, shape=0.01), truth),
        "... near detector, 1 % a bin": forecast(forecast_setting(days, **near), truth),
        "... and 2 % a bin": forecast(forecast_setting(days, flux_known=True, shape=0.02), truth),
        "... 1 %, no energy pulls": forecast(
            forecast_setting(days, **near, energy_pulls=False), truth
        ),
        "... 1 %, rate known": forecast(forecast_setting(days, **near, rate=False), truth),
        "... 1 %, rate and energy known": forecast(
            forecast_setting(days, **near, rate=False, energy_pulls=False), truth
        ),
    }


def main() -> None:
    console, start = Console(width=120), time.perf_counter()
    base = fitted({})
    fits = {name: fitted(changes) for name, changes in VARIANTS.items()} | external_variants()
    out = Table(title="JUNO, 59.1 days, 66 bins: one choice changed at a time")
    for column in ("", "sin2_theta12", "dm2_21 [1e-5]", "corr.", "chi2", "shift", "shift"):
        out.add_column(column)
    for name, best in fits.items():
        out.add_row(*row(name, best, base))
    console.print(out)

    juno = Juno()
    plane = surface(juno, daya_bay(), *axes_about(base, points=41))
    profile = {name: plane.interval(name) for name in PUBLISHED}
    own = {name: plane.error(name) for name in PUBLISHED}
    console.print("profiled plane:", profile, own, f"correlation {plane.correlation():.3f}")
    for name, (value, error) in PUBLISHED.items():
        console.print(
            f"{name}: {(profile[name][0] - value) / error:+.3f} sigma from the published value, "
            f"error {own[name] / error - 1:+.1%} of the published one"
        )
    change = plane.correlation() / PUBLISHED_CORRELATION - 1
    console.print(f"correlation: {change:+.1%} of the released surface's")

    drawn, cost = posteriors(), milliseconds()
    console.print("posteriors:", drawn)
    console.print(f"{cost:.2f} ms a chi2")
    toys = {kind: toy_study(TOYS, lithium=kind) for kind in ("linear", "fixed")}
    for kind, found in toys.items():
        console.print(f"{TOYS} toys, 9Li/8He {kind}:", found)

    expected = forecasts_table()
    out = Table(title="Forecast: errors (JUNO alone unless it says otherwise)")
    for column in ("", "days", "sin2_theta12", "dm2_21 [1e-5]", "sin2_theta13", "dm2_31 [1e-3]"):
        out.add_column(column)
    for name, result in expected.items():
        error = result.errors
        out.add_row(
            name,
            f"{result.days:.0f}",
            f"{error[0]:.5f}",
            f"{1e5 * error[1]:.4f}",
            f"{error[2]:.5f}",
            f"{1e3 * error[3]:.4f}",
        )
    six = [error for _, error in PUBLISHED_SIX_YEARS.values()]
    out.add_row(
        "JUNO's own, six years",
        "",
        f"{six[0]:.5f}",
        f"{1e5 * six[1]:.4f}",
        f"{six[2]:.5f}",
        f"{1e3 * six[3]:.4f}",
    )
    early = [error for _, error in PRELIMINARY.values()]
    out.add_row(
        "JUNO, 207.2 days (data)", "207", f"{early[0]:.5f}", f"{1e5 * early[1]:.4f}", "", ""
    )
    console.print(out)
    content = {
        "published": {**PUBLISHED, "correlation": PUBLISHED_CORRELATION},
        "fits": {name: plain(best) for name, best in fits.items()},
        "plane": {"interval": profile, "error": own, "correlation": plane.correlation()},
        "posterior": drawn,
        "ms_per_chi2": cost,
        "toys": {"count": TOYS, **toys},
        "forecast": {name: result.describe() for name, result in expected.items()},
        "published_forecast": PUBLISHED_SIX_YEARS,
        "seconds": round(time.perf_counter() - start, 1),
    }
    RESULTS.write_text(json.dumps(content, indent=1) + "\n")
    console.print(f"{content['seconds']} s; written to {RESULTS}")


if __name__ == "__main__":
    main()
