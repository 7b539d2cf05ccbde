"""Hostile inputs end in one sentence: no traceback, no hang, nothing overwritten.

Each kind makes a good input, changes it, and reads it. 500 inputs in the default suite, 10,000 in
the slow one; what was refused is counted, so that no kind passes by accepting everything.
"""

import hashlib
import json
import random
import shutil
import time
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
import yaml
from damage import damaged
from mutations import mutated

from pontecorvo import GaussianMeasurement, InputError, Measured, Model, Prior, Quantity, Uniform
from pontecorvo.base.tables import read_covariance, read_matrix, read_table
from pontecorvo.cli.endings import ended
from pontecorvo.core.contract import check_contract
from pontecorvo.core.measurement_file import read_measurement
from pontecorvo.core.target import Target
from pontecorvo.flows.store import load_flow
from pontecorvo.problems.sterile.cli.scan_table import read_points
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.certificate_files import standing
from pontecorvo.study.check_run import basic_checks
from pontecorvo.study.finished_run import open_run
from pontecorvo.study.posterior_file import read_groups, write_groups
from pontecorvo.study.study import Study
from weighted_run import OneNumber, finished, normal

SECONDS = 20.0
"""Bound of one input; the machine may be busy."""

STUDY = b"""study: seesaw
ordering: no
draws: 1000
seed: 3
method: exact
prior: {yukawa: log-uniform, yukawa_min: 1e-3, yukawa_max: 1, log10_M_min: 10, log10_M_max: 16}
measurement:
  source: "somewhere"
  likelihood: two-piece
  quantities:
    dm2_21: {central: 7.49e-5, sigma: 0.2e-5}
    dm2_3l: {central: 2.513e-3, sigma_plus: 0.02e-3, sigma_minus: 0.03e-3}
    sin2_theta12: {central: 0.308, sigma: 0.012, three_sigma: [0.27, 0.34]}
    sin2_theta13: {central: 0.02215, sigma: 0.0006}
    sin2_theta23: {central: 0.470, sigma: 0.015}
  correlations: [[sin2_theta12, dm2_21, 0.1]]
network: {reference: 0}
sampler: {proposals: 65536}
"""
MEASUREMENT = yaml.safe_dump(yaml.safe_load(STUDY)["measurement"], sort_keys=False).encode()
TABLE = b"""# Source: somewhere, "quoted". Licence: facts.
name,log10_s22,log10_dm2,error
a,-1.0,0.5,0.1
"b, c",-2.5,-0.3,0.2
d,-0.1,1.25e0,3e-1
"""
MATRIX = b"1,0.1,0\n0.1,2,0\n0,0,3\n"


class Line(Model):
    name = "line"
    parameters = (Quantity("a"), Quantity("b"))
    observables = (Quantity("x"), Quantity("y"))
    prior = Prior([Uniform(0, 10), Uniform(0, 10)])

    def forward(self, theta):
        return theta.copy()


MEASURED = [Measured("x", 2, 0.5), Measured("y", 7, 0.5)]
OBSERVABLES = [
    Quantity(name) for name in ("dm2_21", "dm2_3l", "sin2_theta12", "sin2_theta13", "sin2_theta23")
]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """Good files that are changed: a NetCDF file, and a network's card and weights."""
    from pontecorvo.flows.conditional_flow import ConditionalFlow
    from pontecorvo.flows.flow_settings import FlowSettings
    from pontecorvo.flows.networks import NetworkSettings

    folder = tmp_path_factory.mktemp("seeds")
    values = (("chain", "draw"), np.random.default_rng(0).random((1, 20)))
    axes = {"chain": [0], "draw": np.arange(20)}
    group = xr.Dataset({"a": values, "b": values}, axes)
    stats = xr.Dataset({"log_weight": values, "log_likelihood": values}, axes)
    write_groups(
        folder / "p.nc", {"posterior": group, "sample_stats": stats, "predictions": group}, {}
    )
    small = FlowSettings(network=NetworkSettings(width=8, blocks=1, embedding=8))
    flow = ConditionalFlow(2, ["c"], [False, True], small, seed=1)
    flow.card.update(training={}, retrain="x", calibration={}, known_limits=[])
    flow.conditions.range = {"c": (0.0, 1.0)}
    card = flow.save(folder / "net")
    assert load_flow(card).dim == 2  # good as it is: else all that follows would say nothing
    weights = next(folder.glob("net.*.safetensors"))
    run = finished(folder / "run", draws=100)
    return SimpleNamespace(
        run=run,
        groups=read_groups(run / "posterior.nc"),
        netcdf=(folder / "p.nc").read_bytes(),
        card=card.read_bytes(),
        weights=weights.read_bytes(),
    )


