"""Models ranked by evidence: Bayes factors, the same under other priors, one table, one figure."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..base.files import write_json, write_text
from ..base.float_errors import own_float_errors
from ..base.folders import claimed_folder
from .evidence import Candidate, Evidence, identities, rank

_SCALE = ((1.0, "not worth more than a bare mention"), (3.0, "positive"), (5.0, "strong"))


def comparison_table(evidences: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Rows of a ranking, best first.

    ``log_bayes_factor`` is ln Z of the row less that of the best model; ``probability`` is the
    posterior probability at equal prior odds. Errors are one standard error.

    Args:
        evidences: Models; any order.
    """
    ordered = sorted(evidences, key=lambda e: -e.log_evidence)
    log_z = np.array([e.log_evidence for e in ordered])
    share = np.exp(log_z - log_z.max())
    share /= share.sum()
    best = ordered[0]
    rows = []
    for place, (evidence, probability) in enumerate(zip(ordered, share, strict=True), 1):
        gap = evidence.log_evidence - best.log_evidence
        error = 0.0 if evidence is best else float(np.hypot(evidence.error, best.error))
        rows.append(
            {
                "rank": place,
                "model": evidence.label,
                "parameters": evidence.parameters,
                "log_evidence": evidence.log_evidence,
                "log_evidence_error": evidence.error,
                "log_bayes_factor": gap,
                "log_bayes_factor_error": error,
                "probability": float(probability),
                "against_it": in_words(-gap, error),
                "max_log_likelihood": evidence.maximum,
                "method": evidence.method,
                "converged": evidence.converged,
                "seconds": evidence.seconds,
                "data": evidence.data,
                **{f"log_evidence, {name}": value for name, (value, _) in evidence.priors.items()},
                **{
                    f"log_evidence_error, {name}": err for name, (_, err) in evidence.priors.items()
                },
            }
        )
    return rows


def in_words(log_bayes_factor: float, error: float) -> str:
    """Strength of evidence against a model (R. Kass & A. Raftery, JASA 90 (1995) 773).

    Undecided where the difference is less than two standard errors.
    """
    if log_bayes_factor <= 0 and error == 0:
        return "the best"
    if log_bayes_factor < 2 * error:
        return "undecided"
    for limit, word in _SCALE:
        if log_bayes_factor < limit:
            return word
    return "very strong"


@own_float_errors
def compare(
    candidates: Sequence[Candidate],
    out: Path,
    seed: int = 0,
    jobs: int | None = None,
    overwrite: bool = False,
) -> list[dict[str, Any]]:
    """Rank models and write ``comparison.csv``, ``comparison.json`` and ``comparison.png``.

    Args:
        candidates: Models.
        out: Folder; evidences already in it are not computed again.
        seed: Seed of everything.
        jobs: Processes.
        overwrite: Replace the comparison of other models at `out`.

    Returns:
        Rows of `comparison_table`.

    Raises:
        InputError: If `out` holds what is not of the same models.
    """
    asked = {"models": identities(candidates, seed)}
    with claimed_folder(out, "comparison.json", asked, overwrite) as (out, mark):
        from ..report.comparison import comparison_figure

        rows = comparison_table(rank(candidates, out, seed, jobs))
        same = len({row["data"] for row in rows}) == 1
        content = {"asked": mark, "seed": seed, "same_data": same, "models": rows}
        write_json(out / "comparison.json", content)  # first: it says whose the folder is
        columns = list(dict.fromkeys(name for row in rows for name in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text(out / "comparison.csv", text.getvalue())
        comparison_figure(rows, out)
        return rows


def comparison_text(rows: Sequence[dict[str, Any]], most: int = 30) -> str:
    """The ranking for a terminal, `most` rows of it."""
    width = max(len(row["model"]) for row in rows[:most])
    lines = [
        f"{'':4} {'model':{width}}  {'ln Z':>9} {'':9} {'ln B':>8}  {'probability':>11}  against"
    ]
    for row in rows[:most]:
        lines.append(
            f"{row['rank']:4d} {row['model']:{width}}  {row['log_evidence']:9.3f} "
            f"+- {row['log_evidence_error']:<6.3f} {row['log_bayes_factor']:8.2f}  "
            f"{row['probability']:11.4f}  {row['against_it']}"
        )
    if len({row["data"] for row in rows}) > 1:
        lines.append(
            "Not all models were confronted with the same data: their evidences do not compare."
        )
    if len(rows) > most:
        lines.append(f"     and {len(rows) - most} more in comparison.csv")
    return "\n".join(lines)
