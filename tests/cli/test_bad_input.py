"""Bad input: one clear sentence on stderr, exit code 2, nothing written or overwritten."""

import os
import stat

import pytest
from click.testing import CliRunner


@pytest.fixture
def refused(command, tmp_path, monkeypatch):
    """Call the command line; assert that it refuses in one sentence and leaves every file alone."""
    monkeypatch.chdir(tmp_path)

    def snapshot():
        return {
            path: (path.read_bytes() if path.is_file() else None)
            for path in tmp_path.rglob("*")
            if os.access(path, os.R_OK)
        }

    def call(*arguments):
        before = snapshot()
        done = command(*arguments)
        assert done.code == 2, done.err
        assert done.out == ""
        assert done.err.startswith("pontecorvo: ")
        assert done.err.count("\n") == 1
        assert snapshot() == before
        return done.err

    return call


def study(tmp_path, text):
    path = tmp_path / "study.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


COMMAND_LINES = [
    ("run seesaw-on --out o", ["'seesaw-on'", "did you mean 'seesaw-no'", "seesaw-io"]),
    ("rnu", ["'rnu'", "did you mean 'run'"]),
    ("--colour", ["--colour", "--help"]),
    ("run seesaw-no --outt o", ["--outt", "--out"]),
    ("run seesaw-no", ["--out"]),
    ("run --out o", ["STUDY"]),
    ("run seesaw-no more --out o", ["more"]),
    ("run seesaw-no --out o --draws 0", ["draws: 0", "greater than or equal to 1"]),
    ("run seesaw-no --out o --draws -5", ["draws: -5", "greater than or equal to 1"]),
    ("run seesaw-no --out o --draws 1.5", ["--draws", "1.5", "integer"]),
    ("run seesaw-no --out o --draws many", ["--draws", "many", "integer"]),
    ("run seesaw-no --out o --seed -1", ["seed: -1", "greater than or equal to 0"]),
    ("run seesaw-no --out o --seed 99999999999999999999", ["seed: 9999", "less than"]),
    ("run seesaw-no --out o --method magic", ["method: 'magic'", "exact", "emcee"]),
    ("run . --out o", ["'.'", "is a folder"]),
    ("run absent.yaml --out o", ["absent.yaml", "cannot be read"]),
    ("run " + 300 * "a" + " --out o", ["is unknown"]),
]


@pytest.mark.parametrize(("line", "words"), COMMAND_LINES, ids=[x[0][:40] for x in COMMAND_LINES])
def test_command_line(refused, line, words):
    sentence = refused(*line.split())
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_of_a_folder_is_not_the_current_folder(refused, name):
    assert "--out" in refused("run", "seesaw-no", "--out", name)


