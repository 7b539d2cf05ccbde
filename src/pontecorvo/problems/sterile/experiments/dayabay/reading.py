"""Files of the Daya Bay release: each fault is one sentence that names the file and the rule."""

from pathlib import Path
from typing import Any

import numpy as np

from .....base.errors import InputError

Array = np.ndarray
SUPPORTED = ("1.",)


class Reader:
    """Reads arrays and parameters below one folder; files are opened once.

    Raises:
        InputError: If the folder is not a Daya Bay data set of a supported version.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._open: dict[str, dict[str, Array]] = {}
        info = self._yaml("dataset_info.yaml")
        self.version = str(info.get("version", "none"))
        if not self.version.startswith(SUPPORTED):
            raise self.fault("dataset_info.yaml", f"version {self.version}; allowed: 1.x")

    def fault(self, name: str, reason: str) -> InputError:
        """An error about one file of the data set."""
        return InputError(f"Daya Bay data {self.path}: {name}: {reason}")

    def _yaml(self, name: str) -> dict[str, Any]:
        import yaml

        try:
            content = yaml.safe_load((self.path / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            raise self.fault(name, "cannot be read; give a folder like the release's npz") from None
        if not isinstance(content, dict):
            raise self.fault(name, "is not a table of names and values")
        return content

    def array(self, file: str, key: str) -> Array:
        """One array of ``file.npz``; nothing is unpickled."""
        if file not in self._open:
            try:
                with np.load(self.path / f"{file}.npz", allow_pickle=False) as content:
                    self._open[file] = {name: content[name] for name in content.files}
            except (OSError, ValueError, EOFError):
                raise self.fault(f"{file}.npz", "cannot be read") from None
        if key not in self._open[file]:
            raise self.fault(f"{file}.npz", f"has no table {key}")
        return self._open[file][key]

    def table(self, file: str, key: str) -> Array:
        """A record array whose numeric columns are finite."""
        table = self.array(file, key)
        for name in table.dtype.names or ():
            if table[name].dtype.kind == "f" and not np.isfinite(table[name]).all():
                raise self.fault(f"{file}.npz", f"{key}.{name} has values that are not numbers")
        return table

    def graph(self, file: str, key: str) -> tuple[Array, Array]:
        """Abscissae (n,), increasing, and ordinates (n,)."""
        table = self.table(file, key)
        names = table.dtype.names or ()
        if len(names) != 2:
            raise self.fault(f"{file}.npz", f"{key} must have two columns")
        x, y = (np.asarray(table[name], dtype=float) for name in names)
        if (np.diff(x) <= 0).any():
            raise self.fault(f"{file}.npz", f"{key}: energies must increase")
        return x, y

    def histogram(self, file: str, key: str, edges: Array) -> Array:
        """Contents (n,), non-negative, of a histogram with the given edges (n + 1,)."""
        table = self.table(file, key)
        missing = {"E_min_MeV", "E_max_MeV", "N"} - set(table.dtype.names or ())
        if missing:
            raise self.fault(f"{file}.npz", f"{key} has no column {sorted(missing)[0]}")
        own = np.append(table["E_min_MeV"], table["E_max_MeV"][-1:])
        if own.shape != edges.shape or np.abs(own - edges).max() > 1e-6:
            raise self.fault(f"{file}.npz", f"{key} must have 240 bins of 50 keV from 0 to 12 MeV")
        if (table["N"] < 0).any():
            raise self.fault(f"{file}.npz", f"{key} has negative counts")
        return np.asarray(table["N"], dtype=float)

    def column(self, file: str, header: str) -> Array:
        """A one-column text table with the given header, increasing."""
        try:
            lines = (self.path / file).read_text(encoding="utf-8").split()
            if lines[0] != header:
                raise self.fault(file, f"has no column {header}")
            values = np.array([float(item) for item in lines[1:]])
        except (OSError, UnicodeDecodeError, IndexError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise self.fault(file, "cannot be read as a column of numbers") from None
        if len(values) < 2 or (np.diff(values) <= 0).any():
            raise self.fault(file, "values must increase")
        return values

    def parameters(self) -> dict[str, Any]:
        """All parameters of the YAML files: value, or [value, absolute sigma], nested by name.

        Uncertainties given as relative or in per cent are turned into absolute ones; correlation
        matrices are kept under ``correlation.<group>``.
        """
        found: dict[str, Any] = {}
        for file in sorted((self.path / "parameters").glob("*.yaml")):
            name = f"parameters/{file.name}"
            content = self._yaml(name)
            form = content.get("format", "value")
            scale = {"sigma_absolute": None, "sigma": None, "sigma_percent": 0.01}
            scale["sigma_relative"] = 1.0
            kind = form[1] if isinstance(form, list) else ""
            if isinstance(form, list) and kind not in scale:
                raise self.fault(name, f"format {form} is unknown")
            try:
                found.update(_absolute(content["parameters"], scale.get(kind)))
                for group, entry in content.get("correlations", {}).items():
                    found[f"correlation.{group}"] = np.array(entry["matrix"], dtype=float)
            except (KeyError, TypeError, ValueError):
                raise self.fault(name, "is not laid out as the release's") from None
        missing = [key for key in REQUIRED if key not in found]
        if missing:
            raise self.fault("parameters", f"{missing[0]} is missing")
        return found


def _absolute(tree: Any, relative: float | None) -> Any:
    """Numbers of a parameter tree; a pair becomes [value, absolute sigma]."""
    if isinstance(tree, dict):
        return {key: _absolute(item, relative) for key, item in tree.items()}
    if isinstance(tree, list):
        value, sigma = (float(item) for item in tree)
        return [value, sigma if relative is None else sigma * relative * value]
    return float(tree)


REQUIRED = (
    "antineutrinos_per_fission",
    "accidentals",
    "amc",
    "fast_neutrons",
    "lithium_helium",
    "alpha_neutron",
    "baseline",
    "efficiency",
    "eres",
    "iav_offdiag_scale_factor",
    "n_protons_correction",
    "n_protons_nominal_ad",
    "detector_relative",
    "correlation.detector_relative",
    "PhaseSpaceFactor",
    "g",
    "f",
    "f2",
    "NeutronLifeTime",
    "NeutronMass",
    "ProtonMass",
    "ElectronMass",
    "energy_per_fission",
    "fission_fractions",
    "fission_fractions_scale",
    "correlation.fission_fractions_scale",
    "nonequilibrium_scale",
    "snf_scale",
    "nominal_thermal_power",
    "thermal_power_scale",
    "SinSq2Theta13",
    "DeltaMSq32",
    "DeltaMSq21",
    "SinSq2Theta12",
)
