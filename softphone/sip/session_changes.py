"""Changes of a session by re-INVITE: one at a time, and none before the call is established."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable

from softphone.domain.call import Direction
from softphone.domain.ids import CallId
from softphone.sip.call import Change, SipCall
from softphone.sip.graveyard import attempt

TRIES, RETRY_S = 20, 0.2
"""How often a change waits for the one before it, and how long in between."""
ASKED_AGAIN, REFUSED_S = 3, 12.0
"""Who hung up while we were away may refuse anything until the BYE timed out (32 s), then 481."""
_random = secrets.SystemRandom()


class SessionChanges:
    """Makes changes, later where they cannot be made now; used on the PJ thread."""

    def __init__(
        self,
        find: Callable[[CallId], SipCall | None],
        run_later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        """``run_later`` takes the pause (s) and the work."""
        self._find = find
        self._run_later = run_later

    def make(self, call: SipCall, what: Change, tries: int = TRIES) -> None:
        """Change a session; while another change is under way, try again soon."""
        call.redo, call.refused = what, call.refused if what is Change.REFRESH else 0
        if call.snapshot.established_at is None:
            call.put_off = True
            return
        if not attempt(functools.partial(call.change, what)) and tries > 1:
            self._again(call.snapshot.id, what, RETRY_S, tries - 1)

    def make_put_off(self, call: SipCall) -> None:
        """Make what was asked for while the far side's ACK had not come yet."""
        if not call.put_off:
            return
        call.put_off = False
        if call.hold_wanted:
            call.redo = Change.HOLD
        if call.redo is not None:
            self._again(call.snapshot.id, call.redo, 0.0)

    def collided(self, call: SipCall) -> None:
        """Try again after a while that differs for both sides (RFC 3261 section 14.1).

        A present address that was refused is told again, some times: there may be no call any more.
        """
        ours = call.snapshot.direction is Direction.OUTGOING
        pause = 2.1 + 1.9 * _random.random() if ours else 2.0 * _random.random()
        pause = REFUSED_S if call.refused else pause
        if call.redo is not None and call.refused <= ASKED_AGAIN:
            self._again(call.snapshot.id, call.redo, pause)

    def _again(self, call_id: CallId, what: Change, after_s: float, tries: int = TRIES) -> None:
        # By its id: a call object that something still refers to could not be let go in time.
        def again() -> None:
            call = self._find(call_id)
            if call is not None and call.redo is what:
                self.make(call, what, tries)

        self._run_later(after_s, again)
