"""``pontecorvo explore``: a page in the browser whose posteriors follow the sliders."""

from contextlib import suppress

import click

from ..base.errors import InputError
from .study_command import absolute


@click.command()
@click.argument("study", required=False)
@click.option("--network", "file", help="Card of a network (default: the shipped one).")
@click.option("--draws", type=int, default=4000, show_default=True, help="Draws of an answer.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the draws.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=8765, show_default=True, help="Port; 0: any free one.")
@click.option("--token", help="Needed to look on; made where --host is not this machine only.")
@click.option("--open", "browser", is_flag=True, help="Open the page in the default browser.")
def explore(
    study: str | None,
    file: str | None,
    draws: int,
    seed: int,
    host: str,
    port: int,
    token: str | None,
    browser: bool,
) -> None:
    """Explore STUDY live in the browser: its name, YAML file, model's file, or a run's folder.

    Sliders move what is measured; posteriors, their effective draws and the network's certificate
    follow at once. The page is served to this machine only, and asks nothing of the network.

    \b
    pontecorvo explore study.yaml
    pontecorvo explore runs/mine
    pontecorvo explore model.py --network net.json
    """
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise InputError(
            "explore: the page needs starlette and uvicorn; install them with: "
            "pip install 'pontecorvo[explore]'"
        ) from None
    from ..explore.opening import default_study, open_explorer
    from ..explore.server import address, chosen_token, listening, serve

    token = chosen_token(host, token)
    where = listening(host, port)
    with where:
        name = study or default_study()
        explorer = open_explorer(name, absolute(file), draws, seed, lambda line: _say(name, line))
        url = address(host, where.getsockname()[1], token)

        def ready() -> None:
            click.echo(f"{name}: open {url}   (Ctrl-C ends it)")
            if browser:
                import webbrowser

                webbrowser.open(url)

        with suppress(KeyboardInterrupt):  # the way to end it, which a server may keep to itself
            serve(explorer, where, host, token, ready)
        click.echo("ended")


def _say(name: str, line: str) -> None:
    click.echo(f"{name}: {line} ...", err=True)
