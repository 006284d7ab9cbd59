"""A recording's plaintext in memory."""

from __future__ import annotations


class BytesReader:
    def __init__(self, data: bytes, problem: str = "") -> None:
        self._data = data
        self.problem = problem
        self.closed = False

    @property
    def size(self) -> int:
        return len(self._data)

    def read_at(self, position: int, length: int) -> bytes:
        return self._data[position : position + length]

    def close(self) -> None:
        self.closed = True
