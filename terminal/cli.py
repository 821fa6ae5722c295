"""The `kiosk` command: parses arguments, builds objects, hands over."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hub import cli as cli_hub
from hub import cli_fleet
from provisioning import cli as cli_provisioning
from provisioning import cli_doctor
from terminal import (
    cli_bench,
    cli_demo,
    cli_models,
    cli_pack,
    cli_simulate,
    cli_turns,
)
from terminal.config import load
from terminal.errors import EXIT_STATUS, KioskError
from terminal.repeats import Repeats

UsageError: type[BaseException] = typer.BadParameter.__bases__[0]
"""Of the click that Typer carries inside, which has no public name."""
INTERRUPTED = 130
"""As shells say it: 128 + SIGINT."""

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
app.add_typer(cli_fleet.app, name="fleet")
app.add_typer(cli_provisioning.app, name="provision")
app.add_typer(cli_hub.app, name="hub")
app.command()(cli_turns.ask)
app.command()(cli_turns.replay)
app.command()(cli_turns.say)
app.command()(cli_demo.demo)
app.command()(cli_simulate.simulate)
app.command()(cli_doctor.doctor)


@app.command()
def run(
    pack: Annotated[str | None, typer.Option(help="gov-hall, bank-hall, or a folder.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to serve the page on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve the page on.")] = None,
    config: Annotated[
        list[Path] | None,
        typer.Option(help="Settings, a TOML file; may be repeated, later ones win."),
    ] = None,
    config_if_there: Annotated[
        list[Path] | None,
        typer.Option(help="As --config, and over them; no mistake if it does not exist."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="Board: browser, x86, raspberrypi5, jetson-orin, auto, or a file."),
    ] = None,
    normal: Annotated[
        bool, typer.Option(help="As usual, whatever starts have failed; they are forgotten.")
    ] = False,
    trace: Annotated[bool, typer.Option(help="Print every event and command.")] = False,
) -> None:
    """Run the kiosk: serve its page, answer who speaks or types there."""
    from fleet.folders import state_folder
    from knowledge import pack as packs
    from terminal import kiosk
    from terminal.last_good import LastGood
    from terminal.safe_mode import Starts
    from terminal.starting import Start

    files, more = config or [], config_if_there or []
    last = LastGood(state_folder(), [profile, *files, *more])
    settings, trouble = last.read(lambda: load(None, profile, files, more))
    screen = settings.screen.model_copy(
        update={k: v for k, v in (("host", host), ("port", port)) if v is not None}
    )
    whole = settings.model_copy(update={"pack": pack or settings.pack, "screen": screen})
    if pack:
        packs.find(pack)  # A slip of the hand ends the command; what breaks later does not.
    starts = Starts(state_folder())
    if normal:
        starts.wipe()
    start = Start(starts, on_served=lambda: last.keep(settings))
    if trouble:
        start.tell(trouble)
    kiosk.run(whole, trace=trace, start=start)


def main() -> None:
    """Entry point: one line for every error a person can act on, and its exit status."""
    told = logging.StreamHandler()
    told.addFilter(Repeats())
    form = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=[told])
    sys.exit(_status())


def _status() -> int:
    try:
        # Without `standalone_mode` Typer hands back the code of `typer.Exit`.
        return app(standalone_mode=False) or 0
    except KioskError as error:
        return _say(error.message, error.exit_status)
    except UsageError as error:
        return _say(_usage(error), EXIT_STATUS["input"])
    except typer.Abort:
        return INTERRUPTED
    except SystemExit as end:
        # Somebody closed the pipe (`| head`): nothing to say.
        return 0 if isinstance(end.__context__, BrokenPipeError) else EXIT_STATUS["internal"]
    except ModuleNotFoundError as error:
        # Of ours nothing is missing: it is a package that only the hub or the trainer needs.
        hint = "a kiosk is installed without the hub's; run this where script/setup was run"
        return _say(f"needs the Python package {error.name}: {hint}", EXIT_STATUS["missing"])
    except Exception:
        logging.getLogger(__name__).exception("internal error")
        return _say("internal error; the lines above say where", EXIT_STATUS["internal"])


def _usage(error: Any) -> str:
    """One line; empty where Typer has shown the help instead."""
    message = " ".join(str(error.format_message()).split()).rstrip(".")
    where = error.ctx.command_path if error.ctx else "kiosk"
    return f"{message}; see: {where} --help" if message else ""


def _say(message: str, status: int) -> int:
    if message:
        print(f"kiosk: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    main()
