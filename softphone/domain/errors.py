"""The exception tree. Each error says what happened, why, and what to do.

SoftphoneError
 ├── Refused               a right or rule says no (always audited by the caller)
 ├── WrongCredentials      sign-in failed; never says which part was wrong
 ├── TryLater              too many attempts; carries the seconds left
 ├── Cancelled             a person stopped it
 ├── NotFound
 ├── InvalidInput          something typed, pasted or imported cannot be used
 ├── Damaged               stored data failed authentication
 │    └── Truncated        authentic up to a point
 ├── StorageFailed         disk full, read-only, I/O error
 ├── PolicyInvalid         signature, version or expiry of the policy
 ├── CallFailed            SIP said no
 ├── ConnectionRefused     TLS or network to a registrar or server
 │    └── CertificateRejected
 ├── ProofInvalid          a Merkle proof, signed note or signature does not hold
 ├── ServerMisbehaved      the sync server answered what an honest one would not
 ├── Cancelled             a person stopped what was under way
 └── EngineLost            the phone process is gone
"""

from __future__ import annotations


class SoftphoneError(Exception):
    """Base of all errors meant for people.

    ``what`` happened, ``why``, and what to ``do`` about it: plain sentences without
    personal data, so that they may be logged.
    """

    def __init__(self, what: str, why: str = "", do: str = "") -> None:
        super().__init__(" ".join(part for part in (what, why, do) if part))
        self.what = what
        self.why = why
        self.do = do


class Refused(SoftphoneError):
    """A right or a rule says no."""


class WrongCredentials(SoftphoneError):
    """Sign-in failed; the same words whichever part was wrong."""

    def __init__(self) -> None:
        super().__init__(
            "Sign-in failed.", "The name or the password is wrong.", "Check both and try again."
        )


class TryLater(SoftphoneError):
    """Too many wrong attempts; ``seconds`` until the next one is looked at."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            "Sign-in is paused.",
            "There were several wrong attempts.",
            f"Try again in {max(1, round(seconds))} seconds.",
        )
        self.seconds = seconds


class Cancelled(SoftphoneError):
    """A person stopped what was going on; nothing of it is left."""


class NotFound(SoftphoneError):
    """No such object."""


class InvalidInput(SoftphoneError):
    """Something typed, pasted or imported cannot be used."""


class Damaged(SoftphoneError):
    """Stored data failed authentication."""


class Truncated(Damaged):
    """Stored data ends early; all before ``authentic`` (bytes of plaintext) is authentic."""

    def __init__(self, what: str, why: str = "", do: str = "", *, authentic: int = 0) -> None:
        super().__init__(what, why, do)
        self.authentic = authentic


class StorageFailed(SoftphoneError):
    """The disk is full, read-only or failing."""


class PolicyInvalid(SoftphoneError):
    """The signed policy cannot be trusted: signature, version or expiry."""


class CallFailed(SoftphoneError):
    """A call could not be placed or continued; ``status`` is the SIP status code."""

    def __init__(self, what: str, why: str = "", do: str = "", *, status: int = 0) -> None:
        super().__init__(what, why, do)
        self.status = status


class ConnectionRefused(SoftphoneError):
    """A registrar or server cannot be reached or was refused."""


class CertificateRejected(ConnectionRefused):
    """The peer's certificate is expired, for another host, or of an unknown authority."""


class ProofInvalid(SoftphoneError):
    """A Merkle proof, a signed note or a signature does not hold."""


class ServerMisbehaved(SoftphoneError):
    """The sync server answered what an honest one would not."""


class EngineLost(SoftphoneError):
    """The phone process ended or does not answer."""
