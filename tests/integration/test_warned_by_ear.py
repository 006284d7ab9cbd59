"""A call that the phone answers by itself is announced at the agent's ear: SIPp, and PulseAudio."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from softphone.domain.call import CallState
from softphone.domain.call_policy import CallPolicy
from tests.integration.conftest import DOMAIN, at_the_workstation
from tests.integration.pulse import Pulse
from tests.integration.sipp_bench import ACK, Bench
from tests.integration.sipp_peer import invite, recv, respond

pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(90),
    pytest.mark.skipif(shutil.which("pulseaudio") is None, reason="PulseAudio is not installed"),
]
WARNING_HZ = 425.0
"""The tone of ITU-T E.180, where no country is chosen."""
AGAIN_S = 7.0
"""Call waiting, which the warning is taken from, would sound again after 6 s."""
ASKS = "Call-Info: <sip:x>;answer-after=0"


def test_only_a_call_answered_by_itself_is_announced(
    pulse: Pulse, authority, tmp_path: Path, monkeypatch
):
    """SIPp sends no sound: what is heard is the phone's own, and no second is ever measured."""
    ear = pulse.ear("laptop")
    phone = at_the_workstation(tmp_path / "anna", pulse, monkeypatch)
    try:
        phone.use(CallPolicy(auto_answer_by_header=True))
        with Bench(phone, tmp_path, authority) as bench:
            for header in ((), (ASKS,)):
                steps = [
                    invite("anna", DOMAIN, *header), recv(100, optional=True),
                    recv(180, optional=True), recv(200), ACK, recv("BYE"), respond("200 OK"),
                ]  # fmt: skip
                began = time.monotonic()
                with bench.caller(*steps) as sipp:
                    if not header:
                        phone.client.answer(phone.in_state(CallState.INCOMING).id)
                    call = phone.in_state(CallState.ESTABLISHED)
                    assert call.auto_answered is bool(header)
                    if header:
                        warned = began + ear.wait_loud(began, WARNING_HZ, 5)
                        ear.listen(AGAIN_S)
                        assert ear.loud_since(warned + 1, WARNING_HZ) is None, "once is enough"
                    else:
                        ear.listen(1.5)
                        assert ear.loud_since(began, WARNING_HZ) is None
                    phone.client.hang_up(call.id)
                    sipp.finish()
                phone.in_state(CallState.ENDED, call.id)
    finally:
        phone.close()
