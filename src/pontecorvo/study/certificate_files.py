"""Certificates beside networks: written by a check, read wherever a network is used.

``NAME.certificate.json`` lies beside the card ``NAME.json``. It names the SHA-256 of the weights it
was made for (and of the embedding they read, where there is one), so that it is never taken for
that of other weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import InputError
from ..base.files import read_json, write_json
from .summary import versions

if TYPE_CHECKING:
    from ..diagnostics.certificate import Check

FORMAT = "pontecorvo-certificate"


def certificate_path(card: Path) -> Path:
    """Where the certificate of the network with this card lies."""
    return card.with_name(f"{card.stem}.certificate.json")


def identity(card: Path) -> dict[str, str]:
    """SHA-256 of a network's weights, and of the arrays of its embedding; empty if unreadable."""
    result = {}
    for name, path, key in (
        ("weights_sha256", card, "weights_sha256"),
        ("embedding_sha256", card.with_name("embedding.json"), "arrays_sha256"),
    ):
        content = read_json(path)
        if isinstance(content.get(key), str):
            result[name] = content[key]
    return result


def write_beside(card: Path, checks: "list[Check]", about: dict[str, Any]) -> Path:
    """Write the certificate of a network beside its card.

    Args:
        card: The network's card.
        checks: What was checked of this network.
        about: Seed and command.
    """
    path = certificate_path(card)
    content = {
        "format": FORMAT,
        "network": identity(card),
        "passed": all(check.passed for check in checks),
        "verdict": _verdict(checks),
        **about,
        "versions": versions(),
        "checks": [check.describe() for check in checks],
    }
    try:
        write_json(path, content)
    except OSError as error:
        raise InputError(
            f"--certify: cannot write {path} ({error.strerror}); use --network with a copy"
        ) from None
    return path


def _verdict(checks: "list[Check]") -> str:
    """One line on one network."""
    simulations = {check.about["simulations"] for check in checks}
    many = f"over {min(simulations):,} simulated data sets"
    many += " each" if len(checks) > 1 else ""
    parts = []
    for check in checks:
        where = f"{check.about['data']}: " if len(checks) > 1 else ""
        why = f" ({', '.join(check.failed)}: failed)" if check.failed else ""
        parts.append(f"{where}{check.count}{why}")
    return f"{'; '.join(parts)} {many}"


@dataclass(frozen=True)
class Standing:
    """What is known of a network's calibration.

    Attributes:
        network: Name of its card.
        certified: Whether its certificate says that it passes; None where it has none.
        line: One sentence.
        checks: Content of the certificate, check by check, where there is one.
    """

    network: str
    certified: bool | None
    line: str
    checks: Sequence[dict[str, Any]] = ()

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {"network": self.network, "certified": self.certified, "line": self.line}

    def __str__(self) -> str:
        return f"network {self.network}: {self.line}"


def folder_standing(folder: Path, study: str) -> list[Standing]:
    """The same for every network in a folder of them."""
    cards = [p for p in sorted(folder.glob("*.json")) if "weights_sha256" in identity(p)]
    return [standing(card, study) for card in cards]


def standing(card: Path, study: str) -> Standing:
    """Read the certificate of a network; anything wrong with it means that there is none.

    Args:
        card: The network's card.
        study: The study to be named in the advice, as it is registered.
    """
    content, own = read_json(certificate_path(card)), identity(card)
    advice = f"run: pontecorvo check {study} --out DIR --certify"
    name = card.stem
    if not content:
        return Standing(name, None, f"no certificate; {advice}")
    verdict, passed = content.get("verdict"), content.get("passed")
    checks = content.get("checks")
    whole = isinstance(verdict, str) and isinstance(passed, bool)
    if content.get("format") != FORMAT or not whole or not isinstance(checks, list):
        return Standing(name, None, f"no certificate that can be read; {advice}")
    if not own or content.get("network") != own:
        return Standing(
            name, None, f"no certificate (the one beside it is of other weights); {advice}"
        )
    word = "certified" if passed else "NOT certified"
    return Standing(name, passed, f"{word}: {verdict}", checks)
