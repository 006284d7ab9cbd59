"""Which other devices' erasures this workstation believes, on the command line."""

from __future__ import annotations

import argparse
import json
import sys

from softphone.app.bus import Bus
from softphone.app.people import People
from softphone.compose.at_rest import signed_in
from softphone.domain.ids import DeviceId
from softphone.paths import Profile


def run(arguments: argparse.Namespace, profile: Profile) -> int:
    """Run one ``device`` command; name and password come from standard input."""
    name, password = (sys.stdin.readline().rstrip("\n") for _ in range(2))
    with signed_in(profile, name, password) as session:
        vault, people = session.vault, People(session, Bus())
        answer: dict[str, object] = {"ok": True}
        if arguments.part == "key":
            answer.update(
                device=vault.device, log_key=vault.log_key, log_key_mldsa=vault.log_key_mldsa
            )
        elif arguments.part == "endorse":
            endorsed = people.endorse_device(arguments.key, arguments.label)
            answer.update(device=endorsed.device, waiting=vault.held_back())
        elif arguments.part == "decommission":
            people.order_leaving(DeviceId(arguments.device))
        elif arguments.part == "withdraw":
            people.withdraw_device(DeviceId(arguments.device))
        else:
            answer["devices"] = [
                {"device": d.device, "label": d.label, "log_key": d.log_key}
                for d in vault.policy.devices
            ]
            answer["waiting"] = vault.held_back()
    sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    return 0
