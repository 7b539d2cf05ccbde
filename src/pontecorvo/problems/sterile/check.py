"""The certificates of the sterile networks: simulated data of sets of experiments, known truth."""

from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from ...base.errors import InputError
from ...base.files import fingerprint, writable_folder
from ...core.problem import CheckRequest
from ...diagnostics.calibration import judged
from ...diagnostics.certificate import Check
from ...diagnostics.verdict import ALPHA
from ...study.certificate_files import identity
from .data_folder import folder_of
from .experiment_registry import expand, load_experiments
from .groups import GALLIUM, members
from .settings import SterileSettings

SUBSET = GALLIUM
"""The set that is checked beside all experiments, unless others are asked for."""


def sets_to_check(
    settings: SterileSettings, asked: Sequence[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Sets of experiments by title.

    Args:
        settings: The study.
        asked: Sets to check, each of comma-separated names; ``all`` for the study's own. By
            default all, and gallium alone where the study has it and others.

    Raises:
        InputError: If a name is unknown, or no experiment of the study.
    """
    whole = tuple(expand(settings.experiments))
    title = f"all {len(whole)} experiments" if len(whole) > 1 else whole[0]
    if not asked:
        result = {title: whole}
        subset = members(SUBSET)
        if set(subset) < set(whole):
            result[SUBSET] = subset
        return result
    result = {}
    for text in asked:
        names = whole if text.strip() == "all" else tuple(expand(text, folder_of(settings.data)))
        for name in names:
            if name not in whole:
                raise InputError(
                    f"--experiments {text}: {name} is no experiment of this study; "
                    f"it has {', '.join(whole)}"
                )
        chosen = tuple(name for name in whole if name in names)
        result[title if chosen == whole else text.strip()] = chosen
    return result


def check_networks(settings: SterileSettings, request: CheckRequest) -> list[tuple[Path, Check]]:
    """Check every network of the study's folder, or of the folder that was asked for.

    Args:
        settings: The study.
        request: How; ``experiments`` among its extras are the sets (see `sets_to_check`).

    Returns:
        Each check with the card of its network.

    Raises:
        InputError: If study, sets or networks are wrong.
    """
    if request.network is not None:
        settings = settings.model_copy(update={"neural": request.network})
    folder = settings.networks()
    if folder is None:
        raise InputError(f"{request.study}: its networks are switched off or do not ship (neural)")
    sets = sets_to_check(settings, request.extras.get("experiments") or ())
    # PyTorch only now
    from .neural.bundle import load_bundle, with_experiments
    from .neural.calibration_trials import sterile_answers
    from .neural.plane_flows import TITLES
    from .neural.trained_settings import likelihood_in_words, readable

    setting = settings.build_setting()
    loaded = load_experiments(settings.experiments, setting)
    # of the likelihood in force, also where the networks were trained with another one
    read = readable(folder, loaded)
    by_name = {one.name: one for one in read.experiments}
    likelihood = likelihood_in_words(setting, read.other_settings)
    sets = _known_sets(sets, by_name)
    bundle = load_bundle(folder, list(by_name.values()))
    if not bundle.posteriors:
        raise InputError(f"networks {folder}: there is an embedding, but no network")
    stages = writable_folder(request.out) / ".stages"
    found = []
    for kind in bundle.posteriors:
        card = folder / f"{kind}.json"
        for title, names in sets.items():
            own = with_experiments(bundle, [by_name[name] for name in names])
            joint = own.embedding.maps.joint
            asked = {
                "experiments": joint.describe(),
                "setting": settings.model_dump(mode="json", include={"flux", "options"}),
                "predictions": joint.data,
                "draws": request.draws,
                "network": identity(card),
                "seed": request.seed,
            }
            answers = sterile_answers(
                own.posteriors[kind],
                request.simulations,
                request.draws,
                request.seed,
                stages / f"{kind}-{fingerprint(asked)}",
            )
            about = {"network": identity(card), "data": title, "experiments": list(names)}
            about["likelihood"] = likelihood
            # the rate of false alarms is that of a network, not of a set
            one = judged(answers, f"{TITLES[kind]}, {title}", about, ALPHA / len(sets))
            found.append((card, one))
    return found


def _known_sets(
    sets: Mapping[str, tuple[str, ...]], known: Container[str]
) -> dict[str, tuple[str, ...]]:
    """The sets without what the networks have not seen, under a title that says so."""
    result = {}
    for title, names in sets.items():
        own = tuple(name for name in names if name in known)
        if own:
            said = title if own == names else f"the {len(own)} of {len(names)} experiments known"
            result[said] = own
    return result
