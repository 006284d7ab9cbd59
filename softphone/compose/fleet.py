"""Whose policy holds on this workstation, on the command line."""

from __future__ import annotations

import argparse
import json
import sys

from softphone.app.bus import Bus
from softphone.app.fleet import Fleet
from softphone.compose.at_rest import signed_in
from softphone.domain.tombstone import format_time
from softphone.paths import Profile


def run(arguments: argparse.Namespace, profile: Profile) -> int:
    """Run one ``policy`` command; name and password come from standard input."""
    name, password = (sys.stdin.readline().rstrip("\n") for _ in range(2))
    with signed_in(profile, name, password) as session:
        fleet = Fleet(session, Bus())
        if arguments.part == "publish":
            fleet.publish()
        elif arguments.part == "follow":
            fleet.follow(arguments.key)
        elif arguments.part == "unfollow":
            fleet.unfollow()
        answer = _shown(fleet)
    sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    return 0


def _shown(fleet: Fleet) -> dict[str, object]:
    state = fleet.state()
    return {
        "ok": True,
        "policy_key": state.policy_key,
        "publishes": state.publishes,
        "follows": state.follows,
        "version": state.version,
        "issued_at": None if state.issued_at is None else format_time(state.issued_at),
        "not_after": None if state.not_after is None else format_time(state.not_after),
    }
