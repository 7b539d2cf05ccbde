"""What a diagnostic says: one number, its band, pass or fail, one line, and the figure's arrays."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

# Rate of false alarms of every test by default. A certificate holds about eight: at 0.05 each,
# one right posterior in three would be called wrong.
ALPHA = 0.01


@dataclass(frozen=True)
class Verdict:
    """The outcome of one diagnostic.

    Attributes:
        name: The diagnostic, such as ``"sbc"``.
        statistic: The number that was judged; `statistic_name` says which.
        band: Range of the statistic that passes.
        passed: Whether it lies in the band.
        line: One plain sentence for a report.
        statistic_name: What `statistic` is.
        p_value: Probability of a statistic as bad or worse if the posterior were right; None where
            the diagnostic has no such probability.
        values: Further plain numbers worth a table.
        arrays: What the figure needs, by name.
    """

    name: str
    statistic: float
    band: tuple[float, float]
    passed: bool
    line: str
    statistic_name: str = "p-value"
    p_value: float | None = None
    values: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"{'pass' if self.passed else 'FAIL'}  {self.name}: {self.line}"

    def describe(self) -> dict[str, Any]:
        """Everything but the arrays, as plain JSON types (for ``certificate.json``)."""
        return {
            "name": self.name,
            "passed": bool(self.passed),
            "line": self.line,
            "statistic": self.statistic_name,
            "value": float(self.statistic),
            "band": [float(end) for end in self.band],
            "p_value": None if self.p_value is None else float(self.p_value),
            **{key: value for key, value in self.values.items()},
        }


def judged_by_p(
    name: str,
    p_value: float,
    alpha: float,
    right: str,
    wrong: str,
    values: dict[str, Any] | None = None,
    arrays: dict[str, np.ndarray] | None = None,
) -> Verdict:
    """Verdict of a test with false-alarm rate `alpha`: passes for p >= alpha.

    Args:
        name: The diagnostic.
        p_value: Its p-value.
        alpha: Largest tolerated rate of false alarms.
        right: The sentence's middle when it passes.
        wrong: The sentence's middle when it fails.
        values: See `Verdict`.
        arrays: See `Verdict`.
    """
    passed = bool(p_value >= alpha)
    line = f"{right if passed else wrong} (p = {p_value:.3g}, alarm below {alpha:g})"
    return Verdict(
        name=name,
        statistic=float(p_value),
        band=(alpha, 1.0),
        passed=passed,
        line=line,
        p_value=float(p_value),
        values=values or {},
        arrays=arrays or {},
    )
