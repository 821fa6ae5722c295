"""The `kiosk` command: parses arguments, builds objects, hands over."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import click
import typer

from terminal import cli_bench, cli_models, cli_pack, cli_turns
from terminal.config import load
from terminal.errors import EXIT_STATUS, KioskError

app = typer.Typer(
    name="kiosk",
    help="A lobby service kiosk: spoken questions, approved answers, no network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_models.app, name="models")
app.add_typer(cli_pack.app, name="pack")
app.add_typer(cli_bench.app, name="bench")
app.command()(cli_turns.ask)
app.command()(cli_turns.replay)
app.command()(cli_turns.say)


@app.command()
def run(
    pack: Annotated[str | None, typer.Option(help="gov-hall, bank-hall, or a folder.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to serve the page on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve the page on.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings, a TOML file.")] = None,
) -> None:
    """Run the kiosk: serve its page, answer who speaks or types there."""
    from terminal import kiosk

    settings = load(config)
    screen = settings.screen.model_copy(
        update={k: v for k, v in (("host", host), ("port", port)) if v is not None}
    )
    kiosk.run(settings.model_copy(update={"pack": pack or settings.pack, "screen": screen}))


def main() -> None:
    """Entry point: one line for every error a person can act on, and its exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        app(standalone_mode=False)
    except KioskError as error:
        sys.exit(_say(error.message, error.exit_status))
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_STATUS["input"])
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # Somebody closed the pipe (`| head`): nothing to say.
        sys.exit(0)
    except Exception:
        logging.getLogger(__name__).exception("internal error")
        sys.exit(_say("internal error; the lines above say where", EXIT_STATUS["internal"]))


def _say(message: str, status: int) -> int:
    print(f"kiosk: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    main()
