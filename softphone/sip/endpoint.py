"""The library's life: create, configure, start, and end in the order that does not crash."""

from __future__ import annotations

import gc
import socket

import pjsua2 as pj

from softphone import __version__
from softphone.app.media import FRAME_MS, SAMPLE_RATE_HZ
from softphone.app.urgency import make_prompt, threads_here
from softphone.sip.library import CODECS

MAX_CALLS = 32
"""As many as the library was built for: it takes the lower one of both."""
FIRST_CHOICE = 250


def start_endpoint(jitter_buffer_ms: int = 200) -> pj.Endpoint:
    """Create and start PJSIP on the calling thread, which then owns every object of it.

    ``jitter_buffer_ms`` is the most that late packets are waited for.
    """
    threads = threads_here()
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
    media.jbMax = max(2 * FRAME_MS, jitter_buffer_ms)
    media.jbMaxPre = max(FRAME_MS, jitter_buffer_ms * 4 // 5)
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
    # The thread that receives sound: a packet that waits for it misses its tick.
    make_prompt(threads_here() - threads)
    use_codecs(endpoint, ("G722", "PCMA", "PCMU"))
    return endpoint


def use_codecs(endpoint: pj.Endpoint, names: tuple[str, ...]) -> None:
    """Offer and take these codecs in this order, and no other (comfort noise comes with them)."""
    wanted = {
        CODECS[name.upper()]: FIRST_CHOICE - 10 * place
        for place, name in enumerate(names)
        if name.upper() in CODECS
    }
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, wanted.get(codec.codecId, 0))


def open_udp(endpoint: pj.Endpoint, local_ip: str) -> int:
    """Open a port for an account that is permitted to go without TLS; returns its identifier."""
    transport = pj.TransportConfig()
    transport.boundAddress = local_ip
    kind = pj.PJSIP_TRANSPORT_UDP6 if ":" in local_ip else pj.PJSIP_TRANSPORT_UDP
    return int(endpoint.transportCreate(kind, transport))


def stop_endpoint(endpoint: pj.Endpoint) -> None:
    """Destroy the library (about a second). All other objects of it must be gone before."""
    gc.collect()
    endpoint.libDestroy()