def study_file(rng, folder, seeds):
    path = folder / "study.yaml"
    path.write_bytes(mutated(STUDY, rng))
    return lambda: load_problem(str(path))


def measurement_file(rng, folder, seeds):
    path = folder / "m.yaml"
    path.write_bytes(mutated(MEASUREMENT, rng))
    return lambda: read_measurement(path, "m", OBSERVABLES)


def csv_table(rng, folder, seeds):
    path = folder / "t.csv"
    path.write_bytes(mutated(TABLE, rng))
    return rng.choice(
        [
            lambda: read_table(path, ["log10_s22"], positive=["error"]),
            lambda: read_points(path),
        ]
    )


def matrix(rng, folder, seeds):
    path = folder / "m.csv"
    path.write_bytes(mutated(MATRIX, rng))
    return rng.choice([lambda: read_covariance(path, 3), lambda: read_matrix(path)])


def netcdf(rng, folder, seeds):
    path = folder / "p.nc"
    path.write_bytes(mutated(seeds.netcdf, rng))
    return lambda: read_groups(path)


def network(rng, folder, seeds):
    """A card changed, or weights changed under a card that names their hash."""
    card, weights = seeds.card, seeds.weights
    if rng.random() < 0.5:
        card = mutated(card, rng)
    else:
        weights = mutated(weights, rng)
        if rng.random() < 0.3:  # a header that claims what is not there
            weights = rng.choice([10, 2**20, 2**62]).to_bytes(8, "little") + weights[8:]
    digest = hashlib.sha256(weights).hexdigest()
    card = card.replace(json.loads(seeds.card)["weights_sha256"].encode(), digest.encode())
    (folder / "net.json").write_bytes(card)
    (folder / f"net.{digest[:12]}.safetensors").write_bytes(weights)
    return lambda: load_flow(folder / "net.json")


def certificate(rng, folder, seeds):
    """A certificate that cannot be read is none; a run goes on without it."""
    (folder / "net.json").write_bytes(mutated(seeds.card, rng))
    content = {"format": "pontecorvo-certificate", "network": {}, "passed": True, "checks": []}
    content["verdict"] = "all well"
    (folder / "net.certificate.json").write_bytes(mutated(json.dumps(content).encode(), rng))
    return lambda: str(standing(folder / "net.json", "study"))


NAMES = ["a", "b", "", " ", "a/b", "chain", "draw", ".x", "x\ny", "a" * 400, None, 3, "x\x00", "é"]
FORWARD = [
    lambda t: t.copy(),
    lambda t: t[:, 0],
    lambda t: t[:, :1],
    lambda t: t.T.copy(),
    lambda t: t.tolist(),
    lambda t: None,
    lambda t: t * np.nan,
    lambda t: t + 1j,
    lambda t: t.astype("U8"),
    lambda t: np.cumsum(t, axis=0),
    lambda t: np.sort(t, axis=0)[::-1],
    lambda t: 1 / 0,
    lambda t: t[99],
    lambda t: t.__imul__(2),
]
LATEX = ["", "x", "$x$", r"\si{eV}", "{", r"\frac{1}", 3, "\n"]


