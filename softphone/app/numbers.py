"""Numbers and dial strings: what was typed or pasted becomes E.164 or a SIP address."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from softphone.domain.errors import InvalidInput

_USER = re.compile(r"[A-Za-z0-9_.!~*'()&=+$,%#-]{1,64}")
_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?::[0-9]{1,5})?"
    r"|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?"
)
_SEEN_AS = {"Zs": " ", "Cf": ""}
"""Spaces of every width, and marks that nobody sees: they come along with pasted text."""
_EXTENSION = re.compile(r"[0-9*#]{1,8}")


def normalise(text: str, region: str) -> str:
    """Return E.164 (``+4930...``), a short extension, or ``user@host`` of what was typed.

    Line breaks, control characters, parameters and headers are refused rather than cleaned, so
    that nothing pasted can add a SIP header (RFC 3261 section 19.1.5). ``region`` is the ISO 3166
    region of numbers without a country. Raises InvalidInput.
    """
    text = "".join(_SEEN_AS.get(unicodedata.category(c), c) for c in text).strip()
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise InvalidInput(
            "This cannot be dialled.",
            "It contains line breaks or control characters.",
            "Type the number or paste it alone.",
        )
    for scheme in ("sip:", "sips:", "tel:", "callto:"):
        if text.lower().startswith(scheme):
            text = text[len(scheme) :]
            break
    if "@" in text:
        return _address(text)
    if _EXTENSION.fullmatch(text) and not text.startswith("00"):
        return text
    return _telephone(text, region)


def _address(text: str) -> str:
    user, _, host = text.rpartition("@")
    if not _USER.fullmatch(user) or not _HOST.fullmatch(host):
        raise InvalidInput(
            "This SIP address cannot be dialled.",
            "It must be name@host without parameters or headers.",
            "Remove everything from “;”, “?” or “<” on.",
        )
    return f"{user}@{host.lower()}"


def _telephone(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput(
            "This is not a telephone number.",
            "It has no digits that can be dialled.",
            "Type digits, or + and the country code.",
        ) from error
    if ";" in text or "?" in text or not phonenumbers.is_possible_number(number):
        raise InvalidInput(
            "This is not a telephone number.",
            "It is too short, too long, or has parameters.",
            "Check the digits and the country code.",
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def display(number: str) -> str:
    """Return a number as people write it; anything that is not E.164 stays as it is."""
    if not number.startswith("+"):
        return number
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def normalise_imported(text: str, region: str) -> str:
    """Return what :func:`normalise` does, and give back the ``+`` that tables lose.

    A spreadsheet keeps ``+491711234567`` as the number 491711234567. Eleven digits and more that
    are a valid number with their country mean that one, unless ``region`` writes its own numbers
    without a leading digit and these are one of them. Raises InvalidInput.
    """
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and len(digits) >= 11 and digits[0] != "0":
        try:
            here = phonenumbers.parse(digits, region)
            abroad = phonenumbers.parse(f"+{digits}", None)
        except phonenumbers.NumberParseException:
            return normalise(text, region)
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        bare = metadata is None or not metadata.national_prefix
        if phonenumbers.is_valid_number(abroad) and not (
            bare and phonenumbers.is_valid_number(here)
        ):
            return normalise(f"+{digits}", region)
    return normalise(text, region)
