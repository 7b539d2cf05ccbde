"""What `explain` finds: rows of a table, one sentence each, and nothing where there is nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from .charges import Charges
from .open_questions import Answer
from .weighted_tests import Information, Share

__all__ = ["CandidateRow", "Findings", "InvariantRow"]

_INVARIANTS = 8  # sentences on invariants; the table has all
Verdict = Literal["structure", "measurement", "not separable", "nothing"]


@dataclass(frozen=True)
class CandidateRow:
    """One candidate: how often it nearly holds in the posterior, the prior, and the reference.

    ``log_evidence_ratio`` is that of the symmetric model over the free one with its error, where
    the caller knows it.
    """

    name: str
    sentence: str
    latex: str
    against_prior: Share
    against_reference: Share | None
    verdict: Verdict
    log_evidence_ratio: tuple[float, float] | None = None

    @property
    def text(self) -> str:
        """The finding in one sentence."""
        share = self.against_prior
        shares = f"{100 * share.first:.3g} % of the posterior and {100 * share.second:.3g} %"
        start = (
            f"{self.name}: {self.sentence} to within {share.threshold:.2g} in {shares} of the prior"
        )
        return f"{start}{_ending(self.verdict, share.ratio, self.log_evidence_ratio)}"


@dataclass(frozen=True)
class InvariantRow:
    """One invariant: bits by which it tells posterior from prior, and where they come from.

    ``total`` is posterior against prior; ``measured`` the reference (prior that knows the
    measurement) against the prior; ``remains`` posterior against reference. The last two are None
    where the prior has no draws like the data. ``narrowing`` is the posterior's 68 % width over the
    prior's.
    """

    name: str
    total: Information
    measured: Information | None
    remains: Information | None
    narrowing: float
    median: float
    prior_median: float
    verdict: Verdict

    @property
    def text(self) -> str:
        """The finding in one sentence."""
        start = (
            f"{self.name}: median {self.median:.3g} (prior {self.prior_median:.3g}), width "
            f"{self.narrowing:.2g} of the prior's, {self.total.bits:.3f} bits"
        )
        if self.verdict == "nothing":
            return f"{start}: nothing beyond the prior."
        if self.remains is None or self.measured is None:
            return f"{start}; the prior has too few draws like the data to say whose they are."
        return (
            f"{start}, of which the measurement alone gives {self.measured.bits:.3f}; "
            f"{self.remains.bits:.3f} remain."
        )


@dataclass(frozen=True)
class Findings:
    """All that was looked for, found or not.

    Attributes:
        candidates: Table of symmetries and textures, in the order of the list.
        invariants: Invariants, most informative first.
        charges: Fitted Froggatt-Nielsen pattern.
        charges_verdict: Whether it is one.
        reference_draws: Effective number of prior draws that know the measurement.
        measured: Names of what was measured.
        correlations: Correlations of log abs(Y) and log M in the posterior (K, K), their names, and
            the prior's (K, K).
        answers: Heavy masses, CP phases, place of m_ee in its band, digits of hierarchy.
    """

    candidates: tuple[CandidateRow, ...]
    invariants: tuple[InvariantRow, ...]
    charges: Charges
    charges_verdict: Verdict
    reference_draws: float
    measured: tuple[str, ...]
    correlation_names: tuple[str, ...]
    correlations: np.ndarray
    prior_correlations: np.ndarray
    partial_correlations: dict[str, tuple[float, float]] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()

    @property
    def leading(self) -> tuple[CandidateRow, ...]:
        """Candidates, those first that hold most times as often; what follows may follow from it.

        A texture has consequences, such as a small mixing, that are findings too.
        """

        def ratio(row: CandidateRow) -> float:
            return (row.against_reference or row.against_prior).ratio

        return tuple(sorted(self.candidates, key=ratio, reverse=True))

    @property
    def found(self) -> tuple[str, ...]:
        """Names of what is in the Yukawas beyond the prior and the measurement."""
        names = [row.name for row in self.leading if row.verdict == "structure"]
        if self.charges_verdict == "structure":
            names.append("charges")
        return (*names, *(r.name for r in self.invariants if r.verdict == "structure"))

    @property
    def charges_text(self) -> str:
        """The charges in one sentence."""
        c = self.charges
        if self.charges_verdict == "nothing":
            return "Froggatt-Nielsen charges: no pattern beyond the prior."
        return (
            f"Froggatt-Nielsen charges {c.text} explain {100 * c.r_squared:.0f} % of the variance "
            f"of the typical log abs(Y), which spans a factor {c.span:.1f}"
            f"{_ending(self.charges_verdict, None, None)}"
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence a finding; where there is none, one that says so."""
        rows = [r.text for r in self.leading if r.verdict != "nothing"]
        if self.charges_verdict != "nothing":
            rows.append(self.charges_text)
        notable = [r for r in self.invariants if r.verdict != "nothing"]
        rows += [r.text for r in notable[:_INVARIANTS]]
        if len(notable) > _INVARIANTS:
            rows.append(f"{len(notable) - _INVARIANTS} further invariants differ from the prior.")
        if not self.found:
            looked = (
                f"{len(self.candidates)} symmetries and textures, {len(self.invariants)} invariants"
            )
            first = f"Nothing beyond the prior and the measurement in {looked} and charges."
            verdicts = [r.verdict for r in self.candidates]
            verdicts += [r.verdict for r in self.invariants]
            if "not separable" in verdicts:
                first = (
                    f"Of {looked} and charges, what differs from the prior cannot be told from the "
                    f"measurement: only {self.reference_draws:.1f} prior draws are like the data."
                )
            return (first, *rows)
        return tuple(rows)

    def as_json(self) -> dict[str, Any]:
        """Everything as plain types, for a file."""
        return {
            "found": list(self.found),
            "sentences": list(self.sentences),
            "measured": list(self.measured),
            "reference_draws": self.reference_draws,
            "candidates": [asdict(r) for r in self.candidates],
            "invariants": [asdict(r) for r in self.invariants],
            "charges": asdict(self.charges) | {"verdict": self.charges_verdict},
            "partial_correlations": self.partial_correlations,
            "answers": [asdict(answer) for answer in self.answers],
        }


def _ending(verdict: Verdict, ratio: float | None, evidence: tuple[float, float] | None) -> str:
    end = "" if ratio is None else f", {ratio:.3g} times as often"
    if verdict == "nothing":
        return f"{end}: nothing beyond the prior."
    if verdict == "measurement":
        end += ": the measurement given back"
    elif verdict == "not separable":
        end += ": the prior has too few draws like the data to tell it from the measurement"
    else:
        end += ", beyond the prior and the measurement"
    if evidence is not None:
        value = f"{evidence[0]:.2f} +- {evidence[1]:.2f}"
        end += f"; ln evidence of the symmetric model over the free one {value}"
    return end + "."
