"""`python -m hub …`: as `kiosk hub …`."""

from __future__ import annotations

import logging
import sys

import typer

from fleet.errors import EXIT_STATUS, KioskError
from hub.cli import app

UsageError: type[BaseException] = typer.BadParameter.__bases__[0]
"""Of the click that Typer carries inside, which has no public name."""


def main() -> int:
    """Exit status; one line for what a person can mend."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        return app(standalone_mode=False) or 0
    except KioskError as error:
        sys.stderr.write(f"kiosk hub: {error.message}\n")
        return error.exit_status
    except typer.Exit as end:
        return end.exit_code
    except UsageError as error:
        said = getattr(error, "format_message", lambda: "")()
        sys.stderr.write(f"kiosk hub: {said}\n" if said else "")
        return EXIT_STATUS["input"]


if __name__ == "__main__":
    sys.exit(main())
