"""The files of a run, read by what a user has: xarray, json, yaml and numpy."""

import hashlib
import json

import numpy as np
import pytest
import xarray as xr
import yaml

VEV = 174.1
PARAMETERS = {
    "Y_re": ("chain", "draw", "flavor", "heavy"),
    "Y_im": ("chain", "draw", "flavor", "heavy"),
    "log10_M": ("chain", "draw", "heavy"),
    "phase_M": ("chain", "draw", "heavy"),
}
UNITS = {
    "sin2_theta12": "1",
    "sin2_theta13": "1",
    "sin2_theta23": "1",
    "dm2_21": "eV^2",
    "dm2_3l": "eV^2",
    "delta_cp": "rad",
    "alpha21": "rad",
    "alpha31": "rad",
    "J": "1",
    "I1": "1",
    "I2": "1",
    "m1": "eV",
    "m2": "eV",
    "m3": "eV",
    "sum_m": "eV",
    "m_ee": "eV",
    "m_beta": "eV",
}


@pytest.fixture(params=["no", "io"])
def ordering(request):
    return request.param


@pytest.fixture
def out(finished_runs, ordering):
    return finished_runs[ordering]


def group(out, name):
    with xr.open_dataset(out / "posterior.nc", group=name) as content:
        return content.load()


def test_posterior_has_the_parameters_with_names_dimensions_and_units(out):
    posterior = group(out, "posterior")
    assert {name: array.dims for name, array in posterior.data_vars.items()} == PARAMETERS
    assert dict(posterior.sizes) == {"chain": 1, "draw": 200, "flavor": 3, "heavy": 3}
    assert list(posterior["flavor"].values) == ["e", "mu", "tau"]
    assert list(posterior["heavy"].values) == [1, 2, 3]
    units = {name: array.attrs["units"] for name, array in posterior.data_vars.items()}
    assert units == {"Y_re": "1", "Y_im": "1", "log10_M": "log10(GeV)", "phase_M": "rad"}
    assert np.all(np.diff(posterior["log10_M"].values, axis=-1) >= 0)
    assert all(array.dtype == np.float64 for array in posterior.data_vars.values())


def test_sample_stats_and_predictions_have_one_number_a_draw(out):
    stats, predictions = group(out, "sample_stats"), group(out, "predictions")
    assert {"log_weight", "log_prior", "log_likelihood"} <= set(stats.data_vars)
    assert {name: a.attrs["units"] for name, a in predictions.data_vars.items()} == UNITS
    for array in (*stats.data_vars.values(), *predictions.data_vars.values()):
        assert array.dims == ("chain", "draw")
        assert np.all(np.isfinite(array.values))
    for name in ("delta_cp", "alpha21", "alpha31"):
        assert np.all((predictions[name] >= 0) & (predictions[name] < 2 * np.pi))


def test_the_root_says_what_was_run(out, ordering):
    with xr.open_dataset(out / "posterior.nc") as root:
        assert root.attrs["study"] == f"seesaw-{ordering}"
        assert root.attrs["method"] == "exact"
        assert root.attrs["seed"] == 0


