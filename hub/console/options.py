"""Options that the console's commands share: who is meant, and how to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from fleet.errors import KioskError

AsJson = Annotated[bool, typer.Option("--json", help="A JSON object a line, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Site = Annotated[str | None, typer.Option(help="Only of this site.")]
Region = Annotated[str | None, typer.Option(help="Only of this region.")]
Label = Annotated[str | None, typer.Option(help="Only with this label.")]
Device = Annotated[list[str] | None, typer.Option(help="Only this kiosk; may be repeated.")]
Everyone = Annotated[bool, typer.Option("--all", help="Every kiosk.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many rows.")]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which kiosks are meant: all that fit every word."""

    site: str | None = None
    region: str | None = None
    label: str | None = None
    devices: tuple[str, ...] = ()
    everyone: bool = False

    def body(self) -> dict[str, object]:
        """As the hub takes it; KioskError where nothing is said, or two things that clash."""
        words: dict[str, object] = {
            key: value
            for key, value in (("site", self.site), ("region", self.region), ("label", self.label))
            if value
        }
        if self.devices:
            words["device"] = list(self.devices)
        if self.everyone and words:
            raise KioskError("input", "--all stands alone; leave the other filters out")
        if self.everyone:
            return {"all": True}
        if not words:
            raise KioskError(
                "input", "which kiosks? give --site, --region, --label, --device, or --all"
            )
        return words

    def __str__(self) -> str:
        if self.everyone:
            return "every kiosk"
        parts = [f"site {self.site}"] if self.site else []
        parts += [f"region {self.region}"] if self.region else []
        parts += [f"label {self.label}"] if self.label else []
        parts += [f"kiosk {', '.join(self.devices)}"] if self.devices else []
        return ", ".join(parts)


def confirm(question: str, yes: bool) -> None:
    """Ask before what is dangerous; typer.Abort unless it is wanted."""
    if not yes:
        typer.confirm(question, abort=True, err=True)
