"""The option that infers every pull: its file and section, and what it refuses."""

import numpy as np
import pytest
import xarray as xr

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile import nuisance_study as module
from pontecorvo.problems.sterile.nuisance_study import FILE, nuisances_part
from pontecorvo.problems.sterile.problem import SterileProblem
from pontecorvo.problems.sterile.settings import SterileSettings


def test_file_and_section_of_all_pulls(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "DRAWS", 400)
    section = nuisances_part(SterileSettings(nuisances=True, seed=3), tmp_path)
    assert section.title == "Every pull inferred"
    assert "gallium_cross_section" in section.body
    with xr.open_dataset(tmp_path / FILE, group="posterior") as posterior:
        assert posterior["pull"].dims == ("chain", "draw", "nuisance")
        assert posterior.sizes == {"chain": 1, "draw": 400, "nuisance": 12}
        pulls = posterior["pull"].sel(nuisance="gallium_cross_section").values[0]
    with xr.open_dataset(tmp_path / FILE, group="sample_stats") as stats:
        weight = np.exp(stats["log_weight"].values[0])
        gap = stats["log_posterior"] - stats["log_q"] - stats["log_weight"]
    assert np.ptp(gap.values) < 1e-9
    weight /= weight.sum()
    assert 1 / np.sum(weight**2) > 300
    # gallium's deficit asks for a lower cross section than was calculated
    assert -3.0 < weight @ pulls < -1.5
    assert (tmp_path / "figures" / "nuisances.csv").is_file()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"experiments": ["danss"]}, "trained for other experiments"),
        ({"options": {"energy_scale": "box"}}, "must be Gaussian pulls"),
    ],
)
def test_other_studies_are_refused(changes, said):
    settings = SterileSettings(nuisances=True, **changes)
    with pytest.raises(InputError, match=said):
        module.load_posterior(settings)
    # before anything is drawn, not after the posterior
    with pytest.raises(InputError, match=said):
        SterileProblem(settings).build_target()


def test_what_the_network_has_not_seen_is_left_out_and_named(monkeypatch):
    known = module.network_experiments(module.SHIPPED)
    settings = SterileSettings(nuisances=True, experiments=[*known, "solar"])
    assert module.check_nuisances(settings) == ()
    monkeypatch.setattr(module, "network_experiments", lambda folder: known[:-1])
    assert module.check_nuisances(settings) == (known[-1],)
