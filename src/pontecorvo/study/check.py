"""`pontecorvo check`: the diagnostics of networks or of a finished run, and their certificate."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import InputError
from ..base.files import writable_folder, write_json
from ..diagnostics.certificate import Check
from ..problems.sterile.check import check_sterile
from .catalog import kind_of
from .certificate_files import write_beside
from .check_network import check_seesaw
from .check_run import check_run
from .summary import versions


@dataclass(frozen=True)
class CheckSettings:
    """How a check is done.

    Attributes:
        simulations: Data sets for a network.
        draws: Posterior draws for each.
        seed: Seed of everything.
        guidance: Guidance scale of a seesaw network.
        experiments: Sets of a sterile study's experiments, each of comma-separated names, ``all``
            for every one; none: all, and gallium alone.
        network: Card of a seesaw network, or folder of sterile ones; None: the study's.
        certify: Also write the certificate beside each network, where runs find it.
    """

    simulations: int = 1000
    draws: int = 100
    seed: int = 0
    guidance: float = 1.0
    experiments: Sequence[str] = ()
    network: Path | None = None
    certify: bool = False

    def __post_init__(self) -> None:
        for name, value, least in (
            ("simulations", self.simulations, 100),
            ("draws", self.draws, 20),
            ("seed", self.seed, 0),
        ):
            if value < least:
                raise InputError(f"{name}: {value} is not allowed (a whole number >= {least})")

    def command(self, subject: str) -> str:
        """The command that does this check, less the folders."""
        words = ["pontecorvo check", Path(subject).name]
        if Path(subject).is_dir():
            return " ".join([*words, f"--seed {self.seed}"])
        if self.network is not None:
            words.append(f"--network {self.network.name}")
        words += [f"--experiments {names}" for names in self.experiments]
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


def check(subject: str, out: Path, settings: CheckSettings | None = None) -> Certificate:
    """Check a study's networks, or the folder of a finished run, and write what came out.

    Args:
        subject: A seesaw or sterile study (name or YAML file), or a folder with posterior.nc.
        out: Folder for certificate.json, report.html and the figures.
        settings: How.

    Raises:
        InputError: If the subject is neither, or an option does not go with it.
    """
    settings = settings or CheckSettings()
    is_run = Path(subject).is_dir()
    kind = "run" if is_run else kind_of(subject)
    _refuse(subject, kind, settings)
    about = {"seed": settings.seed, "command": settings.command(subject)}
    by_card: dict[Path, list[Check]] = {}
    if is_run:
        checks = check_run(Path(subject), settings.seed)
        writable_folder(out)
        title = f"run in {Path(subject).name}"
    else:
        effort = (out, settings.simulations, settings.draws, settings.seed)
        if kind == "sterile":
            found = check_sterile(subject, *effort, settings.experiments, settings.network)
        else:
            found = check_seesaw(subject, *effort, settings.guidance, settings.network)
        checks = [one for _, one in found]
        for card, one in found:
            by_card.setdefault(card, []).append(one)
        title = f"network{'s' if len(by_card) > 1 else ''} of {Path(subject).name}"
    certificate = Certificate(title, "run" if is_run else "network", checks, about)
    from ..report.certificate_page import write_certificate

    write_json(out / "certificate.json", certificate.describe())
    write_certificate(out, title, checks, {**about, "versions": versions()})
    if settings.certify:
        for card, some in by_card.items():
            write_beside(card, some, about)
    return certificate


def _refuse(subject: str, kind: str, settings: CheckSettings) -> None:
    """Say no to what cannot be checked, before anything is written."""
    if kind == "founding-paper":
        raise InputError(
            f"{subject}: the founding paper's recipe ships no network to check; "
            "allowed: seesaw-no, seesaw-io, sterile, a YAML file of these, or a run's folder"
        )
    if settings.experiments and kind != "sterile":
        raise InputError("--experiments: is for the sterile networks only")
    if settings.guidance != 1 and kind != "seesaw":
        raise InputError("--guidance: is for a seesaw's network only")
    if settings.network is not None and kind == "run":
        raise InputError("--network: a run has its own; check the network of its study")
    if settings.certify and (kind == "run" or settings.guidance != 1):
        raise InputError("--certify: is for networks, at guidance scale 1")