STUDIES = [
    ("", ["mapping"]),
    ("# nothing\n", ["mapping"]),
    ("- no\n- io\n", ["mapping"]),
    ("just text\n", ["mapping"]),
    ("ordering: no: io\n", ["not valid YAML", "line 1"]),
    ("prior: {yukawa: uniform\n", ["not valid YAML"]),
    ("a: !!python/object:os.system x\n", ["not valid YAML"]),
    ("date: 2024-13-45\n", ["not valid YAML"]),
    (b"\xff\xfe\x00", ["UTF-8"]),
    ("[" * 600, ["not valid YAML"]),
    ("vev: 170\nvev: 180\n", ["'vev'", "twice"]),
    ("prior: {yukawa_max: 1, yukawa_max: 2}\n", ["'yukawa_max'", "twice"]),
    ("1: 2\n", ["text"]),
    # names
    ("orderng: no\n", ["orderng is unknown", "did you mean 'ordering'", "measurement"]),
    ("prior: {yukawa_mx: 1}\n", ["prior.yukawa_mx is unknown", "did you mean 'yukawa_max'"]),
    ("sampler: {proposal: 1}\n", ["sampler.proposal is unknown", "did you mean 'proposals'"]),
    ("prior: 3\n", ["prior: 3", "mapping"]),
    ("prior:\n", ["prior: None", "mapping"]),
    ("study: sterile-ish\n", ["sterile-ish", "did you mean 'sterile'?", "seesaw-no"]),
    ("ordering: sideways\n", ["ordering: 'sideways'", "'no' or 'io'"]),
    ("ordering: yes\n", ["ordering: True", "'no' or 'io'"]),
    ("method: magic\n", ["method: 'magic'", "'exact'"]),
    ("variant: with-ice\n", ["a variant 'with-ice'", "without-sk"]),
    ("likelihood: student\n", ["likelihood: 'student'", "two-piece"]),
    ("prior: {yukawa: flat}\n", ["prior.yukawa: 'flat'", "log-uniform"]),
    # numbers
    ("vev: .nan\n", ["vev: nan", "finite"]),
    ("vev: .inf\n", ["vev: inf", "finite"]),
    ("vev: -.inf\n", ["vev"]),
    ("vev: -174\n", ["vev: -174", "greater than 0"]),
    ("vev: 0\n", ["vev: 0", "greater than 0"]),
    ("vev: yes\n", ["vev", "true is not a number"]),
    ("vev: 174 GeV\n", ["vev: '174 GeV'", "number"]),
    ("draws: 0\n", ["draws: 0"]),
    ("draws: -1\n", ["draws: -1"]),
    ("draws: 2.5\n", ["draws: 2.5", "integer"]),
    ("draws: true\n", ["draws", "not a number"]),
    ("seed: -1\n", ["seed: -1"]),
    ("sampler: {proposals: 10}\n", ["sampler.proposals: 10", "65536"]),
    # priors
    ("prior: {log10_M_min: 17, log10_M_max: 12}\n", ["log10_M_min 17.0", "below"]),
    ("prior: {log10_M_min: 12, log10_M_max: 12}\n", ["log10_M_min 12.0", "below"]),
    ("prior: {log10_M_min: .nan}\n", ["log10_M_min: nan", "finite"]),
    ("prior: {log10_M_max: 1e308}\n", ["log10_M_max: 1e+308", "less than or equal to 30"]),
    ("prior: {yukawa_max: -1}\n", ["yukawa_max: -1", "greater than 0"]),
    (
        "prior: {yukawa: log-uniform, yukawa_min: 2}\n",
        ["yukawa_min 2.0", "below", "yukawa_max 1.0"],
    ),
    ("prior: {yukawa: log-uniform, yukawa_min: 0}\n", ["yukawa_min: 0"]),
    # correlations
    ("correlations: [[dm2_21, dm2_3l, 1.0]]\n", ["dm2_21, dm2_3l, 1.0", "between -1 and 1"]),
    ("correlations: [[dm2_21, dm2_3l, -1.5]]\n", ["-1.5", "between -1 and 1"]),
    ("correlations: [[dm2_21, dm2_3l, .nan]]\n", ["nan", "finite"]),
    ("correlations: [[dm2_21, dm2_21, 0.1]]\n", ["different quantities"]),
    ("correlations: [[dm2_21, dm2_3l, 0.1], [dm2_3l, dm2_21, 0.1]]\n", ["once"]),
    ("correlations: [[dm2_21, theta, 0.1]]\n", ["'theta' is not measured", "sin2_theta12"]),
    ("correlations: [[dm2_21, delta_cp, 0.1]]\n", ["'delta_cp' is not measured"]),
    ("correlations: [[dm2_21, dm2_3l]]\n", ["correlations.0.2 is missing"]),
    (
        "correlations: [[dm2_21, dm2_3l, 0.9], [dm2_21, sin2_theta12, 0.9], "
        "[dm2_3l, sin2_theta12, -0.9]]\n",
        ["correlation matrix", "positive"],
    ),
    ("likelihood: box\ncorrelations: [[dm2_21, dm2_3l, 0.1]]\n", ["box"]),
    ("likelihood: founding-box\ninclude_delta: true\n", ["founding-box"]),
    # measurements
    ("measurement: 3\n", ["measurement: 3", "give a name"]),
    ("measurement: nufit-9\n", ["'nufit-9' is unknown", "nufit-6.1"]),
    ("measurement: study.yaml\n", ["measurement is unknown", "allowed: source"]),
    ("measurement: own.yaml\nlikelihood: box\n", ["likelihood", "give them there"]),
]


