"""Checks as they come, a table at the end, and ``report.json``."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass
class Report:
    """What was shown, with figures."""

    console: Console = field(default_factory=Console)
    checks: dict[str, bool] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    figures: dict[str, float | int | str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def step(self, text: str) -> None:
        self.console.print(f"[dim]{time.monotonic() - self._began:6.1f} s[/]  {text}")

    def check(self, name: str, passed: bool, words: str) -> None:
        self.checks[name] = bool(passed)
        self.words[name] = words
        sign = "[green]✓[/]" if passed else "[bold red]✗[/]"
        self.console.print(f"[dim]{time.monotonic() - self._began:6.1f} s[/]  {sign} {words}")

    def figure(self, name: str, value: float | int | str) -> None:
        self.figures[name] = value

    def note(self, text: str) -> None:
        self.notes.append(text)
        self.step(f"[yellow]note[/] {text}")

    @property
    def passed(self) -> bool:
        return bool(self.checks) and all(self.checks.values())

    def finish(self, folder: Path) -> None:
        """Print the table and write ``report.json``."""
        table = Table(title="What was shown", show_lines=False)
        table.add_column("", width=1)
        table.add_column("Check")
        table.add_column("In words")
        for name, good in self.checks.items():
            table.add_row("✓" if good else "✗", name, self.words[name])
        self.console.print(table)
        path = folder / "report.json"
        content = {
            "checks": self.checks,
            "figures": self.figures,
            "notes": self.notes,
            "seconds": round(time.monotonic() - self._began, 1),
        }
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
        self.console.print(f"Artefacts: {folder}")
