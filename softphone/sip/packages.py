"""Bodies of the two event packages we watch: dialog-info (RFC 4235), message-summary (RFC 3842)."""

from __future__ import annotations

import re
from xml.parsers import expat

from softphone.domain.agent import LineState

MAX_NESTING = 20
_COUNTS = re.compile(r"([0-9]{1,12})[ \t]*/[ \t]*([0-9]{1,12})(?![0-9])")
"""New and old messages (RFC 3842 section 5.2); urgent ones in brackets may follow."""


class UnreadableBody(Exception):
    """A NOTIFY body that is not what its event package says."""


def line_state(body: bytes) -> LineState:
    """Return what a line is doing from a dialog-info document. Raises UnreadableBody.

    A document type or entities are refused: a body must not make us expand or fetch anything.
    """
    found = _States()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = found.begin
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise UnreadableBody(str(error)) from error
    if "confirmed" in found.states:
        return LineState.BUSY
    if found.states & {"trying", "proceeding", "early"}:
        return LineState.RINGING
    return LineState.FREE


def _refuse(*_: object) -> None:
    raise UnreadableBody("a document type is not accepted")


class _States:
    """Collects the text of every dialog's state."""

    def __init__(self) -> None:
        self.states: set[str] = set()
        self._path: list[str] = []
        self._text = ""

    def begin(self, name: str, _attributes: dict[str, str]) -> None:
        self._path.append(name.rpartition(" ")[2])
        self._text = ""
        if len(self._path) > MAX_NESTING:
            raise UnreadableBody("nested too deeply")

    def end(self, _name: str) -> None:
        if self._path[-2:] == ["dialog", "state"]:
            self.states.add(self._text.strip().lower())
        self._path.pop()

    def text(self, data: str) -> None:
        self._text += data


def messages_waiting(body: bytes) -> tuple[int, int]:
    """Return new and old voice messages of a message-summary. Raises UnreadableBody."""
    new, old, waiting = 0, 0, None
    for line in body.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name == "messages-waiting":
            waiting = value.lower() == "yes"
        elif name == "voice-message":
            found = _COUNTS.match(value)
            if found is None:
                raise UnreadableBody("counts that are no numbers")
            new, old = (min(int(c), 9999) for c in found.groups())
    if waiting is None:
        raise UnreadableBody("no Messages-Waiting line")
    return (new or 1 if waiting else new), old