@pytest.mark.parametrize(("text", "words"), STUDIES, ids=[str(x[0])[:50] for x in STUDIES])
def test_study_file(refused, tmp_path, text, words):
    path = study(tmp_path, text)
    sentence = refused("run", path, "--out", "o")
    assert "study.yaml" in sentence
    assert all(word in sentence for word in words), sentence


MEASUREMENTS = [
    ("{}", ["quantities is missing"]),
    ("{quantities: {}}", ["quantities"]),
    ("{quantities: [1, 2]}", ["quantities", "mapping"]),
    ("{quantities: {dm2_21: 3}}", ["quantities.dm2_21: 3", "mapping"]),
    ("{quantities: {dm2_21: {centrl: 7e-5, sigma: 1e-6}}}", ["did you mean 'central'"]),
    ("{quantities: {dm2_21: {sigma: 1e-6}}}", ["dm2_21.central is missing"]),
    ("{quantities: {dm2_21: {central: 7e-5}}}", ["dm2_21", "sigma_plus and sigma_minus"]),
    ("{quantities: {dm2_21: {central: 7e-5, sigma: -1e-6}}}", ["dm2_21.sigma: -1e-06"]),
    ("{quantities: {dm2_21: {central: 7e-5, sigma: 0}}}", ["dm2_21.sigma: 0"]),
    (
        "{quantities: {dm2_21: {central: 7e-5, sigma_plus: 1e-6, sigma_minus: -1e-6}}}",
        ["dm2_21.sigma_minus: -1e-06", "greater than"],
    ),
    ("{quantities: {dm2_21: {central: 7e-5, sigma_plus: 1e-6}}}", ["both sigma_plus and"]),
    (
        "{quantities: {dm2_21: {central: 7e-5, sigma: 1e-6, sigma_plus: 1e-6}}}",
        ["either sigma, or both"],
    ),
    (
        "{quantities: {dm2_21: {central: 7e-5, sigma: 1e-6, sigma_plus: 1e-6, sigma_minus: 1e-6}}}",
        ["either sigma, or both"],
    ),
    ("{quantities: {dm2_21: {central: .nan, sigma: 1e-6}}}", ["central: nan", "finite"]),
    ("{quantities: {dm2_21: {central: 7e-5, sigma: .inf}}}", ["sigma: inf", "finite"]),
    ("{quantities: {dm2_21: {central: 7e-5, sigm: 1e-6}}}", ["dm2_21.sigm is unknown", "'sigma'"]),
    ("{quantities: {dm2_12: {central: 7e-5, sigma: 1e-6}}}", ["'dm2_12' is unknown", "dm2_21"]),
    ("{quantities: {dm2_21: {central: 7e-5, sigma: 1e-6, unit: deg}}}", ["only for angles"]),
    (
        "{quantities: {dm2_21: {central: 7e-5, sigma: 1e-6, three_sigma: [8e-5, 6e-5]}}}",
        ["dm2_21", "must ascend"],
    ),
    (
        "{quantities: {dm2_21: {central: 7e-5, sigma: 1e-6, three_sigma: [8e-5, 9e-5]}}}",
        ["dm2_21", "must hold the central value"],
    ),
    (
        "{quantities: {dm2_21: {central: 7e-5, sigma: 1e-6}}, correlations: [[dm2_21, x, 0.1]]}",
        ["'x' is not measured", "dm2_21"],
    ),
    ("{quantities: {sum_m: {central: 0.1, sigma: 0.05}}}", ["both splittings"]),
]


