"""One check of a certificate: a network on one set of data, or a run, verdict by verdict."""

from dataclasses import dataclass
from typing import Any

from .verdict import Verdict


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    Attributes:
        title: What was checked, short: ``score network, all data``.
        corrected: Verdicts on the weighted draws: these decide.
        raw: Verdicts on the draws without their weights; shown, whatever they are.
        about: Counts, hashes.
    """

    title: str
    corrected: list[Verdict]
    raw: list[Verdict]
    about: dict[str, Any]

    @property
    def passed(self) -> bool:
        """Whether all verdicts on the weighted draws are good."""
        return not self.failed

    @property
    def failed(self) -> list[str]:
        """Names of the verdicts on the weighted draws that are not good."""
        return [verdict.name for verdict in self.corrected if not verdict.passed]

    @property
    def count(self) -> str:
        """How many of the verdicts on the weighted draws are good, in words."""
        good = len(self.corrected) - len(self.failed)
        return f"{good} of {len(self.corrected)} diagnostics pass"

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "title": self.title,
            "passed": self.passed,
            "failed": self.failed,
            **self.about,
            "corrected": [verdict.describe() for verdict in self.corrected],
            "raw": [verdict.describe() for verdict in self.raw],
        }
