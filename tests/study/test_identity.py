"""Which run is it: what changes the name under which draws are kept, and what does not."""

from functools import partial

from pontecorvo.samplers.smc import SMCSettings, sample_smc
from pontecorvo.study.identity import describe_sampler, run_fingerprint
from toys import LinearToy, linear_target


def test_settings_and_the_users_source_count():
    target = linear_target()
    name = run_fingerprint({"draws": 10}, target, sample_smc)
    assert name == run_fingerprint({"draws": 10}, linear_target(), sample_smc)
    assert name != run_fingerprint({"draws": 11}, target, sample_smc)

    class Changed(LinearToy):
        def forward(self, theta):
            return 2 * super().forward(theta)

    other = linear_target()
    object.__setattr__(other, "model", Changed())
    assert name != run_fingerprint({"draws": 10}, other, sample_smc)


def test_the_users_sampler_counts():
    def mine(target, draws, seed):
        return sample_smc(target, draws, seed)

    target = linear_target()
    assert run_fingerprint({}, target, mine) != run_fingerprint({}, target, sample_smc)


def test_a_sampler_is_told_with_its_options():
    assert describe_sampler(sample_smc) == "sample_smc"
    settings = SMCSettings()
    told = describe_sampler(partial(partial(sample_smc, settings=settings), show=False))
    assert told == {"function": "sample_smc", "settings": repr(settings), "show": False}
