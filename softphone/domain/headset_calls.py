"""The calls as a headset sees them, and what a press means for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from softphone.domain.call import Call, CallState
from softphone.domain.headset import HeadsetButton, HeadsetDeed, HeadsetOrder, Lamp
from softphone.domain.headset_switch import Press
from softphone.domain.ids import CallId

_OURS = (CallState.ESTABLISHED, CallState.DIALLING, CallState.RINGING)


@dataclass(frozen=True, slots=True)
class AtHand:
    """What a headset's buttons can act on."""

    ringing: CallId | None = None
    """The call that rang first."""
    active: tuple[CallId, ...] = ()
    """The call that is on, or under way outwards; all of them in a conference."""
    talking: bool = False
    """Whether it was answered."""
    muted: bool = False
    held: CallId | None = None
    """The call we hold, the last one first."""

    @property
    def any_call(self) -> bool:
        """Whether a call is on or held: the headset that has it is off hook."""
        return bool(self.active) or self.held is not None


NOTHING = AtHand()


def at_hand(calls: Collection[Call]) -> AtHand:
    """Return what there is to act on among all calls, oldest first."""
    live = [call for call in calls if call.live]
    ringing = next((call.id for call in live if call.state is CallState.INCOMING), None)
    ours = [call for call in live if call.state in _OURS and not call.held_by_us]
    held = next((call.id for call in reversed(live) if call.held_by_us), None)
    # As the window shows them: who talks comes before who is being called, the newest first.
    main = min(reversed(ours), key=lambda call: _OURS.index(call.state), default=None)
    if main is None:
        return AtHand(ringing, held=held)
    together = [call for call in ours if call is main or (main.conference and call.conference)]
    talking = main.state is CallState.ESTABLISHED
    return AtHand(ringing, tuple(call.id for call in together), talking, main.muted, held)


def lamps(calls: AtHand, *, holder: bool) -> frozenset[Lamp]:
    """Return what a headset shows. All ring; only the ``holder`` shows the call that is on."""
    lit: set[Lamp] = set()
    if calls.ringing is not None and (holder or not calls.any_call):
        lit.add(Lamp.RING)
    if holder and calls.any_call:
        lit.add(Lamp.OFF_HOOK)
        if calls.muted:
            lit.add(Lamp.MUTE)
        if not calls.active:
            lit.add(Lamp.HOLD)
    return frozenset(lit)


def meaning(
    button: HeadsetButton, press: Press, calls: AtHand, digit: str = ""
) -> tuple[HeadsetOrder, ...]:
    """Return what a press on the headset that has the call means.

    ==============  =====================  =============================  ===================
    button          only ringing           a call is on (one may wait)    only held (one may
                                                                          wait)
    ==============  =====================  =============================  ===================
    hook            answer                 hang up                        answer, or hang up
    hook, long      decline                decline what waits             decline what waits
    flash, hold                            answer what waits, else swap,  answer what waits,
                                           else hold                      else resume
    drop            decline                decline what waits, or hang    decline what waits,
                                           up                             or hang up
    reject          decline                decline what waits             decline what waits
    mute                                   mute or unmute
    key                                    send the tone
    ==============  =====================  =============================  ===================
    """
    match button:
        case HeadsetButton.HOOK:
            return _decline(calls) if press is Press.LONG else _hook(calls)
        case HeadsetButton.FLASH | HeadsetButton.HOLD:
            return _hold(calls)
        case HeadsetButton.DROP:
            return _decline(calls) or _hang_up(calls)
        case HeadsetButton.REJECT:
            return _decline(calls)
        case HeadsetButton.MUTE:
            return _for_each(HeadsetDeed.MUTE, calls, on=not calls.muted)
    # A key of the keypad.
    if not calls.talking:
        return ()
    return (HeadsetOrder(HeadsetDeed.SEND_KEY, calls.active[0], digit=digit),)


def _hook(calls: AtHand) -> tuple[HeadsetOrder, ...]:
    if not calls.active and calls.ringing is not None:
        return (HeadsetOrder(HeadsetDeed.ANSWER, calls.ringing),)
    return _hang_up(calls)


def _hang_up(calls: AtHand) -> tuple[HeadsetOrder, ...]:
    ending = calls.active or ((calls.held,) if calls.held is not None else ())
    return tuple(HeadsetOrder(HeadsetDeed.HANG_UP, call) for call in ending)


def _decline(calls: AtHand) -> tuple[HeadsetOrder, ...]:
    if calls.ringing is None:
        return ()
    return (HeadsetOrder(HeadsetDeed.DECLINE, calls.ringing),)


def _hold(calls: AtHand) -> tuple[HeadsetOrder, ...]:
    if calls.ringing is not None:
        return (HeadsetOrder(HeadsetDeed.ANSWER, calls.ringing),) if calls.any_call else ()
    if calls.held is not None and (calls.talking or not calls.active):
        return (HeadsetOrder(HeadsetDeed.HOLD, calls.held, on=False),)  # the phone holds the other
    return _for_each(HeadsetDeed.HOLD, calls, on=True)


def _for_each(deed: HeadsetDeed, calls: AtHand, *, on: bool) -> tuple[HeadsetOrder, ...]:
    if not calls.talking:
        return ()
    return tuple(HeadsetOrder(deed, call, on) for call in calls.active)
