"""TLS to registrars: verification is not optional (RFC 5922, RFC 8446)."""

from __future__ import annotations

import ssl
from pathlib import Path

import truststore

from softphone.domain.errors import CertificateRejected, ConnectionRefused, SoftphoneError


def client_context(ca_file: str = "") -> ssl.SSLContext:
    """Return a verifying TLS context: TLS 1.2 at least, host name checked.

    ``ca_file`` (PEM) replaces the system's trust store for registrars of an own authority.
    Raises CertificateRejected when the file cannot be used.
    """
    if not ca_file:
        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile=str(Path(ca_file)))
        except (OSError, ssl.SSLError) as error:
            raise CertificateRejected(
                "The registrar cannot be verified.",
                "The file with its certificate authority cannot be read.",
                "Choose the file again in the account's settings.",
            ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = True
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def explain(error: BaseException, host: str) -> SoftphoneError:
    """Return what a failed connection means, in words for the status bar."""
    if isinstance(error, SoftphoneError):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, host)
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or "").upper()
        if "VERSION" in reason or "PROTOCOL" in reason:
            return CertificateRejected(
                "The registrar was refused.",
                "It offers only outdated encryption (older than TLS 1.2).",
                "Ask IT to update the telephone system.",
            )
        return ConnectionRefused(
            "The registrar was refused.",
            f"The encrypted connection failed ({reason.lower()}).",
            "Ask IT to check its TLS settings.",
        )
    if isinstance(error, TimeoutError):
        why = "It did not answer in time."
    elif isinstance(error, ConnectionRefusedError):
        why = "Nothing answers at its address."
    elif isinstance(error, ConnectionError):
        why = "The connection was cut."
    elif isinstance(error, OSError):
        why = "The network or its name cannot be reached."
    else:
        why = type(error).__name__
    return ConnectionRefused(
        "The registrar cannot be reached.", why, "The phone tries again by itself."
    )


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> CertificateRejected:
    # OpenSSL's X509_V_ERR codes: the text changes between versions, the numbers do not.
    code = error.verify_code
    if code == 10:
        why = "Its certificate has expired."
    elif code == 9:
        why = "Its certificate is not valid yet; check this computer's clock."
    elif code in (62, 64):
        why = f"Its certificate is for another name than {host}."
    elif code in (18, 19, 20, 21, 2):
        why = "Its certificate is from an unknown authority."
    elif code == 23:
        why = "Its certificate was revoked."
    else:
        why = f"Its certificate cannot be verified (code {code})."
    return CertificateRejected(
        "The registrar was refused.", why, "Ask IT; calls stay off until this is right."
    )
