"""The search for remains: every byte of every file of the profile, and every decrypted page.

SQLCipher 4 pages are decrypted here without SQLite, free pages and frames of the write-ahead log
included: AES-256-CBC with the raw key, IV and HMAC in the last 80 bytes of each 4096-byte page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from ahocorasick_rs import BytesAhoCorasick
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from softphone.domain.errors import StorageFailed

PAGE = 4096
_RESERVED = 80
_SALT = 16
_WAL_HEADER = 32
_FRAME_HEADER = 24
_BLOCK = 1 << 20
_TOGETHER = 256
"""Pages that are decrypted at once."""


def count_remains(root: Path, databases: Mapping[Path, bytes], needles: Sequence[str]) -> int:
    """Count occurrences of texts below ``root``, in raw bytes and in decrypted pages.

    ``databases`` maps database files to their raw keys. Texts are found in UTF-8 and UTF-16, as
    they are and in lower case without accents (as the full-text index keeps them).
    """
    patterns = sorted({variant for needle in needles for variant in _variants(needle)})
    if not patterns:
        return 0
    total = sum(_count(_blocks(path), patterns) for path in root.rglob("*") if path.is_file())
    for path, key in databases.items():
        total += _count(decrypted_pages(path, key), patterns)
        total += _count(decrypted_frames(path, key), patterns)
    return total


def holds_any(path: Path, needles: Sequence[str]) -> bool:
    """Whether a file, or a member of it where it is a zip archive (workbooks are), holds a text."""
    patterns = sorted({variant for needle in needles for variant in _variants(needle)})
    if not patterns:
        return False
    if _count(_blocks(path), patterns):
        return True
    try:
        with ZipFile(path) as archive:
            return any(_count(_member(archive, name), patterns) for name in archive.namelist())
    except (BadZipFile, OSError, RuntimeError, NotImplementedError):
        return False  # No archive, or one that needs a password of its own.


def _member(archive: ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as member:
        while block := member.read(_BLOCK):
            yield block


def decrypted_pages(path: Path, key: bytes) -> Iterator[bytes]:
    """Return the plaintext of every page of a SQLCipher database, free ones included."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        yield _decrypt(file.read(PAGE), key, first=True)
        while pages := file.read(_TOGETHER * PAGE):
            yield from _decrypt_all(pages, key)


def decrypted_frames(path: Path, key: bytes) -> Iterator[bytes]:
    """Return the plaintext of every frame of the write-ahead log, outdated ones included."""
    wal = path.with_name(f"{path.name}-wal")
    if not wal.is_file():
        return
    with wal.open("rb") as file:
        file.seek(_WAL_HEADER)
        size = _FRAME_HEADER + PAGE
        while frames := file.read(_TOGETHER * size):
            whole = [frames[at : at + size] for at in range(0, len(frames) - size + 1, size)]
            yield from _decrypt_all(b"".join(frame[_FRAME_HEADER:] for frame in whole), key)
            for frame in whole:
                if int.from_bytes(frame[:4], "big") == 1:
                    yield _decrypt(frame[_FRAME_HEADER:], key, first=True)


def _decrypt_all(pages: bytes, key: bytes) -> Iterator[bytes]:
    """Return the plaintext of many pages at once, each on its own.

    CBC undone by hand: all blocks through AES, then XOR with the block before. One call costs as
    much for 256 pages as for one, and a vault has a hundred thousand.
    """
    count = len(pages) // PAGE
    if not count:
        return
    np: Any = import_module("numpy")  # large, and nothing at the start of the program needs it
    table = np.frombuffer(pages, np.uint8, count * PAGE).reshape(count, PAGE)
    end = PAGE - _RESERVED
    sealed = table[:, :end]
    before = np.concatenate((table[:, end : end + 16], sealed[:, :-16]), axis=1)
    decryptor = Cipher(AES(key), ECB()).decryptor()  # noqa: S305 - a part of CBC, see above
    opened = np.frombuffer(decryptor.update(sealed.tobytes()), np.uint8).reshape(count, end)
    plain = np.bitwise_xor(opened, before)
    for row in plain:
        yield row.tobytes()


def _decrypt(page: bytes, key: bytes, *, first: bool) -> bytes:
    start = _SALT if first else 0
    end = PAGE - _RESERVED
    decryptor = Cipher(AES(key), CBC(page[end : end + 16])).decryptor()
    return decryptor.update(page[start:end]) + decryptor.finalize()


def _variants(needle: str) -> set[bytes]:
    if not needle.strip():
        return set()
    folded = unicodedata.normalize("NFKD", needle).lower()
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    texts = {needle, needle.lower(), plain}
    if needle.startswith("+") and needle[1:].isdigit():
        texts.add(needle[1:])
    return {text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be")}


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    except FileNotFoundError:
        return  # A temporary file that went while we looked.
    except OSError as error:
        raise StorageFailed(
            "The search for remains is not finished.", "A file of the profile cannot be read."
        ) from error


def _gathered(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Join pages to blocks: each search over one costs as much as over a page."""
    parts: list[bytes] = []
    size = 0
    for part in blocks:
        parts.append(part)
        size += len(part)
        if size >= _BLOCK:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def _count(blocks: Iterator[bytes], patterns: Sequence[bytes]) -> int:
    """Count matches in a stream; the end of each block is kept for those that straddle it."""
    automaton = BytesAhoCorasick(patterns)
    longest = max(len(pattern) for pattern in patterns)
    total = 0
    kept = b""
    for block in _gathered(blocks):
        window = kept + block
        found = automaton.find_matches_as_indexes(window, overlapping=True)
        # What ends in the part that was kept was counted with the block before.
        total += sum(end > len(kept) for _, _, end in found)
        kept = window[-(longest - 1) :] if longest > 1 else b""
    return total
