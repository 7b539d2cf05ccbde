"""Is it true? Tests of posteriors that know nothing of how they were made.

Data sets with known truth and the draws that were claimed for them are `Trials`; each test gives a
`Verdict`: one sentence, whether it passed, the numbers behind it.

* `sbc`: ranks of the truth are uniform (Talts et al., arXiv:1804.06788); `coverage`: highest-
  density regions hold it as often as they say; `tarp` (arXiv:2302.03026); `pulls`: means and
  widths; `prior_back`: the draws of all data sets together are the prior's (Geweke 2004);
  `local_c2st` (Linhart et al., arXiv:2306.03580): a classifier that sees the data;
* `by_slice` repeats one of them in slices of the data;
* `c2st`, `marginal_distances`, `energy_distance` compare two weighted samples (`make_sample`);
* `check_weights` says whether importance weights can be trusted (PSIS, arXiv:1507.02646);
* `make_trials` draws exactly known posteriors, right or spoilt (`fault_named`): how often does
  a diagnostic of your own raise the alarm?
* `judge`, `judged` and `judge_weights` make a certificate's `Check` of `Answers`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .average import prior_back
    from .calibration import Answers, Observed, by_slices, judge, judge_both, judge_weights, judged
    from .calibration_set import Trials
    from .certificate import Check
    from .classifier import ClassifierSettings
    from .expected_coverage import coverage
    from .local_classifier import local_c2st
    from .pull_moments import pulls
    from .random_points import tarp
    from .rank_uniformity import sbc
    from .sample_distances import energy_distance, marginal_distances
    from .slices import by_slice
    from .test_posteriors import Fault, fault_named, make_trials
    from .two_sample import c2st
    from .uniformity import Band, bonferroni, uniform_band, uniformity_p
    from .verdict import Verdict
    from .weight_quality import check_weights
    from .weighted_sample import Sample, make_sample
else:
    from ..base.lazy_names import lazy_names

    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "verdict": ("Verdict",),
            "calibration_set": ("Trials",),
            "rank_uniformity": ("sbc",),
            "expected_coverage": ("coverage",),
            "random_points": ("tarp",),
            "pull_moments": ("pulls",),
            "average": ("prior_back",),
            "local_classifier": ("local_c2st",),
            "slices": ("by_slice",),
            "test_posteriors": ("Fault", "fault_named", "make_trials"),
            "classifier": ("ClassifierSettings",),
            "two_sample": ("c2st",),
            "sample_distances": ("energy_distance", "marginal_distances"),
            "weighted_sample": ("Sample", "make_sample"),
            "weight_quality": ("check_weights",),
            "uniformity": ("Band", "bonferroni", "uniform_band", "uniformity_p"),
            "certificate": ("Check",),
            "calibration": (
                "Answers",
                "Observed",
                "by_slices",
                "judge",
                "judge_both",
                "judge_weights",
                "judged",
            ),
        },
    )

__all__ = [
    "Answers",
    "Band",
    "Check",
    "ClassifierSettings",
    "Fault",
    "Observed",
    "Sample",
    "Trials",
    "Verdict",
    "bonferroni",
    "by_slice",
    "by_slices",
    "c2st",
    "check_weights",
    "coverage",
    "energy_distance",
    "fault_named",
    "judge",
    "judge_both",
    "judge_weights",
    "judged",
    "local_c2st",
    "make_sample",
    "make_trials",
    "marginal_distances",
    "prior_back",
    "pulls",
    "sbc",
    "tarp",
    "uniform_band",
    "uniformity_p",
]
