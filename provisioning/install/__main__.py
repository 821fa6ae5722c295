"""What install.sh hands over to, and what a boot amidst a switch runs; the caller holds the lock.

python3 -m provisioning.install --bundle DIR (--site FILE | --device NAME) [--no-start] [--dry-run]
python3 -m provisioning.install --settle
python3 -m provisioning.install --uninstall [--purge]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from provisioning.install import edge, other_work, source
from provisioning.install.installation import Given, Installation
from provisioning.install.journal import Journal
from provisioning.install.machine import Machine, ThisMachine
from provisioning.install.report import Report
from provisioning.layout import Layout

MakeMachine = Callable[[Report, Layout], Machine]


def main(
    arguments: list[str] | None = None,
    make_machine: MakeMachine = ThisMachine,
    make_journal: Callable[[Path], Journal] = Journal,
) -> int:
    """Exit status."""
    given = _parser().parse_args(arguments)
    layout = Layout(given.root)
    report = Report(None if given.dry_run else edge.log_of(layout))
    machine, journal = make_machine(report, layout), make_journal(edge.journal_of(layout))

    def work() -> None:
        if given.settle:
            other_work.settle(layout, machine, report, journal)
        elif given.uninstall:
            other_work.uninstall(layout, machine, report, journal, purge=given.purge)
        else:
            installation = Installation(source.read(given.bundle), layout, machine, report, journal)
            do = installation.plan if given.dry_run else installation.run
            do(Given(given.site, given.device, given.start))

    return edge.told(report, work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, default=Path("/"))
    parser.add_argument("--bundle", type=Path, default=Path())
    parser.add_argument("--site", type=Path)
    parser.add_argument("--device", default="")
    parser.add_argument("--no-start", dest="start", action="store_false")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--settle", action="store_true")
    parser.add_argument("--uninstall", action="store_true")
    parser.add_argument("--purge", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
