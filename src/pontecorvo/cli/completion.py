"""``pontecorvo completion``: the script that makes a shell complete commands, options and studies.

The scripts are click's own; they call ``pontecorvo`` for the words that fit.
"""

import click

HOW = {
    "bash": 'eval "$(pontecorvo completion bash)"    # in ~/.bashrc',
    "zsh": 'eval "$(pontecorvo completion zsh)"    # in ~/.zshrc, after compinit',
    "fish": "pontecorvo completion fish > ~/.config/fish/completions/pontecorvo.fish",
}


@click.command()
@click.argument("shell", type=click.Choice(list(HOW)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script by which SHELL completes commands, options and names of studies.

    \b
    bash, in ~/.bashrc:   eval "$(pontecorvo completion bash)"
    zsh, in ~/.zshrc:     eval "$(pontecorvo completion zsh)"
    fish:  pontecorvo completion fish > ~/.config/fish/completions/pontecorvo.fish
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    source = made(ctx.find_root().command, {}, "pontecorvo", "_PONTECORVO_COMPLETE")
    # `source()` would also start the shell to ask its version
    click.echo(source.source_template % source.source_vars())
