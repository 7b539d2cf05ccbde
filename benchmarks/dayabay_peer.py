"""Evaluate `dayabay-model` at given parameters; run by its own Python, never by the package's.

Usage: PYTHON dayabay_peer.py REQUEST.json ANSWER.npz

The request lists points, ``{"sin2_2theta13", "dm2_32", "shape": [19], "pulls": {name: value}}``,
with the names of `pontecorvo`. The covariance is linearised at the release's starting point, before
any parameter is changed, and kept.
"""

import json
import sys
import time

import numpy as np

GROUPS = {
    "eres": "detector.eres.{}",
    "lsnl": "detector.lsnl_scale_a.{}",
    "iav": "detector.iav_offdiag_scale_factor.{}",
    "detector_relative": "detector.detector_relative.{}_factor",
    "energy_per_fission": "reactor.energy_per_fission.{}",
    "thermal_power": "reactor.thermal_power_scale.{}",
    "snf": "reactor.snf_scale.{}",
    "neq": "reactor.nonequilibrium_scale.{}",
    "fission_fractions": "reactor.fission_fractions_scale.{}",
    "hm_uncorr": "reactor_antineutrino.spectrum_uncertainty.uncorr.{}",
}
SINGLE = {
    "survival_probability.dm2_21": "survival_probability.DeltaMSq21",
    "survival_probability.sin2_2theta12": "survival_probability.SinSq2Theta12",
    "hm_corr.all": "reactor_antineutrino.spectrum_uncertainty.corr",
    "background_rate.amc": "background.uncertainty_scale.amc",
    "eres.a": "detector.eres.a_nonuniform",
    "eres.b": "detector.eres.b_stat",
    "eres.c": "detector.eres.c_noise",
}


def official(name: str) -> str:
    """Name of a pull in `dayabay-model`."""
    if name in SINGLE:
        return SINGLE[name]
    group, rest = name.split(".", 1)
    if group == "hm_uncorr":
        isotope, index = rest.split(".")
        return GROUPS[group].format(f"{isotope}.unc_scale_{index}")
    if group != "background_rate":
        return GROUPS[group].format(rest)
    kind, place, period = rest.split(".")
    if kind == "accidentals":
        return f"background.rate_scale.accidentals.{period}.{place}"
    if kind == "alpha_neutron":
        return f"background.rate.alpha_neutron.{period}.{place}"
    return f"background.uncertainty_scale_by_site.{kind}.{place}.{period}"


def main() -> None:
    from dayabay_model import model_dayabay

    with open(sys.argv[1], encoding="utf-8") as stream:
        points = json.load(stream)
    began = time.perf_counter()
    model = model_dayabay()
    built = time.perf_counter() - began
    storage = model.storage
    counts = "outputs.eventscount.final.concatenated.selected"
    statistic = "outputs.statistic.full.covmat.chi2cnp"
    answer = {
        "built": np.array(built),
        "data": storage["outputs.data.real.concatenated.selected"].data,
    }
    began = time.perf_counter()
    for group in model.systematic_uncertainties_groups:
        answer[f"covariance_{group}"] = storage[
            f"outputs.covariance.covmat_syst.{group}"
        ].data.copy()
    answer["covariance_time"] = np.array(time.perf_counter() - began)
    free, normal = storage["parameters.free"], storage["parameters.normalized"]
    began = time.perf_counter()
    for i, point in enumerate(points):
        free["survival_probability.SinSq2Theta13"].value = point["sin2_2theta13"]
        free["survival_probability.DeltaMSq32"].value = point["dm2_32"]
        for node, value in enumerate(point["shape"]):
            free[f"neutrino_per_fission_factor.spec_scale_{node:02d}"].value = value
        for name, value in point["pulls"].items():
            normal[official(name)].value = value
        answer[f"counts_{i}"] = storage[counts].data.copy()
        answer[f"chi2_{i}"] = storage[statistic].data.copy()
        for name in point["pulls"]:
            normal[official(name)].value = 0.0
    answer["points_time"] = np.array(time.perf_counter() - began)
    np.savez(sys.argv[2], **answer)


if __name__ == "__main__":
    main()