@pytest.mark.parametrize("place", ["inline", "file"])
@pytest.mark.parametrize(("text", "words"), MEASUREMENTS, ids=[x[0][:60] for x in MEASUREMENTS])
def test_measurement(refused, tmp_path, place, text, words):
    (tmp_path / "own.yaml").write_text(text)
    content = text if place == "inline" else "own.yaml"
    sentence = refused("run", study(tmp_path, f"measurement: {content}\n"), "--out", "o")
    assert all(word in sentence for word in words), sentence


def test_folder_instead_of_a_study_file(refused, tmp_path):
    (tmp_path / "study.yaml").mkdir()
    assert "cannot be read" in refused("run", "study.yaml", "--out", "o")


def test_out_is_a_file(refused, tmp_path):
    (tmp_path / "o").write_text("precious")
    assert "is a file" in refused("run", "seesaw-no", "--out", "o")
    assert "cannot write there" in refused("run", "seesaw-no", "--out", "o/below")


def test_unwritable_folder(refused):
    # not even root can make a folder there
    assert "cannot write there" in refused("run", "seesaw-no", "--out", "/proc/pontecorvo")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_folder_without_permission(refused, tmp_path):
    (tmp_path / "o").mkdir()
    (tmp_path / "o").chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert "cannot write there" in refused("run", "seesaw-no", "--out", "o")


@pytest.mark.parametrize("options", [["--draws", "201"], ["--seed", "1"], ["--method", "smc"]])
def test_folder_of_another_run(refused, finished_runs, options):
    out = finished_runs["no"]
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    sentence = refused("run", out.parent / "study.yaml", "--out", out, *options)
    assert "other settings" in sentence
    assert "--overwrite" in sentence
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["posterior.nc", "summary.json", "report.html"])
def test_folder_with_a_file_of_someone_else(refused, tmp_path, name):
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / name).write_text("precious")
    assert f"holds {name}" in refused("run", "seesaw-no", "--out", "o")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"study: mine\n"])
def test_folder_with_settings_that_are_not_ours(refused, tmp_path, content):
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "settings.yaml").write_bytes(content)
    assert "other settings" in refused("run", "seesaw-no", "--out", "o")


def test_a_mistake_found_while_drawing_leaves_no_folder(refused, tmp_path):
    """No Yukawa below 1e-3 gives a mass that large: the sampler is the first to know."""
    text = "prior: {yukawa_max: 1.0e-3}\nsampler: {proposals: 65536}\n"
    sentence = refused("run", study(tmp_path, text), "--out", "deep/o", "--no-report")
    assert "no proposal has any posterior weight" in sentence


def test_a_mistake_found_while_drawing_leaves_the_old_results(refused, tmp_path, finished_runs):
    import shutil

    shutil.copytree(finished_runs["no"], tmp_path / "o")
    text = "prior: {yukawa_max: 1.0e-3}\nsampler: {proposals: 65536}\n"
    refused("run", study(tmp_path, text), "--out", "o", "--no-report", "--overwrite")


def test_help_and_version_are_no_mistakes(command):
    from pontecorvo import __version__

    for arguments in ([], ["--help"], ["-h"], ["run", "--help"]):
        done = command(*arguments)
        assert (done.code, done.err) == (0, "")
        assert "Usage: " in done.out
    assert __version__ in command("--version").out


def test_every_command_has_help_and_its_module():
    from pontecorvo.cli import COMMANDS, cli

    for name, (_, _, text) in COMMANDS.items():
        done = CliRunner().invoke(cli, [name, "--help"])
        assert done.exit_code == 0
        assert text.endswith(".")


def test_belts_are_for_flows_that_are_there(refused, tmp_path):
    assert "No such option '--belts'" in refused("train", "seesaw-no", "--out", "n.json", "--belts")
    assert "there are none" in refused("train", "sterile", "--out", "nothing", "--belts")
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "belts.json").write_text("{}")
    assert "--overwrite" in refused("train", "sterile", "--out", "done", "--belts")
