"""The functions of libpulse that we use (PulseAudio 8 or later, and PipeWire's replacement)."""

from __future__ import annotations

import ctypes as c
from ctypes import util
from typing import Any

from softphone.audio.backend import DeviceUnusable

READY, FAILED, TERMINATED = 4, 5, 6
NO_AUTOSPAWN = 1
SINKS_AND_SOURCES_AND_SERVER = 0x01 | 0x02 | 0x80
A_SOURCE, THE_SERVER = 0x01, 0x07
"""Of what an event speaks: its low four bits."""
PLAYBACK = 1
S16LE = 3
STREAM_READY, STREAM_FAILED, STREAM_TERMINATED = 2, 3, 4
EARLY_REQUESTS = 0x4000
"""The server keeps no more than one request in the device: what is ahead is ours to decide."""
ADJUST_LATENCY = 0x2000
"""The server sets the device to what is wanted of the stream."""
SEEK_RELATIVE = 0
UNSET = 0xFFFFFFFF

InfoCallback = c.CFUNCTYPE(None, c.c_void_p, c.c_void_p, c.c_int, c.c_void_p)
ServerCallback = c.CFUNCTYPE(None, c.c_void_p, c.c_void_p, c.c_void_p)
SubscribeCallback = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_uint32, c.c_void_p)


class SampleSpec(c.Structure):
    """``pa_sample_spec``."""

    _fields_ = (("format", c.c_int), ("rate", c.c_uint32), ("channels", c.c_uint8))


class BufferAttributes(c.Structure):
    """``pa_buffer_attr``, in bytes."""

    _fields_ = tuple(
        (name, c.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")
    )


MOST_CHANNELS = 32


class ChannelMap(c.Structure):
    """``pa_channel_map``."""

    _fields_ = (("channels", c.c_uint8), ("map", c.c_int * MOST_CHANNELS))


class Volume(c.Structure):
    """``pa_cvolume``; 0 lets nothing through, 65536 everything."""

    _fields_ = (("channels", c.c_uint8), ("values", c.c_uint32 * MOST_CHANNELS))


class DeviceInfo(c.Structure):
    """How ``pa_sink_info`` and ``pa_source_info`` both begin."""

    _fields_ = (
        ("name", c.c_char_p), ("index", c.c_uint32), ("description", c.c_char_p),
        ("spec", SampleSpec), ("map", ChannelMap), ("owner", c.c_uint32), ("volume", Volume),
        ("mute", c.c_int),
    )  # fmt: skip


class ServerInfo(c.Structure):
    """How ``pa_server_info`` begins."""

    _fields_ = (
        ("user", c.c_char_p), ("host", c.c_char_p), ("version", c.c_char_p),
        ("server", c.c_char_p), ("spec", SampleSpec), ("sink", c.c_char_p),
        ("source", c.c_char_p),
    )  # fmt: skip


_P, _I, _S = c.c_void_p, c.c_int, c.c_size_t
_CORE: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pa_mainloop_new": (_P, ()),
    "pa_mainloop_free": (None, (_P,)),
    "pa_mainloop_get_api": (_P, (_P,)),
    "pa_mainloop_iterate": (_I, (_P, _I, _P)),
    "pa_mainloop_prepare": (_I, (_P, _I)),
    "pa_mainloop_poll": (_I, (_P,)),
    "pa_mainloop_dispatch": (_I, (_P,)),
    "pa_mainloop_wakeup": (None, (_P,)),
    "pa_context_new": (_P, (_P, c.c_char_p)),
    "pa_context_connect": (_I, (_P, c.c_char_p, _I, _P)),
    "pa_context_disconnect": (None, (_P,)),
    "pa_context_unref": (None, (_P,)),
    "pa_context_get_state": (_I, (_P,)),
    "pa_context_subscribe": (_P, (_P, _I, _P, _P)),
    "pa_context_set_subscribe_callback": (None, (_P, SubscribeCallback, _P)),
    "pa_context_get_sink_info_list": (_P, (_P, InfoCallback, _P)),
    "pa_context_get_source_info_list": (_P, (_P, InfoCallback, _P)),
    "pa_context_get_server_info": (_P, (_P, ServerCallback, _P)),
    "pa_operation_unref": (None, (_P,)),
    "pa_context_errno": (_I, (_P,)),
    "pa_stream_new": (_P, (_P, c.c_char_p, _P, _P)),
    "pa_stream_connect_playback": (_I, (_P, c.c_char_p, _P, _I, _P, _P)),
    "pa_stream_connect_record": (_I, (_P, c.c_char_p, _P, _I)),
    "pa_stream_get_state": (_I, (_P,)),
    "pa_stream_readable_size": (_S, (_P,)),
    "pa_stream_peek": (_I, (_P, _P, _P)),
    "pa_stream_drop": (_I, (_P,)),
    "pa_stream_writable_size": (_S, (_P,)),
    "pa_stream_write": (_I, (_P, c.c_char_p, _S, _P, c.c_int64, _I)),
    "pa_stream_disconnect": (_I, (_P,)),
    "pa_stream_unref": (None, (_P,)),
}
_SIMPLE: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pa_simple_new": (_P, (c.c_char_p, c.c_char_p, _I, c.c_char_p, c.c_char_p, _P, _P, _P, _P)),
    "pa_simple_free": (None, (_P,)),
    "pa_simple_write": (_I, (_P, c.c_char_p, c.c_size_t, _P)),
    "pa_simple_flush": (_I, (_P, _P)),
}


class PulseLibrary:
    """The loaded libraries. Raises DeviceUnusable where they are missing."""

    def __init__(self) -> None:
        self.core = _load("pulse", "libpulse.so.0", _CORE)
        # For what never waits: the interpreter stays the caller's, who would else wait for it.
        self.quick = _with_types(c.PyDLL(self.core._name), _CORE)
        self.simple = _load("pulse-simple", "libpulse-simple.so.0", _SIMPLE)


def _load(name: str, usual: str, functions: dict[str, tuple[Any, tuple[Any, ...]]]) -> c.CDLL:
    try:
        library = c.CDLL(usual)
    except OSError:
        found = util.find_library(name)
        if found is None:
            raise DeviceUnusable(f"no {usual}") from None
        library = c.CDLL(found)
    return _with_types(library, functions)


def _with_types(library: c.CDLL, functions: dict[str, tuple[Any, tuple[Any, ...]]]) -> c.CDLL:
    for function, (result, arguments) in functions.items():
        entry = getattr(library, function)
        entry.restype, entry.argtypes = result, arguments
    return library
