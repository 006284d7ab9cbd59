"""The library's life: create, configure, start, and end in the order that does not crash."""

from __future__ import annotations

import gc
import socket

import pjsua2 as pj

from softphone import __version__
from softphone.app.media import FRAME_MS, SAMPLE_RATE_HZ

MAX_CALLS = 32
CODECS: tuple[tuple[str, int], ...] = (
    ("G722/16000/1", 250),
    ("PCMA/8000/1", 240),
    ("PCMU/8000/1", 230),
)


def start_endpoint() -> pj.Endpoint:
    """Create and start PJSIP on the calling thread, which then owns every object of it."""
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.maxCalls = MAX_CALLS
    config.uaConfig.userAgent = f"Softphone/{__version__}"
    # SIP messages carry numbers and names: none of PJSIP's log leaves the library.
    config.logConfig.level = 0
    config.logConfig.consoleLevel = 0
    config.logConfig.msgLogging = 0
    media = config.medConfig
    media.clockRate = SAMPLE_RATE_HZ
    media.sndClockRate = SAMPLE_RATE_HZ
    media.audioFramePtime = FRAME_MS
    media.ecTailLen = 0  # PJSIP's echo canceller works with its own sound device only
    media.noVad = True
    media.hasIoqueue = True
    media.threadCnt = 1
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = "127.0.0.1"
    # Without it a 180 right behind a 100 waits 40 ms for the edge's delayed ACK (measured).
    no_delay = pj.SockOpt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport.sockOptParams.sockOpts.append(no_delay)
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_TCP, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    wanted = dict(CODECS)
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, wanted.get(codec.codecId, 0))
    return endpoint


def stop_endpoint(endpoint: pj.Endpoint) -> None:
    """Destroy the library (about a second). All other objects of it must be gone before."""
    gc.collect()
    endpoint.libDestroy()