def declaration(rng, folder, seeds):
    """A model that declares what it does not keep."""
    given = [rng.choice(NAMES) if rng.random() < 0.1 else name for name in ("a", "b", "x", "y")]
    quantities = [Quantity(name, rng.choice(LATEX)) for name in given]
    forward = rng.choice(FORWARD)

    class Odd(Line):
        parameters = tuple(quantities[: rng.choice([2, 2, 2, 1, 0])])
        observables = tuple(quantities[2:])

        def forward(self, theta):
            return forward(theta)

    def read():
        with np.errstate(all="ignore"):
            target = Target(Odd(), GaussianMeasurement(MEASURED))
            check_contract(target)
            Study("odd", target, lambda *_: None, "none", draws=rng.choice([10, 0, -1, 2.5]))

    return read


def damaged_run(rng, folder, seeds):
    """A run's folder of which something is lost or wrong, as `check` and `update` meet it."""
    run = folder / "run"
    shutil.copytree(seeds.run, run)
    damaged(run, seeds.groups, rng)
    posterior = run / "posterior.nc"

    def checked():
        basic_checks(Target(OneNumber(), normal()), read_groups(posterior), posterior)

    def opened():
        run_ = open_run(run)
        return run_.columns, run_.weights, run_.log_likelihood, run_.name

    return rng.choice([checked, opened])


KINDS = [
    *(study_file, measurement_file, csv_table, matrix, netcdf, network, certificate, declaration),
    damaged_run,
]
ACCEPTING = {certificate}


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def attack(kind, count, folder, seeds, first):
    """Read `count` inputs; give how many were refused."""
    refused = 0
    for number in range(first, first + count):
        rng = random.Random(f"{kind.__name__} {number}")
        here = folder / str(number)
        here.mkdir()
        precious = here / "precious.txt"
        precious.write_text("kept")
        read = kind(rng, here, seeds)
        before = content(here)
        start, said = time.monotonic(), "read"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a warning beside the sentence is none of it
                read()
        except InputError as error:
            refused += 1
            said = str(error)
        except Exception as error:
            raise AssertionError(f"{kind.__name__} {number}: {error!r}") from error
        assert "\n" not in said, (number, said)
        assert 3 < len(said) < 2000, (number, len(said))
        assert time.monotonic() - start < SECONDS, (number, "too long")
        assert content(here) == before, number
    return refused


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_hostile_inputs_end_in_one_sentence(kind, tmp_path, seeds):
    refused = attack(kind, 56, tmp_path, seeds, 0)  # 504 in all
    assert kind in ACCEPTING or refused > 20


def test_the_inputs_are_good_before_they_are_changed(tmp_path, seeds, monkeypatch):
    monkeypatch.setitem(globals(), "mutated", lambda content, rng: content)
    for kind in (study_file, measurement_file, csv_table, matrix, netcdf):
        kind(random.Random(0), tmp_path, seeds)()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_ten_thousand_hostile_inputs(kind, tmp_path, seeds):
    refused = attack(kind, 1112, tmp_path, seeds, 1000)  # 10,008 in all
    print(f"{kind.__name__}: {refused} of 1112 refused, the others read")
    assert kind in ACCEPTING or refused > 400


def test_a_refused_study_is_exit_code_2_and_one_line(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tried = 0
    for number in range(40):
        rng = random.Random(f"cli {number}")
        path = tmp_path / "study.yaml"
        path.write_bytes(mutated(STUDY, rng))
        try:
            load_problem(str(path))
        except InputError:
            done = command("run", path, "--out", tmp_path / "o")
            assert done.code == 2, done.err
            assert done.out == ""
            assert done.err.startswith("pontecorvo: ")
            assert done.err.count("\n") == 1
            assert len(done.err) < 1200
            assert not (tmp_path / "o").exists()
            tried += 1
    assert tried > 10


def test_nothing_but_printable_text_reaches_the_terminal(capsys):
    def refuse():
        raise InputError("study 'a\x1b[31m\n\x07b': " + "x" * 5000)

    assert ended(refuse) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said[:-1].isprintable()
    assert len(said) < 1200
