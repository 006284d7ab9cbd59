"""The PJSIP at hand: which one it is, and what it was built for."""

from __future__ import annotations

import ctypes
import logging
from typing import Any

import pjsua2 as pj

from softphone.domain.phone_build import FEWEST_LINES, MOST_LINES, PhoneBuild

log = logging.getLogger(__name__)

CODECS: dict[str, str] = {
    "OPUS": "opus/48000/2",
    "G722": "G722/16000/1",
    "PCMA": "PCMA/8000/1",
    "PCMU": "PCMU/8000/1",
    "SPEEX": "speex/16000/1",
    "GSM": "GSM/8000/1",
    "ILBC": "iLBC/8000/1",
}
"""What a policy may name, and PJSIP's identifier of it."""


def c_functions() -> Any:
    """Return the library's C functions; each is there on Linux and macOS, none on Windows.

    Raises OSError.
    """
    # Under the file's own name the loader gives the copy that runs, not another one.
    return ctypes.CDLL(str(vars(pj)["_pjsua2"].__file__))


def native_sound() -> Any | None:
    """Return the C functions that let sound pass without the interpreter (``native/``); None where
    this PJSIP was built without them."""
    try:
        library = c_functions()
        return library if hasattr(library, "sound_path_new") else None
    except OSError:
        return None


def read_build(endpoint: pj.Endpoint) -> PhoneBuild:
    """Ask a library that was initialised what it can do (PJ thread)."""
    known = {codec.codecId for codec in endpoint.codecEnum2()}
    return PhoneBuild(
        library=f"PJSIP {endpoint.libVersion().full}",
        lines=min(_most_calls(), MOST_LINES),
        ipv6_sound=has_ipv6_sound(),
        codecs=tuple(name for name, codec in CODECS.items() if codec in known),
        native_sound=native_sound() is not None,
    )


def has_ipv6_sound() -> bool:
    """Whether sound may go over IPv6: the library's own default says so (PJ_HAS_IPV6)."""
    return bool(pj.AccountConfig().mediaConfig.ipv6Use != pj.PJSUA_IPV6_DISABLED)


def _most_calls() -> int:
    """Return PJSUA_MAX_CALLS, or what was asked for where that is less."""
    try:
        return int(c_functions().pjsua_call_get_max_count())
    except (OSError, AttributeError) as error:
        log.info("how many calls the library takes cannot be asked: %s", error)
        return FEWEST_LINES
