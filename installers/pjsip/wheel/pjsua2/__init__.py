"""PJSIP's Python binding (PJSUA2)."""

from pjsua2.pjsua2 import *  # noqa: F403