def test_the_formula_of_the_contract_gives_the_predictions(out, ordering):
    """v^2 Y M^-1 Y^T, with numpy alone, from the numbers in the file."""
    posterior, predictions = group(out, "posterior"), group(out, "predictions")
    yukawa = (posterior["Y_re"] + 1j * posterior["Y_im"]).values[0]
    heavy = (10 ** posterior["log10_M"] * np.exp(1j * posterior["phase_M"])).values[0]
    light = 1e9 * VEV**2 * (yukawa / heavy[:, None, :]) @ yukawa.transpose(0, 2, 1)
    square = light.conj() @ light  # U diag(m^2) U^+, since U^T m U = diag(m)
    mass2, mixing = np.linalg.eigh(square)
    if ordering == "io":  # ascending is (3, 1, 2)
        mass2, mixing = np.roll(mass2, -1, axis=-1), np.roll(mixing, -1, axis=-1)
    masses = np.linalg.svd(light, compute_uv=False)[:, ::-1]
    masses = np.roll(masses, -1, axis=-1) if ordering == "io" else masses
    moduli = np.abs(mixing) ** 2
    e1, e2, m1, m2 = mixing[:, 0, 0], mixing[:, 0, 1], mixing[:, 1, 0], mixing[:, 1, 1]
    reference = masses[:, 0] if ordering == "no" else masses[:, 1]
    expected = {
        "m1": masses[:, 0],
        "m2": masses[:, 1],
        "m3": masses[:, 2],
        "sum_m": masses.sum(axis=1),
        "m_ee": np.abs(light[:, 0, 0]),
        "m_beta": np.sqrt(square[:, 0, 0].real),
        "dm2_21": masses[:, 1] ** 2 - masses[:, 0] ** 2,
        "dm2_3l": masses[:, 2] ** 2 - reference**2,
        "sin2_theta13": moduli[:, 0, 2],
        "sin2_theta12": moduli[:, 0, 1] / (1 - moduli[:, 0, 2]),
        "sin2_theta23": moduli[:, 1, 2] / (1 - moduli[:, 0, 2]),
        "J": np.imag(e1 * m2 * e2.conj() * m1.conj()),
    }
    for name, values in expected.items():
        scale = np.max(np.abs(values))
        np.testing.assert_allclose(
            predictions[name].values[0], values, rtol=1e-8, atol=1e-8 * scale, err_msg=name
        )


def test_the_draws_follow_the_measurement(out, ordering):
    """sin^2 theta12 within half a sigma of NuFIT 6.0's, and dm2_3l of the right sign."""
    predictions = group(out, "predictions")
    sign = 1 if ordering == "no" else -1
    assert np.all(sign * predictions["dm2_3l"] > 0)
    assert abs(float(predictions["sin2_theta12"].mean()) - 0.308) < 0.5 * 0.0115


def test_summary_has_the_keys_of_the_contract(out):
    summary = json.loads((out / "summary.json").read_text())
    assert {"counts", "raw_acceptance", "ess", "log_evidence", "closure"} <= set(summary)
    assert {"seconds", "versions", "seed", "files"} <= set(summary)
    assert summary["counts"] == {"draws": 200, "requested": 200}
    assert 0 < summary["raw_acceptance"] <= 1
    assert 0 < summary["ess"] <= 200
    assert np.isfinite(summary["log_evidence"])
    assert summary["log_evidence_error"] > 0
    assert summary["seed"] == 0
    assert {"draw", "predict", "write", "check"} <= set(summary["seconds"])
    assert {"python", "pontecorvo", "numpy", "numba"} <= set(summary["versions"])
    assert set(UNITS) <= set(summary["intervals"])


def test_closure_is_what_the_forward_map_says_of_the_file(out):
    summary = json.loads((out / "summary.json").read_text())
    predictions = group(out, "predictions")
    inside = np.ones(200, dtype=bool)
    for name, quantity in summary["target"]["measurement"]["quantities"].items():
        low, high = quantity["three_sigma"]
        values = predictions[name].values.ravel()
        inside &= (values >= low) & (values <= high)
    closure = summary["closure"]
    assert closure["within_three_sigma"] == pytest.approx(inside.mean(), abs=1e-12)
    assert closure["inside_prior"] == 1.0
    assert closure["max_log_likelihood_change"] < 1e-9


def test_files_are_listed_with_their_hashes(out):
    listed = json.loads((out / "summary.json").read_text())["files"]
    assert {"posterior.nc", "settings.yaml"} <= set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    assert {path.name for path in out.iterdir()} == {*listed, "summary.json", ".stages"}


def test_settings_hold_every_setting(out, ordering):
    from pontecorvo.core.settings import SamplerSettings
    from pontecorvo.problems.seesaw.settings import PriorSettings, SeesawSettings

    settings = yaml.safe_load((out / "settings.yaml").read_text())
    assert set(settings) == set(SeesawSettings.model_fields)
    assert set(settings["prior"]) == set(PriorSettings.model_fields)
    assert set(settings["sampler"]) == set(SamplerSettings.model_fields)
    assert settings["ordering"] == ordering  # read back as text, not as False
