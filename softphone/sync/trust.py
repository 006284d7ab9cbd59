"""Whom the client takes for the server: TLS, the system's trust, and a pin where one is given."""

from __future__ import annotations

import hashlib
import hmac
import re
import ssl
from pathlib import Path
from typing import Any

import truststore

from softphone.domain.errors import InvalidInput

_SHA256 = re.compile(r"[0-9a-f]{64}")


class PinnedContext(truststore.SSLContext):
    """Verifies as any other, and takes one certificate only; nothing is sent to another."""

    pin = ""
    """SHA-256 (hex) over the certificate as it is sent (DER); empty for any that verifies."""

    def wrap_socket(self, *arguments: Any, **named: Any) -> ssl.SSLSocket:
        """Shake hands. Raises SSLCertVerificationError."""
        wrapped = super().wrap_socket(*arguments, **named)
        shown = hashlib.sha256(wrapped.getpeercert(binary_form=True) or b"").hexdigest()
        if self.pin and not hmac.compare_digest(shown, self.pin):
            wrapped.close()
            raise ssl.SSLCertVerificationError("the certificate is not the pinned one")
        return wrapped


def tls_context(ca_file: str = "", pin: str = "") -> ssl.SSLContext:
    """Return a verifying TLS context (1.2 or newer): the system's trust, and one more authority.

    Raises InvalidInput when the file holds no certificates, or the pin is none.
    """
    context = PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.pin = parse_pin(pin)
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise InvalidInput(
                "The certificate file cannot be used.",
                f"{Path(ca_file).name} is missing or holds no certificates.",
                "Choose a PEM file.",
            ) from error
    return context


def parse_pin(text: str) -> str:
    """Return a pin as 64 hex digits; colons and capitals are taken. Raises InvalidInput."""
    pin = text.strip().lower().replace(":", "")
    if pin and not _SHA256.fullmatch(pin):
        raise InvalidInput(
            "The pin cannot be used.",
            "It is not the SHA-256 of a certificate.",
            "Give 64 hex digits, as openssl x509 -fingerprint -sha256 prints them.",
        )
    return pin
