"""The page of a certificate: one line a verdict, the figures behind, what may be concluded."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..diagnostics.certificate import Check
from ..diagnostics.verdict import ALPHA, Verdict
from .certificate_figures import figures_of
from .page import Section, Tile, definitions, table, write_page
from .page import Verdict as PageVerdict

_MEANING = {
    "simulation-based calibration": "The truth's rank among the posterior draws must be uniform, "
    "for every quantity and for the joint density. It is not, where a posterior is too narrow, "
    "too wide or shifted. It is an average over the prior: errors that undo each other pass.",
    "expected coverage": "A 90 % highest-density region must hold 90 % of the truths. It sees a "
    "wrong joint shape, but not two errors that undo each other.",
    "TARP": "The same with balls around random points; sees a wrong joint shape, too.",
    "pulls": "The normal quantile of the truth's rank must have mean zero and width one: a shift "
    "or a wrong width, in units that physicists read.",
    "prior given back": "Posteriors averaged over simulated data sets are the prior. Shifts and "
    "missing modes show; a wrong width hardly does.",
    "calibration by slice": "Rank statistics where the data say one thing or another: a network "
    "right on average can be wrong in every corner. Slices are of the data; of the truth they "
    "would prove nothing.",
    "local C2ST at the measured data": "A classifier, trained over all simulated data sets to tell "
    "truths from draws, looks at the measured data alone. It sees faults that change smoothly with "
    "the data, and is the weakest of these tests.",
    "importance weights": "A lowest ESS/N near zero means a data set where the network misses the "
    "posterior, and where its weighted draws say little. Where a run hands draws that keep little "
    "of their size over to rounds that start from them, so does the check.",
    "Pareto tails": "k-hat above 0.7 means that a few draws carry the weight; then ESS/N itself "
    "cannot be trusted. Where ESS/N is above 0.9 no draw does, and k-hat is not counted.",
    "missed mass": "The truth is one more draw of the posterior. Where it outweighs all draws "
    "together, they left out where the posterior is: the one fault that weights cannot mend, and "
    "that ESS/N and k-hat cannot see.",
    "weights at the measured data": "The same for the data that were measured.",
    "closure": "Stored parameters, put through the forward map once more.",
    "tabulated likelihood": "What the sampler used, against the likelihood itself.",
}
_NETWORK_LIMITS = (
    "A pass says that no fault of the size that this many data sets can show was found. It does "
    "not say that there is none. Coverage of 90 % is known here to about {coverage:.1f} points.",
    "Each diagnostic gives a false alarm once in {alarm:.0f}: one failure near the edge of its "
    "band, with everything else passing, is no proof of a fault.",
    "Weighted draws decide, because they are what a run gives out. Raw draws are shown whatever "
    "they are: a network need not be right, its weights must.",
    "The truths are drawn from the prior and the data from the model. Whether the model fits the "
    "measured data, or the prior is yours, is not answered here.",
)
_RUN_LIMITS = (
    "A pass says that a classifier cannot tell the run's draws from exact ones with as many draws "
    "as there are here. It says nothing of the model, the prior or the likelihood.",
    "The exact draws come from another method with the same likelihood: an error in the likelihood "
    "is in both.",
)


def write_certificate(
    out: Path, subject: str, checks: Sequence[Check], about: Mapping[str, Any]
) -> None:
    """Write ``report.html`` and ``figures/`` of a certificate to `out`.

    Args:
        out: Folder, which exists.
        subject: What was checked.
        checks: Every check, with the arrays of its verdicts.
        about: ``command`` and ``versions``.
    """
    number = sum(len(check.corrected) for check in checks)
    failed = [f"{check.title}: {', '.join(check.failed)}" for check in checks if check.failed]
    bad = sum(len(check.failed) for check in checks)
    simulations = [c.about["simulations"] for c in checks if "simulations" in c.about]
    headline = [
        f"All {number} diagnostics of the weighted draws pass."
        if not bad
        else f"{bad} of {number} diagnostics of the weighted draws fail."
    ]
    headline += [f"Failed - {line}." for line in failed]
    tiles = [
        Tile("diagnostics passed", f"{number - bad} of {number}"),
    ]
    if simulations:
        each = "each" if len(simulations) > 1 else ""
        tiles.append(Tile("simulated data sets", f"{min(simulations):,}", each))
    for name, label in (("importance weights", "ESS/N, median"),):
        medians = [
            v.values["median"]
            for check in checks
            for v in check.corrected
            if v.name == name and "median" in v.values
        ]
        if medians:
            note = "of the data sets" if len(medians) == 1 else "the lowest of the checks"
            tiles.append(Tile(label, f"{min(medians):.2f}", note))
    sections = [_section(check, index, len(checks)) for index, check in enumerate(checks)]
    if len(checks) > 1:
        sections.insert(0, Section("Overview", _overview(checks)))
    sections.append(_conclusions(checks, simulations))
    sections.append(_how(checks, about))
    write_page(
        out,
        "Can it be trusted?",
        subject,
        headline,
        sections,
        tiles,
        warning="" if not bad else "Do not rely on this without looking at what failed.",
        verdict=PageVerdict(
            "good" if not bad else "bad",
            "PASSED" if not bad else "FAILED",
            [
                ("decides", "draws with their weights, as a run gives them out"),
                ("does not", "draws without weights: they say how good the network is alone"),
            ],
        ),
    )


def _mark(passed: bool, decides: bool = True) -> Markup:
    if passed:
        return Markup('<span class="pass">pass</span>')
    if decides:
        return Markup('<span class="fail">FAIL</span>')
    return Markup('<span class="note">fail</span>')


def _lines(verdicts: Sequence[Verdict], decides: bool) -> Markup:
    rows = [(_mark(v.passed, decides), v.name, _sentence(v.line)) for v in verdicts]
    return table(("", "diagnostic", "what it says"), rows, "verdicts")


def _sentence(line: str) -> str:
    return line[:1].upper() + line[1:]


def _section(check: Check, index: int, count: int) -> Section:
    body = Markup("<p>{}</p>").format(f"{check.count}. These decide:") + _lines(
        check.corrected, True
    )
    if check.about.get("data_sets_left_aside"):
        body += Markup("<p>{} simulated data sets were left aside: {}.</p>").format(
            check.about["data_sets_left_aside"], check.about["left_aside_because"]
        )
    if check.raw:
        body += Markup("<p>{}</p>").format(
            "The same draws without their weights: what the network says alone. These are no part "
            "of the verdict: a “fail” here costs effective draws, and the weights mend it."
        )
        body += _lines(check.raw, False)
    title = "Verdicts" if count == 1 else check.title
    return Section(title, body, figures_of(check, f"check-{index}"))


def _overview(checks: Sequence[Check]) -> Markup:
    rows = []
    for check in checks:
        bad = [verdict.name for verdict in check.raw if not verdict.passed]
        rows.append(
            (
                _mark(check.passed),
                check.title,
                check.count,
                ", ".join(check.failed) or "none",
                ", ".join(bad) or "none",
            )
        )
    heads = ("", "checked", "weighted draws", "failed, weighted", "failed, raw")
    return table(heads, rows, "verdicts")


def _conclusions(checks: Sequence[Check], simulations: Sequence[int]) -> Section:
    if simulations:
        alpha = min([v.band[0] for c in checks for v in c.corrected if v.name == "TARP"] or [ALPHA])
        spread = 100 * (0.9 * 0.1 / min(simulations)) ** 0.5
        limits = [line.format(coverage=spread, alarm=1 / alpha) for line in _NETWORK_LIMITS]
    else:
        limits = list(_RUN_LIMITS)
    body = Markup("<ul>{}</ul>").format(
        Markup("").join(Markup("<li>{}</li>").format(line) for line in limits)
    )
    names = list(dict.fromkeys(v.name for check in checks for v in check.corrected))
    if not simulations:  # one set of weights there, not one a data set
        names = [name for name in names if name != "importance weights"]
    known = [(name, _MEANING[name]) for name in names if name in _MEANING]
    if known:
        body += table(("diagnostic", "what it can and cannot show"), known)
    return Section("What may be concluded, and what not", body)


def _how(checks: Sequence[Check], about: Mapping[str, Any]) -> Section:
    pairs: list[tuple[object, object]] = [
        ("command", Markup("<code>{}</code>").format(about["command"]))
    ]
    hashes = {c.about["network"]["weights_sha256"] for c in checks if c.about.get("network")}
    for digest in sorted(hashes):
        pairs.append(("SHA-256 of weights", Markup("<code>{}</code>").format(digest)))
    numbers = {c.about["draws_each"] for c in checks if "draws_each" in c.about}
    if numbers:
        pairs.append(("draws for each data set", ", ".join(str(n) for n in sorted(numbers))))
    text = ", ".join(f"{name} {value}" for name, value in about["versions"].items())
    pairs.append(("versions", text))
    return Section("How this was made", definitions(pairs))
