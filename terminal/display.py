"""Where the session's Show commands go: the page in front of the citizen, or nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from terminal import events as ev
from terminal.screen import views

Showing: TypeAlias = (
    ev.ShowState | ev.ShowCaption | ev.ShowReply | ev.ShowHome | ev.ShowMode | ev.ShowNote | ev.Wipe
)


class Display(Protocol):
    """Shows what the session wants shown."""

    def show(self, command: Showing) -> None:
        """Must return at once."""
        ...


class NoDisplay:
    """For replays."""

    def show(self, command: Showing) -> None:
        """Nothing to show it on."""


class PageDisplay:
    """The kiosk's web page."""

    def __init__(self, send: Callable[[views.Message], None], home: views.Message) -> None:
        self._send = send
        self._home = home

    def renew(self, home: views.Message) -> None:
        """Another first screen; for when nobody is being served."""
        self._home = home
        self._send(home)

    def show(self, command: Showing) -> None:
        """Translate and send."""
        match command:
            case ev.ShowState(state=state, turn=turn, reason=reason):
                self._send(views.state_message(state, turn, reason))
            case ev.ShowCaption(turn=turn, text=text):
                self._send(views.caption_message(turn, text))
            case ev.ShowReply(turn=turn, reply=reply):
                self._send(views.reply_message(turn, reply))
            case ev.ShowHome():
                self._send(self._home)
            case ev.ShowMode(elder=elder):
                self._send(views.mode_message(elder=elder))
            case ev.ShowNote(text=text):
                self._send(views.note_message(text))
            case ev.Wipe():
                self._send(views.wipe_message())
