import lzma

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.files import nufit_release
from pontecorvo.problems.flavour.files.nufit_release import read_nufit_release


def release():
    lines = ["# NuFIT x.y, made up for a test", ""]
    lines.append("# T23 projection:")
    lines += [f"{x:.3f} {((x - 0.47) / 0.015) ** 2:.6f}" for x in np.linspace(0.4, 0.6, 41)]
    lines.append("# DMS/T12 projection: log10(dm2), sin^2")
    for x in np.linspace(-4.16, -4.09, 15):
        for y in np.linspace(0.27, 0.35, 17):
            lines.append(f"{x} {y} {((10**x - 7.5e-5) / 1e-6) ** 2 + ((y - 0.31) / 0.01) ** 2}")
    lines.append("# T13/DMA/DCP projection:")
    lines += ["0.022 2.5 10 1.0", "0.022 2.5 20 2.0"]
    lines.append("# DCP projection:")
    lines += [f"{x} {5 * (1 - np.cos(np.deg2rad(x - 212)))}" for x in range(-180, 181, 5)]
    return "\n".join(lines) + "\n"


@pytest.fixture(params=["v.release-x-NO.txt", "v.release-x-NO.txt.xz"])
def path(request, tmp_path):
    file = tmp_path / request.param
    data = release().encode()
    file.write_bytes(lzma.compress(data) if file.suffix == ".xz" else data)
    return file


def test_projections_become_likelihoods_in_the_models_units(path):
    found = read_nufit_release(path)
    assert set(found.projections) == {("T23",), ("DMS", "T12"), ("T13", "DMA", "DCP"), ("DCP",)}
    one = found.table("T23").quantities[0]
    assert (one.name, one.central, one.plus) == ("sin2_theta23", *map(pytest.approx, (0.47, 0.015)))
    two = found.table("T12", "DMS")
    assert set(two.names) == {"dm2_21", "sin2_theta12"}
    splitting = next(q for q in two.quantities if q.name == "dm2_21")
    assert splitting.central == pytest.approx(7.5e-5, rel=2e-3)
    assert splitting.plus == pytest.approx(1e-6, rel=0.1)
    angle = found.table("DCP", offset=5.9)
    assert np.rad2deg(angle.quantities[0].central) % 360 == pytest.approx(212, abs=0.5)
    assert angle.offset == 5.9


def test_unknown_and_too_large_projections_say_so(path):
    found = read_nufit_release(path)
    with pytest.raises(InputError, match="no projection T12"):
        found.table("T12")
    with pytest.raises(InputError, match="one or two parameters"):
        found.table("T13", "DMA", "DCP")


def test_known_releases_are_checked_by_size_and_hash(tmp_path, monkeypatch):
    name = "v61.release-TBoff-NO.txt.xz"
    path = tmp_path / name
    path.write_bytes(lzma.compress(release().encode()))
    size = path.stat().st_size
    with pytest.raises(InputError, match=f"has {size:,} bytes, the release 3,996,028"):
        read_nufit_release(path)
    monkeypatch.setitem(nufit_release.KNOWN, name, (size, "0000"))
    with pytest.raises(InputError, match="SHA-256"):
        read_nufit_release(path)
    assert read_nufit_release(path, check=False).projections


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello\n", "no section"),
        (b"# T99 projection:\n1 2\n", "T99"),
        (b"# T12 projection:\n1 2 3\n", "rows of 2"),
        (b"# T12 projection:\n1 x\n", "row of 2 numbers"),
        (b"# T12 projection:\n1 nan\n", "finite"),
        (b"# T12 projection:\n1 2\n# T12 projection:\n1 2\n", "twice"),
        (b"# T12 projection:\n", "rows of 2"),
        (b"\xff\xfe\x00", "not text"),
    ],
)
def test_malformed_files_get_one_sentence(tmp_path, content, words):
    path = tmp_path / "r.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as error:
        read_nufit_release(path)
    assert "\n" not in str(error.value)


def test_files_cut_short_or_missing_say_so(tmp_path):
    path = tmp_path / "r.txt.xz"
    path.write_bytes(lzma.compress(release().encode())[:-20])
    with pytest.raises(InputError, match="not whole"):
        read_nufit_release(path)
    with pytest.raises(InputError, match="is not there"):
        read_nufit_release(tmp_path / "none.xz")
    with pytest.raises(InputError, match="no regular file"):
        read_nufit_release(tmp_path)


def test_a_grid_with_holes_is_refused(tmp_path):
    path = tmp_path / "r.txt"
    path.write_text("# T12/T13 projection:\n1 1 0\n1 2 1\n2 1 1\n")
    with pytest.raises(InputError, match="no full grid"):
        read_nufit_release(path).table("T12", "T13")
