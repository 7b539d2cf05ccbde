"""`pontecorvo check`: the diagnostics of networks or of a finished run, and their certificate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..base.errors import InputError, check_whole
from ..base.files import write_json
from ..base.float_errors import own_float_errors
from ..base.folders import claimed_folder
from ..core.problem import CheckRequest
from ..core.settings import ModelSettings
from ..diagnostics.certificate import Check
from .catalog import find_preset, load_problem
from .certificate_files import write_beside
from .check_network import check_network, guidance_of
from .check_run import check_run
from .summary import versions

NOTE = "certificate.json"


@dataclass(frozen=True)
class CheckSettings:
    """How a check is done.

    Attributes:
        simulations: Data sets for a network.
        draws: Posterior draws for each.
        seed: Seed of everything.
        network: A network of the user's own, card or folder; None: the study's.
        certify: Also write the certificate beside each network, where runs find it.
        extras: Values of the problem's own options, by name.
    """

    simulations: int = 1000
    draws: int = 100
    seed: int = 0
    network: Path | None = None
    certify: bool = False
    extras: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_whole(simulations=(self.simulations, 100), draws=(self.draws, 20))
        check_whole(seed=(self.seed, 0))

    def command(self, subject: str) -> str:
        """The command that does this check, less the folders."""
        words = ["pontecorvo check", Path(subject).name]
        if Path(subject).is_dir():
            return " ".join([*words, f"--seed {self.seed}"])
        if self.network is not None:
            words.append(f"--network {self.network.name}")
        for name, value in self.extras.items():
            values = value if isinstance(value, (list, tuple)) else [value]
            words += [f"--{name}" if one is True else f"--{name} {one}" for one in values]
        words.append(f"--simulations {self.simulations} --draws {self.draws} --seed {self.seed}")
        return " ".join(words)


@dataclass(frozen=True)
class Certificate:
    """Everything that one call checked.

    Attributes:
        subject: What was checked: a study's networks, or a run.
        kind: ``network`` or ``run``.
        checks: One by one.
        about: Seed and command.
    """

    subject: str
    kind: str
    checks: list[Check]
    about: dict[str, Any]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "subject": self.subject,
            "kind": self.kind,
            "passed": self.passed,
            **self.about,
            "versions": versions(),
            "checks": [check.describe() for check in self.checks],
        }


@own_float_errors
def check(
    subject: str, out: Path, settings: CheckSettings | None = None, overwrite: bool = False
) -> Certificate:
    """Check a study's networks, or the folder of a finished run, and write what came out.

    Args:
        subject: A study (its name, YAML file or model's file), or a folder with posterior.nc.
        out: Folder for certificate.json, report.html and the figures.
        settings: How.
        overwrite: Replace a certificate of another subject or other settings at `out`.

    Raises:
        InputError: If the subject is neither, an option does not go with it, or `out` holds what is
            not of the same command.
    """
    settings = settings or CheckSettings()
    is_run = Path(subject).is_dir()
    _refuse_options(subject, is_run, settings)
    with claimed_folder(out, NOTE, _asked(subject, settings), overwrite) as (out, mark):
        about = {"seed": settings.seed, "command": settings.command(subject)}
        by_card: dict[Path, list[Check]] = {}
        if is_run:
            checks = check_run(Path(subject), settings.seed)
            title = f"run in {Path(subject).name}"
        else:
            found = _networks(subject, out, settings)
            checks = [one for _, one in found]
            for card, one in found:
                by_card.setdefault(card, []).append(one)
            title = f"network{'s' if len(by_card) > 1 else ''} of {Path(subject).name}"
        certificate = Certificate(title, "run" if is_run else "network", checks, about)
        from ..report.certificate_page import write_certificate

        write_json(out / NOTE, {**certificate.describe(), "asked": mark})
        write_certificate(out, title, checks, {**about, "versions": versions()})
        if settings.certify:
            for card, some in by_card.items():
                write_beside(card, some, about)
        return certificate


def _refuse_options(subject: str, is_run: bool, settings: CheckSettings) -> None:
    if not is_run:
        return
    if settings.network is not None:
        raise InputError("--network: a run has its own; check the network of its study")
    if settings.certify or settings.extras:
        raise InputError(
            f"--{'certify' if settings.certify else next(iter(settings.extras))}: "
            "is for networks, not for a run"
        )


def _asked(subject: str, settings: CheckSettings) -> dict[str, Any]:
    """What tells this check from another one."""
    where = Path(subject)
    network = settings.network
    return {
        "subject": str(where.resolve()) if where.exists() else subject,
        "command": settings.command(subject),
        "network": None if network is None else str(network.resolve()),
        "certify": settings.certify,
    }


def _networks(subject: str, out: Path, settings: CheckSettings) -> list[tuple[Path, Check]]:
    """Checks of a study's networks, each with the card of its network."""
    preset = find_preset(subject)[0]
    allowed = [option.name for option in preset.problem.options.get("check", ())]
    amortised = issubclass(preset.problem.Settings, ModelSettings)
    if amortised:
        allowed += ["guidance", "conformal"]
    for name in settings.extras:
        if name not in allowed:
            raise InputError(f"--{name}: is no option of check for {subject}")
    request = CheckRequest(
        subject,
        out,
        settings.simulations,
        settings.draws,
        settings.seed,
        settings.network,
        settings.extras,
    )
    changes = {"network": {"file": settings.network}} if amortised else {}
    problem = load_problem(subject, changes)
    own = problem.check_networks(request)
    if own is not None:
        return own
    if settings.certify and guidance_of(request) != 1:
        raise InputError("--certify: is for networks at guidance scale 1")
    return check_network(problem, request)
