"""Examples in the help of each verb, with studies and data that ship. Tests parse every one."""

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "run": (
        ("pontecorvo run seesaw-no --out runs/no", "the shipped network, weighed exactly"),
        ("pontecorvo run study.yaml --out runs/mine --draws 50000", "settings of your own"),
        ("pontecorvo run model.py --out runs/model", "a model of your own; the file is executed"),
        ("pontecorvo run seesaw-io --out runs/smc --method smc --ess 5000", "another sampler"),
        (
            "pontecorvo run sterile --experiments danss,neos --out runs/pair",
            "an option of one study",
        ),
    ),
    "sample": (
        (
            "pontecorvo sample seesaw-no --set sin2_theta23=0.56 --sigma sin2_theta23=0.005",
            "what if? a table of predictions",
        ),
        (
            "pontecorvo sample seesaw-no --raw --draws 10000 --out raw.nc",
            "the network's own draws, unweighted",
        ),
    ),
    "explore": (
        ("pontecorvo explore seesaw-no --open", "sliders for every measured value, in the browser"),
        ("pontecorvo explore runs/no", "a finished run"),
    ),
    "simulate": (
        (
            "pontecorvo simulate seesaw-no --draws 1000000 --out sims --workers 2",
            "prior draws and their observables, in shards",
        ),
    ),
    "check": (
        (
            "pontecorvo check seesaw-no --out runs/certificate",
            "can the network be trusted, on simulated measurements",
        ),
        ("pontecorvo check runs/no --out runs/no-check", "can this run be trusted"),
    ),
    "train": (
        ("pontecorvo train seesaw-no --out networks/no.json", "train the shipped network again"),
        (
            "pontecorvo train model.py --out networks/mine.json --examples 20000 --steps 2000",
            "a small network for a model of your own",
        ),
    ),
    "mend": (
        (
            "pontecorvo mend draws.nc --study seesaw-no --out mended.nc",
            "draws of another program, carried to this study's measurement",
        ),
    ),
    "compare": (
        (
            "pontecorvo compare mixing-tm1 mixing-tm2 mixing-free --out runs/sum-rules",
            "three models, ranked",
        ),
        (
            "pontecorvo compare froggatt-nielsen --out runs/charges --limit 50",
            "the first 50 members of a family",
        ),
    ),
    "cite": (
        ("pontecorvo cite runs/no > runs/no.bib", "the BibTeX entries of a finished run"),
        ("pontecorvo cite sterile", "those of a study that has not been run"),
    ),
    "studies": (("pontecorvo studies", "one study a line"),),
    "schema": (
        ("pontecorvo schema seesaw-no > seesaw.schema.json", "for an editor that knows schemas"),
    ),
    "completion": (('eval "$(pontecorvo completion bash)"', "in ~/.bashrc"),),
    "experiments": (
        ("pontecorvo experiments --no-fit", "the table, without a fit of each"),
        ("pontecorvo experiments danss", "everything about one"),
    ),
    "scan": (
        (
            "pontecorvo scan --experiments danss,neos --points in.csv --out chi2.csv",
            "chi2 at points of your own (columns log10_s22, log10_dm2)",
        ),
    ),
    "contour": (
        (
            "pontecorvo contour --experiments gallium --method wilks --out runs/gallium",
            "contours by Wilks' theorem, in seconds",
        ),
        (
            "pontecorvo contour --experiments danss --out runs/danss --trials 500",
            "Feldman-Cousins; slower",
        ),
    ),
    "data": (("pontecorvo data check ~/released", "which released files are there and whole"),),
    "measurements": (
        ("pontecorvo measurements", "all names"),
        ("pontecorvo measurements nufit-6.1:without-sk", "one of them, with its source"),
    ),
    "score": (
        ("pontecorvo score point.yaml", "chi2 and pulls against NuFIT 6.1"),
        ("pontecorvo score spectrum.slha --measurement nufit-6.0 --json", "for a program"),
    ),
    "export": (
        ("pontecorvo export runs/no --format getdist --out chains/no", "for getdist"),
        ("pontecorvo export runs/no --format latex --out table.tex", "a table for a paper"),
        ("pontecorvo export runs/no --format slha --out best.slha", "the likeliest draw"),
    ),
    "reweight": (
        (
            'pontecorvo reweight runs/no --measurement "nufit-6.0 + juno-2026" --out runs/juno',
            "old draws, new data",
        ),
    ),
    "update": (
        (
            "pontecorvo update runs/no --measurement nufit-6.1 --out runs/update",
            "what moved since last year, on a page",
        ),
    ),
    "explain": (
        ("pontecorvo explain runs/no --out runs/structure", "is there structure in the Yukawas?"),
    ),
}
