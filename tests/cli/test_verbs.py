"""The verbs hand on what was asked, and their exit codes say how it ended."""

import errno
import json
from types import SimpleNamespace

import click
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.cli import endings
from pontecorvo.cli.check import check
from pontecorvo.cli.compare import compare
from pontecorvo.cli.mend import mend
from pontecorvo.cli.run import run
from pontecorvo.cli.sample import _pairs
from pontecorvo.cli.schema import schema
from pontecorvo.cli.studies import studies
from pontecorvo.cli.study_command import StudyCommand, absolute
from pontecorvo.cli.train import train
from pontecorvo.core.registry import problem_names
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.schema import schema_of


def names_of(command):
    return {name for parameter in command.params for name in parameter.opts}


@pytest.fixture
def asked(monkeypatch):
    """Put another function in the place of a verb's work; gives what it was called with."""

    def take(place, answer):
        calls = []

        def work(*arguments, **options):
            calls.append((arguments, options))
            return answer

        monkeypatch.setattr(place, work)
        return calls

    return take


# check


@pytest.mark.parametrize(("passed", "code"), [(True, endings.DONE), (False, endings.NOT_GOOD)])
def test_check_ends_as_its_certificate_says(command, asked, tmp_path, passed, code):
    one = SimpleNamespace(
        title="a network", corrected=["ranks: right"], raw=["raw: wrong"], about={}
    )
    calls = asked("pontecorvo.study.check.check", SimpleNamespace(checks=[one], passed=passed))
    out = tmp_path / "c"
    done = command(
        *("check", "seesaw-no", "--out", out, "--draws", 50, "--guidance", 2, "--conformal"),
        *("--network", "net.json", "--certify"),
    )
    assert done.code == code
    assert ("PASSED" if passed else "FAILED") in done.out
    assert "  ranks: right\n" in done.out
    assert "    raw: wrong\n" in done.out
    ((subject, folder, settings, overwrite), _) = calls[0]
    assert (subject, folder, overwrite) == ("seesaw-no", out, False)
    assert (settings.simulations, settings.draws, settings.certify) == (1000, 50, True)
    assert settings.extras == {"guidance": 2.0, "conformal": True}
    assert settings.network.is_absolute()


def test_check_does_not_write_into_the_run_it_checks(command, tmp_path):
    done = command("check", tmp_path, "--out", tmp_path)
    assert (done.code, "is the run itself" in done.err) == (2, True)


# compare


def test_compare_wants_two_models_and_hands_on_their_draws(command, asked, tmp_path):
    calls = asked("pontecorvo.study.ranking.compare", [])
    asked("pontecorvo.study.ranking.comparison_text", "the table")
    done = command("compare", "seesaw-no", "--out", tmp_path / "c")
    assert (done.code, "one model alone" in done.err) == (2, True)
    done = command("compare", "seesaw-no", "seesaw-io", "--out", tmp_path / "c", "--draws", 300)
    assert (done.code, done.out.splitlines()[0]) == (0, "the table")
    candidates = calls[0][0][0]
    assert [one.label for one in candidates] == ["seesaw-no", "seesaw-io"]
    assert [one.changes for one in candidates] == [{"draws": 300}] * 2
    assert {"--jobs", "--limit", "--workers"} <= names_of(compare)


# run


def summary(converged):
    return {
        "study": "a study",
        "counts": {"draws": 7},
        "method": "exact",
        "ess": 6.4,
        "raw_acceptance": 0.5,
        "log_evidence": -1.25,
        "log_evidence_error": 0.5,
        "closure": {"within_three_sigma": 0.993},
        "converged": converged,
    }


@pytest.mark.parametrize(
    ("converged", "ess", "code"),
    [(True, 6.4, 0), (False, 6.4, endings.NOT_GOOD), (False, float("nan"), 0)],
)
def test_run_says_what_was_drawn_and_what_is_next(command, asked, tmp_path, converged, ess, code):
    result = SimpleNamespace(summary=summary(converged), draws=SimpleNamespace(ess=ess))
    study = SimpleNamespace(
        run=lambda out, overwrite, report: result, problem=load_problem("seesaw-no")
    )
    calls = asked("pontecorvo.study.catalog.load_study", study)
    done = command("run", "seesaw-no", "--out", "a b", "--seed", 3, "--network", "net.json")
    assert done.code == code
    first = "a study: 7 draws by exact, ESS 6, raw acceptance 0.5, log-evidence -1.250 +- 0.500, "
    assert done.out.splitlines()[0] == f"{first}99.3 % within 3 sigma"
    assert ("NOT CONVERGED" in done.err) is not converged
    assert ("another --method (emcee, lift, nautilus, rounds, smc)" in done.out) is not converged
    assert ("pontecorvo check 'a b' --out 'a b-check'" in done.out) is converged
    changes = calls[0][1]
    assert (changes["seed"], changes["draws"], changes["method"]) == (3, None, None)
    assert changes["network"]["file"] == absolute("net.json")
    assert {"--draws", "--ess", "--method", "--no-report"} <= names_of(run)


# train, mend, sample


