"""Frames in and out of PJSIP through the frame's memory.

``bytes(frame.buf)`` costs up to 3 ms a frame, and each attribute of the binding's some µs: a frame
is read with one look at its memory, and written by giving it a vector that is kept for that. The
layout (``pj::MediaFrame``: type, a ``std::vector`` that begins with its begin pointer, size) holds
for libstdc++, libc++ and MSVC; a start-up self-test proves it on the machine at hand, and the slow
way takes over where it does not.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable

import pjsua2 as pj

from softphone.app.media import FRAME_BYTES, SILENCE

Reader = Callable[[pj.MediaFrame], bytes]
Writer = Callable[[pj.MediaFrame, bytes], None]


def _begin(vector: pj.ByteVector) -> int:
    return int(ctypes.c_void_p.from_address(int(vector.this)).value or 0)


_LAYOUT = struct.Struct("@i0PPPPI")
"""Type, the vector's begin, end and end of what is allocated, size."""


def _read_fast(
    frame: pj.MediaFrame,
    look: Callable[[int, int], bytes] = ctypes.string_at,
    fields: Callable[[bytes], tuple[int, ...]] = _LAYOUT.unpack,
) -> bytes:
    kind, begin, _, _, size = fields(look(int(frame.this), _LAYOUT.size))
    if kind != pj.PJMEDIA_FRAME_TYPE_AUDIO or size != FRAME_BYTES:
        return SILENCE
    return look(begin, FRAME_BYTES)


class _FastWriter:
    """Gives frames a copy of one vector. For one thread at a time: the media tick."""

    def __init__(self) -> None:
        self._vector = pj.ByteVector()
        self._vector.resize(FRAME_BYTES)
        self._begin = _begin(self._vector)

    def __call__(self, frame: pj.MediaFrame, data: bytes) -> None:
        ctypes.memmove(self._begin, data, FRAME_BYTES)
        frame.buf = self._vector
        frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
        frame.size = FRAME_BYTES


def _read_slow(frame: pj.MediaFrame) -> bytes:
    if frame.type != pj.PJMEDIA_FRAME_TYPE_AUDIO or frame.size != FRAME_BYTES:
        return SILENCE
    return bytes(frame.buf)


def _write_slow(frame: pj.MediaFrame, data: bytes) -> None:
    frame.buf.assign(FRAME_BYTES, 0)
    for place, value in enumerate(data):
        frame.buf[place] = value
    frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
    frame.size = FRAME_BYTES


def frame_access() -> tuple[Reader, Writer, bool]:
    """Return reader, writer, and whether the fast way passed its self-test."""
    pattern = bytes(range(256)) * (FRAME_BYTES // 256) + bytes(range(FRAME_BYTES % 256))
    # Filled the slow way first: a wrong pointer is noticed by reading before anything is written.
    probe = pj.MediaFrame()
    _write_slow(probe, pattern)
    if len(probe.buf) != FRAME_BYTES or not _as_expected(probe) or _read_fast(probe) != pattern:
        return _read_slow, _write_slow, False
    write = _FastWriter()
    write(probe, pattern[::-1])
    if bytes(probe.buf) != pattern[::-1] or _read_fast(probe) != pattern[::-1]:
        return _read_slow, _write_slow, False
    return _read_fast, write, True


def _as_expected(probe: pj.MediaFrame) -> bool:
    """Compare what lies in memory with what the binding says: nothing is followed before that."""
    for kind in (pj.PJMEDIA_FRAME_TYPE_NONE, pj.PJMEDIA_FRAME_TYPE_AUDIO):
        probe.type = kind
        found, begin, end, _, size = _LAYOUT.unpack(ctypes.string_at(int(probe.this), _LAYOUT.size))
        begins = begin == _begin(probe.buf) != 0
        if not begins or (found, end - begin, size) != (kind, FRAME_BYTES, probe.size):
            return False
    return True
