"""What holds for a whole fleet: the part of a policy that names no person, and how devices follow.

A workstation keeps its own people, teams and keys; it takes the rules from whoever it follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from softphone.domain.ids import DeviceId
from softphone.domain.permissions import EndorsedDevice, Policy

FLEET_TITLE = "softphone fleet policy v1\n"
"""First line of the signed text: never taken for a workstation's own policy, or the reverse."""


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """What the server says of a device: last word (UTC), erasures it has not carried out yet.

    ``silent`` once it was not heard of for the hours that the server allows.
    """

    device: DeviceId
    last_seen: datetime | None
    behind: int
    silent: bool


def fleet_part(policy: Policy, own: EndorsedDevice) -> Policy:
    """Return what a fleet may know of a policy: rules and keys, no names of people or devices.

    ``own`` is the workstation that publishes: whoever follows believes its erasures, too.
    """
    devices = {own.device: own, **{device.device: device for device in policy.devices}}
    return replace(
        policy,
        issuer="",
        members=(),
        groups=(),
        devices=tuple(EndorsedDevice(device.device, device.log_key) for device in devices.values()),
        follows="",
    )


def followed(own: Policy, fleet: Policy | None) -> Policy:
    """Return the policy in force: a workstation's own people and keys under the fleet's rules.

    It ends with whichever ends first; ``version`` stays the workstation's own.
    """
    if not own.follows or fleet is None:
        return own
    return replace(
        fleet,
        version=own.version,
        issued_at=own.issued_at,
        not_after=min(own.not_after, fleet.not_after),
        issuer=own.issuer,
        members=own.members,
        groups=own.groups,
        follows=own.follows,
    )