def test_train_hands_on_paths_options_and_its_command(command, asked, tmp_path):
    calls = asked("pontecorvo.study.train.train_study", "trained")
    done = command("train", "seesaw-no", "--out", tmp_path / "net", "--steps", 5, "--overwrite")
    assert (done.code, done.out.splitlines()[0]) == (0, "trained")
    ((study, request, changes), _) = calls[0]
    assert (study, request.out, request.work, request.overwrite) == (
        *("seesaw-no", tmp_path / "net", None, True),
    )
    assert request.command == "pontecorvo train seesaw-no --out NETWORK"
    assert changes == {"examples": None, "steps": 5}
    assert isinstance(train, StudyCommand)


@pytest.mark.parametrize(
    ("evidence", "words"), [(-3.5, "log-evidence -3.500"), (float("nan"), "not a posterior")]
)
def test_mend_tells_a_posterior_from_solutions(command, asked, tmp_path, evidence, words):
    found = SimpleNamespace(
        theta=[1, 2],
        notes={"lost": 4, "k_hat": 0.1},
        raw_acceptance=0.25,
        ess=2.0,
        log_evidence=evidence,
        log_evidence_error=0.1,
    )
    calls = asked("pontecorvo.study.mend.mend_file", found)
    done = command("mend", "in.nc", "--study", "seesaw-no", "--out", tmp_path / "o.nc", "--seed", 9)
    assert done.code == 0
    assert done.out.startswith("2 draws arrived (lost 4); 25.0 % within 3 sigma; ")
    assert words in done.out
    assert calls[0][0][1:] == ("seesaw-no", tmp_path / "o.nc", 9, False)
    assert command("mend", "in.nc", "--study", "seesaw-no", "--out", " ").code == 2
    assert "--overwrite" in names_of(mend)


def test_pairs_of_names_and_numbers():
    assert _pairs(("m = 2", "b=-1e-3"), "--set") == {"m": 2.0, "b": -1e-3}
    for wrong in (("m",), ("m=x",), ("=3",), ("m=1", "m=2")):
        with pytest.raises(InputError, match="--set"):
            _pairs(wrong, "--set")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--raw",), "--out"),
        (("--steps", 3), "only with --raw"),
        (("--conformal", "c.json", "--sigma", "dm2_21=1e-6"), "--conformal"),
    ],
)
def test_sample_refuses_options_that_do_not_go_together(command, options, word):
    done = command("sample", "seesaw-no", *options)
    assert (done.code, word in done.err) == (2, True)


# look up


def test_studies_and_schema_print_what_is_registered(command):
    lines = command("studies").out.splitlines()
    assert [line.split()[0] for line in lines] == problem_names()
    assert all(len(line.split()) > 2 for line in lines), "each says what it infers"
    assert json.loads(command("schema", "seesaw-no").out) == schema_of("seesaw-no")
    assert (studies.name, schema.name) == ("studies", "schema")


# options of the study that is asked for


def test_options_are_those_of_the_study(tmp_path):
    context = click.Context(click.Command("pontecorvo"))

    def names(*arguments):
        return {name for p in run.params_of(list(arguments)) for name in p.opts}

    assert "--experiments" in names("sterile")
    assert "--experiments" in names("--seed", "3", "sterile", "--out", "o")
    assert "--experiments" not in names("seesaw-no")
    assert "--experiments" not in names("--method", "sterile")  # the value of an option
    assert names("no-such-study") == names()
    made = run.make_context("run", ["sterile", "--out", "o"], context)
    assert made.params["out"] == "o"


def test_paths_of_the_command_line(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/someone")
    assert absolute("a/b") == str(tmp_path / "a" / "b")
    assert absolute("~/b") == "/home/someone/b"
    assert [absolute(x) for x in (None, "", "none")] == [None, "", "none"]


# how a command ends


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (InputError("this is wrong"), 2, "this is wrong"),
        (click.UsageError("No such option."), 2, "(see 'pontecorvo --help')"),
        (OSError(errno.ENOSPC, "No space left", "f"), 1, "f: No space left; make room"),
        (OSError(errno.EMFILE, "Too many open files"), 1, "ulimit -n"),
        (OSError(errno.EFBIG, "File too large"), 1, "ulimit -f"),
        (KeyboardInterrupt(), 130, "stopped"),
        (MemoryError(), 1, "memory is full"),
    ],
)
def test_every_way_to_go_wrong_is_one_sentence(capsys, error, code, words):
    def work():
        raise error

    assert endings.ended(work) == code
    said = capsys.readouterr().err
    assert words in said
    assert (said.startswith("pontecorvo: "), said.count("\n")) == (True, 1)


def test_a_bug_is_shown_whole_and_a_code_is_handed_on():
    def bug():
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        endings.ended(bug)
    assert endings.ended(lambda: 3) == 3
    assert endings.ended(lambda: "no number") == 0


@pytest.mark.parametrize(("verb", "words"), [("run", "takes up"), ("sample", "begins anew")])
def test_who_stops_is_told_whether_parts_are_kept(monkeypatch, capsys, verb, words):
    monkeypatch.setattr("sys.argv", ["pontecorvo", "--quiet", verb, "seesaw-no"])

    def stop():
        raise click.Abort

    assert endings.ended(stop) == 130
    assert words in capsys.readouterr().err
    assert check.name in endings.RESUMING
