"""Kinds of faults that a new user met, each with the right value (`shared/cases`)."""

import os
import signal
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pytest
import xarray as xr

from pontecorvo import (
    GaussianMeasurement,
    InputError,
    Measured,
    Model,
    Prior,
    Quantity,
    Target,
    Uniform,
    sample_nautilus,
)
from pontecorvo.base.files import atomic_path, remove_leftovers, writable_file
from pontecorvo.base.tables import read_matrix, read_rows
from pontecorvo.base.yaml_files import read_yaml
from pontecorvo.cli.endings import ended
from pontecorvo.report.math_svg import rich_text, user_text
from pontecorvo.report.posterior_sample import Column
from pontecorvo.report.regions import density2d
from pontecorvo.study.posterior_file import equal_groups


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_order_marks_and_line_ends_change_nothing(tmp_path, ends, mark):
    path = tmp_path / "m.csv"
    path.write_bytes(mark + ends.join(["# about", "1,2", "3,4", ""]).encode())
    assert read_matrix(path).tolist() == [[1, 2], [3, 4]]
    path.write_bytes(mark + ends.join(["a: 1", "b: 2"]).encode())
    assert read_yaml(path) == {"a": 1, "b": 2}


def test_a_quote_that_does_not_close_is_said_with_its_line(tmp_path):
    (tmp_path / "t.csv").write_text('a,b\n1,"2\n3,4\n')
    with pytest.raises(InputError, match=r"line .*is no CSV"):
        read_rows(tmp_path / "t.csv")


@pytest.mark.parametrize("number", ["010", "1:30", "08", "-017", "1:30.5"])
def test_octal_and_sexagesimal_numbers_are_refused(tmp_path, number):
    (tmp_path / "s.yaml").write_text(f"seed: {number}\n")
    with pytest.raises(InputError, match="leading zeros and colons"):
        read_yaml(tmp_path / "s.yaml")


def test_merge_keys_are_taken_and_own_keys_win(tmp_path):
    (tmp_path / "s.yaml").write_text("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n")
    assert read_yaml(tmp_path / "s.yaml")["b"] == {"x": 1, "y": 3}


@pytest.mark.parametrize("bomb", ["laughs", "deep", "itself"])
def test_yaml_bombs_are_refused_at_once(tmp_path, bomb):
    lines = ["a: ", *(f"  - &a0 [{','.join(9 * ['x'])}]" for _ in range(1))]
    lines += [f"  - &a{n} [{','.join(9 * [f'*a{n - 1}'])}]" for n in range(1, 12)]
    text = {"laughs": "\n".join(lines), "deep": "a: " + 20_000 * "[", "itself": "a: &a [*a]"}
    (tmp_path / "s.yaml").write_text(text[bomb])
    start = time.process_time()
    with pytest.raises(InputError, match=r"values|levels|itself"):
        read_yaml(tmp_path / "s.yaml")
    assert time.process_time() - start < 2


def test_temporary_files_of_the_living_stay_and_those_of_the_dead_go(tmp_path):
    with atomic_path(tmp_path / "a.txt") as mine:
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        dead = mine.with_name(mine.name.replace(f"-{os.getpid()}.", f"-{gone.pid}."))
        dead.touch()
        remove_leftovers(tmp_path)
        assert mine.exists()
        assert not dead.exists()


def test_an_output_is_checked_before_it_is_worked_for(tmp_path):
    (tmp_path / "there").write_text("precious")
    for path in (tmp_path / "there", tmp_path, tmp_path / ("a" * 300), tmp_path / "there" / "x"):
        with pytest.raises(InputError, match="--out"):
            writable_file(path)
    writable_file(tmp_path / "new" / "x.nc")
    assert os.listdir(tmp_path) == ["there"]


def test_sigterm_ends_as_ctrl_c_does_with_its_own_code(capsys):
    assert ended(lambda: os.kill(os.getpid(), signal.SIGTERM) or time.sleep(5)) == 143
    assert capsys.readouterr().err.startswith("pontecorvo: stopped")


