"""What the window and the command line are built on: sign-in, the phone, the lane, the bus."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol, TypeVar

from softphone.app.bus import Bus
from softphone.app.desk import Desk
from softphone.app.ports import Clock, NewMember, Phone, Player
from softphone.domain.workplace import LockReason

T = TypeVar("T")


class Lane(Protocol):
    """One thread that runs blocking work in order. The vault lives on one."""

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Run ``work`` on the lane; its result or error arrives in the future."""
        ...


class Office(Protocol):
    """The running program without its window. Methods that block say so."""

    @property
    def bus(self) -> Bus:
        """Events, published from any thread."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def lane(self) -> Lane:
        """The vault's lane: every method of a Desk, and the blocking ones here, run on it."""
        ...

    def aside(self, work: Callable[[Desk], T]) -> Future[T]:
        """Run long work beside the lane, on a desk that asks the lane for each step.

        Whatever waits for the lane gets in between. Ends with Cancelled when the person signs out,
        and InvalidInput when nobody is signed in.
        """
        ...

    @property
    def phone(self) -> Phone:
        """The engine; its commands do not block and may be given from any thread."""
        ...

    @property
    def player(self) -> Player:
        """Plays recordings from memory. ``load`` and ``waveform`` block: call on the lane."""
        ...

    @property
    def time_zone(self) -> str:
        """The person's IANA time zone."""
        ...

    def has_vault(self) -> bool:
        """Whether this profile has been set up."""
        ...

    def set_up(self, administrator: NewMember, device_name: str) -> tuple[Desk, str]:
        """Create the vault and sign in; returns the recovery key to print. Blocks a second."""
        ...

    def recovery_words(self, recovery_key: str) -> tuple[str, ...]:
        """Return a recovery key as the words of its printed sheet. Raises InvalidInput."""
        ...

    def sign_in(self, name: str, password: str) -> Desk:
        """Unlock, start the engine and synchronisation. Blocks a second.

        Raises WrongCredentials, TryLater, Damaged, PolicyInvalid.
        """
        ...

    def leave(self, destination: Path) -> Path:
        """Give up the workstation: write the certificate, destroy everything. Blocks.

        Raises Refused, StorageFailed.
        """
        ...

    def lock(self, why: LockReason) -> None:
        """Drop all keys as :meth:`sign_out` does, and log why. A call that is on goes on. Blocks.

        Raises StorageFailed when it could not be logged; the keys are gone all the same.
        """
        ...

    def sign_out(self) -> None:
        """Log it, drop all keys, stop synchronisation. A call that is on goes on. Blocks."""
        ...
