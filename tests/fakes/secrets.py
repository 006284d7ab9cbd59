"""A key store in memory."""

from __future__ import annotations


class MemorySecrets:
    available = True

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def put(self, name: str, value: bytes) -> bool:
        self.kept[name] = value
        return True

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)