def test_closed_standard_error_is_no_fault(monkeypatch):
    from pontecorvo.base.progress import progress

    monkeypatch.setattr(sys, "stderr", None)
    with progress("x") as advance:
        advance()


@pytest.mark.parametrize("fault", ["no locator", "full"])
def test_a_cache_that_cannot_be_written_is_done_without(monkeypatch, capsys, fault):
    from numba.core.caching import FunctionCache, _CacheLocator

    from pontecorvo.base import compiled

    def no(*arguments, **options):
        raise OSError(28, "No space left on device")

    if fault == "full":
        monkeypatch.setattr(FunctionCache, "save_overload", no)
    else:
        for kind in _CacheLocator.__subclasses__():
            monkeypatch.setattr(kind, "from_function", classmethod(lambda *_: None))
    monkeypatch.setattr(compiled, "_told", False)
    double = compiled.njit(cache=True)(lambda x: 2 * x)
    assert double(21) == 42
    assert capsys.readouterr().err.count("\n") == 1


class Two(Model):
    name = "two"
    parameters = (Quantity("a"), Quantity("b"))
    observables = (Quantity("x"), Quantity("y"))
    prior = Prior([Uniform(0, 10), Uniform(0, 10)])

    def forward(self, theta):
        return theta.copy()


@pytest.mark.parametrize(("x", "word"), [(2.0, "flat"), (200.0, "none of")])
def test_nautilus_ends_where_it_cannot_rank_points(x, word):
    box = [Measured("x", x, 0.5, 0.5, x - 1.5, x + 1.5), Measured("y", 7, 0.5)]
    draw = partial(sample_nautilus, live=300)
    with pytest.raises(InputError, match=word):
        draw(Target(Two(), GaussianMeasurement(box, "box")), 500)


def test_users_text_is_text():
    assert "<" not in rich_text(user_text(r"see $\frac{1}$ and $x$"))
    assert "$x$" in rich_text(user_text("$x$"))
    assert "$\\slashed{p}$" in rich_text(r"a $\slashed{p}$")
    assert rich_text("$x$") == '<span class="math"><i>x</i></span>'
    assert "svg" in rich_text(r"$\frac{1}{x}$")


def test_regions_end_at_a_hard_edge_and_hold_what_they_say():
    held = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        x, y = np.abs(rng.standard_normal(2000)), rng.standard_normal(2000)
        ranges = (-0.2, 3.6), (-3.6, 3.6)
        density = density2d(Column("x", x), Column("y", y), np.full(2000, 1 / 2000), *ranges)
        high, low = density.levels()[::-1]
        assert not (density.values[density.x < 0] > low).any()
        # the truth at each grid cell, over cells above the level
        area = np.outer(np.gradient(density.x), np.gradient(density.y))
        truth = np.exp(-0.5 * (density.x[:, None] ** 2 + density.y**2)) * (density.x[:, None] >= 0)
        inside = truth * area
        held.append([inside[density.values > level].sum() / inside.sum() for level in (high, low)])
    np.testing.assert_allclose(np.mean(held, axis=0), [0.68, 0.95], atol=0.02)


def test_equal_draws_have_the_weighted_mean_and_no_constant():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(1, 20_000))
    axes = {"chain": [0], "draw": np.arange(20_000)}
    dims = ("chain", "draw")
    group = xr.Dataset({"a": (dims, a), "c": (dims, np.ones_like(a))}, axes)
    stats = xr.Dataset({"log_weight": (dims, 0.5 * a)}, axes)
    groups = {"posterior": group, "sample_stats": stats, "predictions": group}
    equal = equal_groups(groups, 15_576.0, 0)["posterior"]
    assert equal.sizes["draw"] == 15_576  # 20,000 exp(-1/4)
    assert float(equal["a"].mean()) == pytest.approx(0.5, abs=0.03)  # a normal tilted by 1/2
    assert "c" not in equal
    assert equal.attrs["constant"] == "c = 1.0"
