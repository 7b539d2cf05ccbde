"""A model's file through every verb, by the same path as the shipped studies.

The file is `examples/chart_model.py`: four parameters, coordinates of its own, nothing of a seesaw.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml

from pontecorvo import load_study
from pontecorvo.study.catalog import load_problem
from sketches import sketched

EXAMPLE = Path(__file__).parents[2] / "examples" / "chart_model.py"
STUDY = f"""
study: {EXAMPLE}
draws: 1000
sampler: {{proposals: 65536, max_steps: 200}}
network: {{reference: 500}}
training:
  {{examples: 8192, chains: 1024, steps: 300, width: 32, blocks: 2, what_ifs: 4, batch: 256,
    ranges: {{total: [0.3, 1.6], asymmetry: [-0.7, 0.9]}}}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("chart-model")
    (path / "study.yaml").write_text(STUDY)
    return path


@pytest.fixture(scope="module")
def network(folder):
    from pontecorvo.core.problem import TrainRequest
    from pontecorvo.study.train import train_study

    said = train_study(str(folder / "study.yaml"), TrainRequest(folder / "net", "train it"), {})
    assert "raw acceptance" in said
    return folder / "net.json"


def by_quadrature():
    """Log-evidence, and posterior mean of p, on a grid of p, q and r."""
    axes = [np.linspace(0, 1, 161)] * 2 + [np.linspace(-5, 5, 161)]
    p, q, r = np.meshgrid(*axes, indexing="ij")
    total, asymmetry = p + q, (p - q) * np.exp(0.3 * r)
    log_likelihood = -0.5 * ((total - 0.9) / 0.03) ** 2 - 0.5 * ((asymmetry - 0.25) / 0.02) ** 2
    weight = np.exp(log_likelihood - 0.5 * r**2) / (2 * np.pi) ** 1.5 / 0.03 / 0.02
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    return np.log(weight.sum() * cell), (weight * p).sum() / weight.sum()


def test_the_exact_sampler_has_the_evidence_of_a_quadrature(folder, command):
    out = folder / "exact"
    answer = command("run", folder / "study.yaml", "--out", out, "--no-report")
    assert answer.code == 0, answer.err
    summary = json.loads((out / "summary.json").read_text())
    log_evidence, mean = by_quadrature()
    assert abs(summary["log_evidence"] - log_evidence) < 0.02
    with xr.open_dataset(out / "posterior.nc", group="posterior") as posterior:
        assert list(posterior.data_vars) == ["p", "q", "r", "phi"]
        spread = float(posterior["p"].std())
        assert abs(float(posterior["p"].mean()) - mean) < 5 * spread / np.sqrt(1000)


def test_its_network_serves_the_same_posterior(folder, network, command):
    out = folder / "by-network"
    words = ("--method", "network", "--network", network, "--out", out)
    with sketched():
        answer = command("run", folder / "study.yaml", *words)
    assert answer.code == 0, answer.err
    summary = json.loads((out / "summary.json").read_text())
    error = 5 * max(summary["log_evidence_error"], 1e-3) + 0.01
    assert abs(summary["log_evidence"] - by_quadrature()[0]) < error
    assert summary["ess_fraction"] > 0.8
    assert summary["reference"]["largest_distance"]["over_its_95_percent_point"] < 2
    assert "against the classical sampler" in (out / "report.html").read_text()
    # settings.yaml runs again, wherever it is started from, and gives the same bytes
    settings = yaml.safe_load((out / "settings.yaml").read_text())
    assert settings["study"] == str(EXAMPLE)
    again = load_study(str(out / "settings.yaml")).run(folder / "again", report=False)
    assert (again.out / "posterior.nc").read_bytes() == (out / "posterior.nc").read_bytes()


def test_what_if(folder, network, command):
    words = ("--set", "total=1.1", "--sigma", "total=0.01", "--network", network)
    answer = command("sample", folder / "study.yaml", *words, "--draws", 2000)
    assert answer.code == 0, answer.err
    median = float(next(x for x in answer.out.splitlines() if x.startswith("total")).split()[1])
    assert abs(median - 1.1) < 0.003
    raw = folder / "raw.nc"
    words = (*words, "--raw", "--draws", 500, "--out", raw)
    assert command("sample", folder / "study.yaml", *words).code == 0
    with xr.open_dataset(raw, group="posterior") as drawn:
        assert drawn["p"].size == 500
    far = command("sample", folder / "study.yaml", "--set", "total=1.9", "--network", network)
    assert far.code == 2
    assert "leaves the range" in far.err


def test_certificates_of_its_network_and_of_a_run(folder, network, command):
    out = folder / "certificate"
    words = ("--simulations", 200, "--draws", 50, "--network", network, "--certify")
    with sketched():
        answer = command("check", folder / "study.yaml", *words, "--out", out)
        assert answer.code == 0, answer.err
        assert "PASSED" in answer.out
        (one,) = json.loads((out / "certificate.json").read_text())["checks"]
        assert one["simulations"] == 200
        command("run", folder / "study.yaml", "--out", folder / "exact", "--no-report")
        answer = command("check", folder / "exact", "--out", folder / "run-certificate")
    assert answer.code == 0, answer.err
    assert "PASSED" in answer.out


def test_without_a_network_it_says_how_to_train_one(folder, command):
    answer = command("sample", EXAMPLE, "--set", "total=1")
    assert answer.code == 2
    assert "no network ships for it; train one with: pontecorvo train" in answer.err


def test_another_measurement_by_file(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "source: mine\nquantities: {total: {central: 1.2, sigma: 0.1}}\n"
    )
    (tmp_path / "study.yaml").write_text(f"study: {EXAMPLE}\nmeasurement: mine.yaml\n")
    problem = load_problem(str(tmp_path / "study.yaml"), {"method": "smc"})
    assert problem.measurement.names == ("total",)
    assert problem.measurement.source == "mine"


def test_its_own_schema(command):
    answer = command("schema", EXAMPLE)
    assert answer.code == 0
    schema = json.loads(answer.out)
    assert {"draws", "sampler", "training", "measurement"} <= set(schema["properties"])
