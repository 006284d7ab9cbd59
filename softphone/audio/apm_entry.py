"""The audio processing's own C entry, called without building a message for each block.

The package livekit makes a message, two buffers and a parsed answer for every 10 ms; that takes as
long as the processing itself (measured). Here sound goes through one buffer that stays where it is,
so that the request is the same bytes every time, and so is the answer as long as all is well.
What is relied upon beyond the package's public face: ``livekit_ffi_request`` and
``livekit_ffi_drop_handle`` with their arguments, and the names of three messages.
"""

from __future__ import annotations

import ctypes as c
import importlib
from typing import Any

NEAR, FAR = "apm_process_stream", "apm_process_reverse_stream"


class BlockEntry:
    """One way, ``NEAR`` or ``FAR``, into one processing. Used by one thread.

    Raises AttributeError, ImportError, OSError, TypeError or ValueError where the library is
    another one than this was made for.
    """

    def __init__(self, module: Any, way: str, block_bytes: int, sample_rate_hz: int) -> None:
        """``module`` is an ``AudioProcessingModule`` of livekit."""
        messages: Any = importlib.import_module("livekit.rtc._proto.ffi_pb2")
        client: Any = importlib.import_module("livekit.rtc._ffi_client").FfiClient.instance
        self._module = module  # the request holds its number only
        self._size = block_bytes
        self._sound = c.create_string_buffer(block_bytes)
        self._there = c.addressof(self._sound)
        request = messages.FfiRequest()
        wanted = getattr(request, way)
        wanted.apm_handle = module._ffi_handle.handle
        wanted.data_ptr = self._there
        wanted.size = block_bytes
        wanted.sample_rate = sample_rate_hz
        wanted.num_channels = 1
        written = request.SerializeToString()
        self._request = c.create_string_buffer(written, len(written))
        answer = messages.FfiResponse()
        getattr(answer, way).SetInParent()
        self._well_length = len(answer.SerializeToString())
        # The interpreter stays ours meanwhile: to give it away and wait for it makes ticks late.
        library = c.PyDLL(client._ffi_lib._name)
        self._ask, self._drop = library.livekit_ffi_request, library.livekit_ffi_drop_handle
        self._ask.restype, self._drop.restype = c.c_uint64, c.c_bool
        self._ask.argtypes = (c.c_void_p, c.c_size_t, c.c_void_p, c.c_void_p)
        self._drop.argtypes = (c.c_uint64,)
        self._answer, self._length = c.c_void_p(), c.c_size_t()
        self._arguments = (
            c.addressof(self._request), len(written),
            c.addressof(self._answer), c.addressof(self._length),
        )  # fmt: skip

    def put(self, block: bytes) -> None:
        """Process a block. Raises RuntimeError where the library refuses."""
        if len(block) != self._size:
            raise ValueError(f"a block of {len(block)} bytes")
        c.memmove(self._there, block, self._size)
        handle = self._ask(*self._arguments)
        # What went wrong would be in the answer, which is then longer: its bytes need no look.
        well = self._length.value == self._well_length
        if not handle or not self._drop(handle) or not well:
            raise RuntimeError("the audio processing refused a block")

    @property
    def functions(self) -> tuple[int, int]:
        """The addresses of what is asked and of what lets an answer go (any entry's are one)."""
        ask, drop = (c.cast(f, c.c_void_p).value or 0 for f in (self._ask, self._drop))
        return ask, drop

    @property
    def places(self) -> tuple[int, int, int, int]:
        """Where the request is and how long, where its sound is, and how long a good answer is."""
        return self._arguments[0], self._arguments[1], self._there, self._well_length

    @property
    def sound(self) -> bytes:
        """What became of the last block."""
        return self._sound.raw
