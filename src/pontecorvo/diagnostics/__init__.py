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

from ..base.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
