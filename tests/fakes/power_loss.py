"""A disk that forgets or tears what was not synced, runs full, and loses power when told."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path


class PowerLost(Exception):
    """The machine is off."""


@dataclass
class FakeFile:
    disk: FakeDisk
    path: Path

    def write_at(self, position: int, data: bytes) -> None:
        part = data[: self.disk.step(len(data))]
        self.disk.written.append((position, data))
        self.disk.unsynced.append((self.path, position, part))
        self.disk.put(self.disk.seen, self.path, position, part)
        if len(part) < len(data):
            self.disk.refuse()

    def sync(self) -> None:
        if self.disk.step(1) == 0:
            self.disk.refuse()
        self.disk.durable[self.path] = bytearray(self.disk.seen[self.path])
        self.disk.unsynced = [u for u in self.disk.unsynced if u[0] != self.path]

    def truncate(self, size: int) -> None:
        self.disk.step(1)
        del self.disk.seen[self.path][size:]

    def close(self) -> None:
        self.disk.step(1)


@dataclass
class FakeDisk:
    """``cut_at`` is the number of the operation at which power goes, torn halfway."""

    cut_at: int = -1
    error: int = 0
    """An errno that writes and syncs fail with while it is set."""
    random: random.Random = field(default_factory=lambda: random.Random(0))
    durable: dict[Path, bytearray] = field(default_factory=dict)
    seen: dict[Path, bytearray] = field(default_factory=dict)
    unsynced: list[tuple[Path, int, bytes]] = field(default_factory=list)
    written: list[tuple[int, bytes]] = field(default_factory=list)
    steps: int = 0

    def open(self, path: Path) -> FakeFile:
        self.step(1)
        self.seen.setdefault(path, bytearray())
        self.durable.setdefault(path, bytearray())
        return FakeFile(self, path)

    def read(self, path: Path, position: int, length: int) -> bytes:
        return bytes(self.seen.get(path, b"")[position : position + length])

    def step(self, wanted: int) -> int:
        """Count an operation; return how much of it happens before power or space is gone."""
        self.steps += 1
        if self.steps == self.cut_at or self.error:
            return self.random.randint(0, max(0, wanted - 1))
        if self.cut_at > 0 and self.steps > self.cut_at:
            raise PowerLost
        return wanted

    def refuse(self) -> None:
        if self.error:
            raise OSError(self.error, "as the test wants it")
        raise PowerLost

    @staticmethod
    def put(files: dict[Path, bytearray], path: Path, position: int, data: bytes) -> None:
        content = files[path]
        content.extend(bytes(max(0, position - len(content))))
        content[position : position + len(data)] = data

    def after_power_loss(self) -> FakeDisk:
        """Return the disk as it comes up again: unsynced writes whole, torn, garbled or gone."""
        files = {path: bytearray(content) for path, content in self.durable.items()}
        for path, position, data in self.unsynced:
            fate = self.random.choice(["whole", "torn", "garbled", "gone"])
            if fate == "torn":
                data = data[: self.random.randint(0, len(data))]
            elif fate == "garbled":
                data = self.random.randbytes(len(data))
            if fate != "gone":
                self.put(files, path, position, data)
        return FakeDisk(
            durable={path: bytearray(content) for path, content in files.items()}, seen=files
        )
