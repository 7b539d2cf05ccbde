"""Batch systems: every setting reaches the job's script; a trial on this machine works."""

import pytest

from pontecorvo.base.batch_system import options_of, read_batch_system, start_cluster
from pontecorvo.base.errors import InputError

pytest.importorskip("dask_jobqueue", reason="the extra pontecorvo[dask] is not installed")

SLURM = """
cluster: slurm
workers: 64
memory: 3GB
walltime: "02:00:00"
queue: short
account: neutrino
workers_a_job: 4
directives: ["-C avx2"]
prologue: ["module load python/3.11"]
tls: false
interface: lo
"""


def read(tmp_path, text):
    path = tmp_path / "cluster.yaml"
    path.write_text(text)
    return read_batch_system(path)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_slurm_s_script(tmp_path):
    cluster = start_cluster(read(tmp_path, SLURM))
    try:
        script = cluster.job_script()
    finally:
        cluster.close()
    for line in (
        "#SBATCH -p short",
        "#SBATCH -A neutrino",
        "#SBATCH -t 02:00:00",
        "#SBATCH -C avx2",
    ):
        assert line in script
    assert "module load python/3.11" in script
    assert "export PYTHONSAFEPATH=1" in script
    assert "export OMP_NUM_THREADS=1" in script
    assert " -P -m distributed.cli.dask_worker" in script
    assert "--nthreads 1" in script
    assert "--nworkers 4" in script
    assert "--no-dashboard" in script


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_htcondor_s_script(tmp_path):
    text = "cluster: htcondor\nworkers: 8\ndisk: 2GB\ntls: false\ninterface: lo\n"
    cluster = start_cluster(read(tmp_path, text + "submit: {+JobFlavour: '\"longlunch\"'}\n"))
    try:
        script = cluster.job_script()
    finally:
        cluster.close()
    assert "MY.DaskWorkerDisk = 2000000000" in script
    assert '+JobFlavour = "longlunch"' in script
    assert "-P -m distributed.cli.dask_worker" in script


def test_paths_are_relative_to_the_file(tmp_path):
    system = read(tmp_path, "cluster: slurm\nworkers: 2\nlog_folder: logs\n")
    options = options_of(system)
    assert options["log_directory"] == str(tmp_path / "logs")
    assert options["shared_temp_directory"] == str(tmp_path)
    assert system.tls


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cluster: slurmm\nworkers: 1\n", "slurmm"),
        ("cluster: slurm\n", "workers is missing"),
        ("cluster: slurm\nworkers: 0\n", "workers"),
        ("cluster: slurm\nworkers: 1\nquue: short\n", "did you mean 'queue'"),
    ],
)
def test_what_is_not_allowed_is_said(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        read(tmp_path, text)


def test_a_size_that_is_none(tmp_path):
    with pytest.raises(InputError, match="memory"):
        options_of(read(tmp_path, "cluster: slurm\nworkers: 1\nmemory: much\n"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_trial_on_this_machine(tmp_path):
    from pontecorvo.base.workers import map_shards, use_workers

    path = tmp_path / "trial.yaml"
    path.write_text("cluster: local\nworkers: 2\nmemory: 1GB\n")
    with use_workers(str(path)):
        assert list(map_shards(lambda key: key * key, range(20))) == [k * k for k in range(20)]
