"""A filter that is on or off: on says so by accent and a cross."""

from __future__ import annotations

from softphone.ui.widgets.basic import Button


class Chip(Button):
    """A checkable filter."""

    def __init__(self, text: str) -> None:
        super().__init__(text, kind="filter")
        self.setCheckable(True)
        self._text = text
        self.toggled.connect(self._show)

    def _show(self, on: bool) -> None:
        self.setText(f"{self._text}  ×" if on else self._text)
