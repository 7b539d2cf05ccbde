"""`pontecorvo check`: the diagnostics of a network or of a finished run, and their certificate."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError
from ..base.files import fingerprint, sha256, writable_folder, write_json
from ..base.progress import progress
from ..diagnostics.coverage import coverage
from ..diagnostics.pulls import pulls
from ..diagnostics.sbc import sbc
from ..diagnostics.slices import by_slice
from ..diagnostics.tarp import tarp
from ..diagnostics.trials import Trials
from ..diagnostics.two_sample import c2st
from ..diagnostics.verdict import Verdict
from ..diagnostics.weights import check_weights
from ..inference.exact import sample_exact
from ..models.base import Target
from ..models.seesaw import Seesaw
from .catalog import load_settings
from .networks import shipped_card
from .posterior_file import read_groups
from .summary import versions

SMALLEST_EFFICIENCY = 0.02
C2ST_LIMIT = 0.52


@dataclass(frozen=True)
class Certificate:
    """What was checked and what came out.

    Attributes:
        subject: What was checked.
        corrected: Verdicts on the weighted draws: these decide.
        raw: Verdicts on the draws without their weights; shown, whatever they are.
        about: Counts, seeds, versions, hashes.
    """

    subject: str
    corrected: list[Verdict]
    raw: list[Verdict]
    about: dict[str, Any]

    @property
    def passed(self) -> bool:
        """Whether all verdicts on the weighted draws are good."""
        return all(verdict.passed for verdict in self.corrected)

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "subject": self.subject,
            "passed": self.passed,
            "corrected": [verdict.describe() for verdict in self.corrected],
            "raw": [verdict.describe() for verdict in self.raw],
            **self.about,
        }


def check(
    subject: str,
    out: Path,
    simulations: int = 1000,
    draws: int = 60,
    seed: int = 0,
    guidance: float = 1.0,
) -> Certificate:
    """Check a study's network, or the folder of a finished run, and write what came out.

    Args:
        subject: A seesaw study (name or YAML file), or a folder with posterior.nc.
        out: Folder for certificate.json, report.html and the figures.
        simulations: Data sets for a network.
        draws: Posterior draws for each.
        seed: Seed of everything.
        guidance: Guidance scale of the network that is checked.

    Raises:
        InputError: If the subject is neither.
    """
    for name, value, least in (("simulations", simulations, 100), ("draws", draws, 20)):
        if value < least:
            raise InputError(f"{name}: {value} is not allowed (a whole number >= {least})")
    folder = writable_folder(out)
    if Path(subject).is_dir():
        certificate = check_run(Path(subject), seed)
    else:
        certificate = check_network(subject, folder, simulations, draws, seed, guidance)
    from ..report.certificate import write_certificate

    write_json(folder / "certificate.json", certificate.describe())
    write_certificate(
        folder,
        certificate.subject,
        certificate.corrected,
        certificate.raw,
        certificate.about.get("simulations"),
    )
    return certificate


def check_network(
    study: str, out: Path, simulations: int, draws: int, seed: int, guidance: float
) -> Certificate:
    """Calibration of a network over simulated measurements."""
    from .network_trials import network_trials

    settings = load_settings(study)
    model = settings.build().model
    assert isinstance(model, Seesaw)
    card = settings.network.file or shipped_card(model)
    asked = {
        "study": settings.model_dump(mode="json"),
        "simulations": simulations,
        "draws": draws,
        "guidance": guidance,
        "card": sha256(card) if card.is_file() else "",
        "seed": seed,
    }
    stages = out / ".stages" / fingerprint(asked)
    trials = network_trials(settings, simulations, draws, seed, stages, guidance)
    assert trials.log_weights is not None
    usable = np.isfinite(trials.log_weights).any(axis=1)
    dropped = int((~usable).sum())
    trials = trials.subset(usable) if dropped else trials
    sizes = _sizes(trials)
    corrected = judge(trials)
    corrected.append(_worst_efficiency(sizes))
    about = {
        "kind": "network",
        "simulations": simulations,
        "draws_each": draws,
        "guidance": guidance,
        "seed": seed,
        "data_sets_without_weight": dropped,
        "efficiency": {
            "median": float(np.median(sizes)),
            "lowest": float(np.min(sizes)),
            "below_0.02": int(np.sum(sizes < SMALLEST_EFFICIENCY)),
        },
        "network_card_sha256": asked["card"],
        "versions": versions(),
    }
    subject = f"network of {model.name}, guidance scale {guidance:g}"
    return Certificate(subject, corrected, judge(trials.unweighted()), about)


def judge(trials: Trials) -> list[Verdict]:
    """The calibration diagnostics, one after the other."""
    assert trials.data is not None
    last, parts = trials.data[:, -1], min(4, len(trials) // 50)
    checks: list[Callable[[], Verdict]] = [
        lambda: sbc(trials),
        lambda: coverage(trials),
        lambda: tarp(trials),
        lambda: pulls(trials),
        lambda: by_slice(sbc, trials, last, parts, "measured sin2_theta23")[0],
    ]
    verdicts = []
    with progress("judge", len(checks)) as advance:
        for one in checks:
            verdicts.append(one())
            advance()
    return verdicts


def _sizes(trials: Trials) -> np.ndarray:
    """ESS/N (S,) of every data set."""
    assert trials.log_weights is not None
    weights = np.exp(trials.log_weights - trials.log_weights.max(axis=1, keepdims=True))
    kish = weights.sum(axis=1) ** 2 / (weights**2).sum(axis=1)
    return np.asarray(kish / weights.shape[1])


def _worst_efficiency(sizes: np.ndarray) -> Verdict:
    low = int(np.sum(sizes < SMALLEST_EFFICIENCY))
    return Verdict(
        name="importance weights",
        statistic=float(np.min(sizes)),
        statistic_name="lowest ESS/N",
        band=(SMALLEST_EFFICIENCY, 1.0),
        passed=low == 0,
        line=f"ESS/N of the data sets: median {np.median(sizes):.3f}, lowest {sizes.min():.3f}; "
        f"{low} below {SMALLEST_EFFICIENCY}",
        arrays={"efficiency": sizes},
    )


def check_run(folder: Path, seed: int) -> Certificate:
    """A finished seesaw run against the exact sampler."""
    settings_file, posterior = folder / "settings.yaml", folder / "posterior.nc"
    if not (settings_file.is_file() and posterior.is_file()):
        raise InputError(f"{folder}: holds no finished run (settings.yaml and posterior.nc)")
    settings = load_settings(str(settings_file))
    target = settings.build()
    groups = read_groups(posterior)
    stored = {
        str(name): values.values.reshape(-1, *values.shape[2:])
        for name, values in groups["posterior"].data_vars.items()
    }
    theta = target.model.from_variables(stored)
    stats = groups["sample_stats"]
    log_weight = stats["log_weight"].values.ravel()
    exact = sample_exact(target, min(len(theta), 10_000), seed + 1)
    corrected = [check_weights(log_weight, SMALLEST_EFFICIENCY), _closure(target, theta, stats)]
    raw: list[Verdict] = []
    for name, mine, theirs in (
        ("parameters", theta, exact.theta),
        ("predictions", _predictions(target, theta), _predictions(target, exact.theta)),
    ):
        corrected.append(_c2st(name, mine, theirs, log_weight, C2ST_LIMIT, seed))
        if np.ptp(log_weight) > 0:
            raw.append(_c2st(name, mine, theirs, None, 0.55, seed))
    about = {
        "kind": "run",
        "draws": len(theta),
        "exact_draws": len(exact.theta),
        "exact_log_evidence": exact.log_evidence,
        "seed": seed,
        "posterior_sha256": sha256(posterior),
        "versions": versions(),
    }
    return Certificate(f"run in {folder}", corrected, raw, about)


def _predictions(target: Target, theta: np.ndarray) -> np.ndarray:
    return np.stack(list(target.model.predict(theta).values()), axis=1)


def _c2st(
    name: str,
    mine: np.ndarray,
    theirs: np.ndarray,
    log_weight: np.ndarray | None,
    limit: float,
    seed: int,
) -> Verdict:
    verdict = c2st(mine, theirs, log_weights_x=log_weight, limit=limit, seed=seed)
    return replace(verdict, name=f"C2ST against exact draws, {name}")


def _closure(target: Target, theta: np.ndarray, stats: Any) -> Verdict:
    again = target.log_likelihood(theta)
    change = float(np.max(np.abs(again - stats["log_likelihood"].values.ravel())))
    return Verdict(
        name="closure",
        statistic=change,
        statistic_name="largest change of a log-likelihood",
        band=(0.0, 1e-6),
        passed=change <= 1e-6,
        line=f"stored parameters give their stored likelihoods again, within {change:.1e}",
    )
