import builtins
import shutil

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.experiments.dayabay import reading, release

SPECTRA = "dayabay_dataset/dayabay_ibd_spectra_6AD"


def test_missing_package_is_one_sentence(monkeypatch):
    real = builtins.__import__

    def fake(name, *args, **kwargs):
        if name == "dayabay_data_official":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fake)
    with pytest.raises(InputError, match=r"pip install 'pontecorvo\[dayabay\]'"):
        release.find_release()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    pytest.importorskip("dayabay_data_official", reason="needs the extra dayabay")
    target = tmp_path_factory.mktemp("release") / "npz"
    shutil.copytree(release.find_release(), target)
    return target


def _edit(folder, file, key, change):
    path = folder / f"{file}.npz"
    with np.load(path, allow_pickle=False) as content:
        arrays = {name: content[name] for name in content.files}
    table = change(arrays.pop(key))
    if table is not None:
        arrays[key] = table
    np.savez(path, **arrays)


@pytest.fixture
def broken(folder, tmp_path):
    target = tmp_path / "npz"
    shutil.copytree(folder, target)
    yield target
    release.load_release.cache_clear()


def test_numbers_of_the_release(folder):
    data = release.load_release(folder)
    assert len(release.SAMPLES) == 21
    assert data.observed.sum() == 5546118
    assert data.final_counts().shape == (21, 26)
    assert data.final_counts().sum() == 5546118
    assert data.baseline.shape == (8, 6)
    assert data.baseline[0, 0] == 362.38
    # Table I of Phys. Rev. Lett. 130, 161802: candidates by detector
    published = [794335, 1442475, 1328301, 1216593, 194949, 195369, 193334, 180762]
    by_detector = np.bincount(release.DETECTOR_OF, weights=data.observed.sum(axis=1))
    assert by_detector.tolist() == published
    days = data.effective_livetime / 86400
    assert (data.accidentals / days).max() < 10
    assert np.all(data.exposure > 0)
    release.load_release.cache_clear()


def _negative(table):
    table["N"][30] = -1
    return table


def _nan(table):
    table["N"][30] = np.nan
    return table


@pytest.mark.parametrize(
    ("file", "key", "change", "message"),
    [
        (SPECTRA, "ibd_spectrum_AD11", _negative, "ibd_spectrum_AD11 has negative counts"),
        (SPECTRA, "ibd_spectrum_AD11", _nan, "not numbers"),
        (SPECTRA, "ibd_spectrum_AD11", lambda table: None, "has no table ibd_spectrum_AD11"),
        (SPECTRA, "ibd_spectrum_AD11", lambda table: table[["E_min_MeV", "N"]], "no column"),
        (SPECTRA, "ibd_spectrum_AD11", lambda table: table[:200], "240 bins"),
        ("detector_iav_matrix", "iav_matrix", lambda matrix: 2 * matrix, "sum to one"),
        ("neutrino_rate", "R1", lambda table: table[10:], "have no rate"),
        ("detector_lsnl_curves", "pull1", lambda table: table[::-1], "energies must increase"),
    ],
)
def test_faulty_tables_are_one_sentence(broken, file, key, change, message):
    _edit(broken, file, key, change)
    with pytest.raises(InputError, match=message) as caught:
        release.load_release(broken)
    assert "\n" not in str(caught.value)


def test_other_versions_and_folders_are_refused(broken):
    (broken / "dataset_info.yaml").write_text('version: "3.0.0"\n')
    with pytest.raises(InputError, match=r"version 3\.0\.0; allowed: 1\.x"):
        reading.Reader(broken)
    with pytest.raises(InputError, match="cannot be read"):
        reading.Reader(broken / "nowhere")


def test_missing_parameter_is_named(broken):
    (broken / "parameters" / "detector_eres.yaml").unlink()
    with pytest.raises(InputError, match="eres is missing"):
        reading.Reader(broken).parameters()


def test_percent_becomes_absolute(folder):
    constants = reading.Reader(folder).parameters()
    assert constants["eres"]["a_nonuniform"] == pytest.approx([0.016, 0.0048])
    assert constants["lithium_helium"]["6AD"]["AD11"] == [2.92, 0.78]
