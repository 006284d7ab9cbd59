# ruff: noqa: T201 - it talks to a person
"""Check an exported audit log, or the proof of one entry, with public keys alone.

    python3 verify_audit_bundle.py BUNDLE [--log-key KEY] [--witness-key KEY]
                                          [--log-key-mldsa KEY] [--held NOTE ...]
    python3 verify_audit_bundle.py PROOF.json [...]

BUNDLE is a folder or a .zip with bundle.json, leaves.jsonl and checkpoints.jsonl. This file needs
Python 3.10 or newer and the package `cryptography`; with one that has no ML-DSA-44 it checks
Ed25519 only, and says so. It shares no code with the program that wrote the log. The format, and
what a good outcome means, is in docs/audit.md.

The keys inside a bundle only say what it claims. Compare them with what you were given elsewhere
(--log-key, --witness-key). --held names files with signed checkpoints that you were handed before,
for example in a receipt: the log must still contain them, or entries were taken away.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import sys
import zipfile
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

try:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
except ImportError:
    MLDSA44PublicKey = None

FIELDS = {"device", "n", "time", "actor", "action", "object", "category", "result", "commitment"}
PLAIN, COSIGNED, MLDSA = 1, 4, 6  # C2SP signature types: Ed25519, cosignature/v1, ML-DSA-44
KEY_SIZES = {PLAIN: 32, COSIGNED: 32, MLDSA: 1312}
LONGEST = 1 << 20  # bytes of a line


class Wrong(Exception):
    """The bundle does not hold; the text says why."""


def sha256(*parts):
    """Return the hash of parts put together."""
    return hashlib.sha256(b"".join(parts)).digest()


# --- keys and signed notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature) -----------------


def read_key(text):
    """Return (name, key id, type, public key) of ``name+id+base64(type || key)``."""
    name, key_id, encoded = text.split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    if KEY_SIZES.get(raw[0]) != len(raw) - 1:
        raise Wrong("a key is of an unknown kind")
    if sha256(name.encode(), b"\n", raw)[:4].hex() != key_id:
        raise Wrong("a key does not match its own id")
    return name, bytes.fromhex(key_id), raw[0], raw[1:]


def signed_by(note, key):
    """Whether the note has a signature by this key; a wrong one is never let pass."""
    name, key_id, kind, public = key
    text, _, signatures = note.rpartition("\n\n\u2014 ")
    text += "\n"
    found = False
    for line in ("\u2014 " + signatures.removesuffix("\n")).split("\n"):
        dash, who, encoded = line.split(" ")
        raw = base64.b64decode(encoded, validate=True)
        if dash != "\u2014" or who != name or raw[:4] != key_id:
            continue
        message, value = text.encode(), raw[4:]
        if kind == COSIGNED:
            stamp, value = int.from_bytes(value[:8], "big"), value[8:]
            message = f"cosignature/v1\ntime {stamp}\n{text}".encode()
        elif kind == MLDSA:
            stamp, value = value[:8], value[8:]
            message = subtree_message(name, stamp, *parts_of(note))
        verifier = MLDSA44PublicKey if kind == MLDSA else Ed25519PublicKey
        try:
            verifier.from_public_bytes(public).verify(value, message)
        except InvalidSignature:
            raise Wrong("a signature is forged") from None
        found = True
    return found


def subtree_message(signer, stamp, origin, size, root):
    """Return what ML-DSA-44 signs of a checkpoint: names, time, first entry (0), size and root."""
    signer, origin = signer.encode(), origin.encode()
    names = bytes([len(signer)]) + signer + stamp + bytes([len(origin)]) + origin
    return b"subtree/v1\n\0" + names + bytes(8) + size.to_bytes(8, "big") + root


def mldsa_works(public):
    """Whether this machine can check ML-DSA-44 (FIPS 204)."""
    try:
        return MLDSA44PublicKey is not None and bool(MLDSA44PublicKey.from_public_bytes(public))
    except UnsupportedAlgorithm:
        return False


def parts_of(note):
    """Return (origin, size, root) of a checkpoint."""
    origin, size, root = note.partition("\n\n")[0].split("\n")[:3]
    return origin, int(size), base64.b64decode(root, validate=True)


def read_checkpoint(note, key, second=None):
    """Return (size, root) of a checkpoint that the log's key signed, and its second one if any."""
    if not signed_by(note, key) or (second and not signed_by(note, second)):
        raise Wrong("a checkpoint is not signed by the log's key")
    origin, size, root = parts_of(note)
    if origin != key[0]:
        raise Wrong("a checkpoint is about another log")
    return size, root


def read_held(note, key):
    """Return (origin, size, root) of a checkpoint that you hold, perhaps of an earlier log.

    Nobody can make an entry fit a root afterwards, so that an earlier log's key is not needed.
    """
    origin, size, root = parts_of(note)
    return (origin, *read_checkpoint(note, key)) if origin == key[0] else (origin, size, root)


# --- the tree (RFC 6962 section 2.1, RFC 9162 section 2.1.3) -------------------------------------


def append(subtrees, leaf):
    """Add a leaf to the list of full subtrees [(height, hash)], largest first."""
    height, total = 0, sha256(b"\x00", leaf)
    while subtrees and subtrees[-1][0] == height:
        total = sha256(b"\x01", subtrees.pop()[1], total)
        height += 1
    subtrees.append((height, total))


def root_of(subtrees):
    """Return the tree hash."""
    if not subtrees:
        return sha256()
    total = subtrees[-1][1]
    for _, left in reversed(subtrees[:-1]):
        total = sha256(b"\x01", left, total)
    return total


def root_from_path(n, size, leaf, path):
    """Return the root that follows from a leaf and its audit path."""
    node, last, total = n, size - 1, sha256(b"\x00", leaf)
    for step in path:
        if last == 0:
            raise Wrong("the proof is too long")
        if node & 1 or node == last:
            total = sha256(b"\x01", step, total)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            total = sha256(b"\x01", total, step)
        node, last = node >> 1, last >> 1
    if last:
        raise Wrong("the proof is too short")
    return total


# --- the two checks ------------------------------------------------------------------------------


def check_leaf(leaf, n, device=None):
    """Check that a line is entry n, in canonical JSON (RFC 8785); return whose entry it is.

    A restored workstation goes on under a new name: its log begins with the entries of the earlier
    one (`device`), and the first of its own says so.
    """
    said = json.loads(leaf)
    form = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    if form != leaf or set(said) != FIELDS:
        raise Wrong(f"entry {n} is not in the form that is signed")
    goes_on = said["action"] == "log.continued" and said["object"] == device
    if said["n"] != n or not (device in (None, said["device"]) or goes_on):
        raise Wrong(f"entry {n} is out of its place")
    return said["device"]


def check_bundle(folder, keys, held):
    """Return (entries, entries the witness has seen, root) of a whole log that holds."""
    about = json.loads((folder / "bundle.json").read_bytes())
    if about["format"] != "softphone-audit-bundle/1":
        raise Wrong("this is another format")
    log, second, witness = keys(about)
    notes = [json.loads(line) for line in lines(folder / "checkpoints.jsonl")]
    heads = [read_checkpoint(note, log, second) for note in notes]
    if not notes:
        raise Wrong("there is no signed checkpoint")
    known = [read_held(note, log) for note in held]
    wanted = all_heads(heads + [(at, root) for _, at, root in known])
    size, root, owners = check_leaves(folder / "leaves.jsonl", wanted)
    if size and owners[-1][0] != log[0]:
        raise Wrong("the entries are those of another workstation")
    if any(origin != log[0] and at > dict(owners).get(origin, 0) for origin, at, _ in known):
        raise Wrong("a checkpoint you hold is about another log, or about entries it lost")
    if wanted:
        raise Wrong(f"entries from {size} on are missing: {max(wanted)} were signed")
    if size != max(at for at, _ in heads) or size != about["entries"]:
        raise Wrong("entries at the end are not signed")
    seen = [
        at
        for note, (at, _) in zip(notes, heads, strict=True)
        if witness and signed_by(note, witness)
    ]
    return size, max(seen, default=0), root


def all_heads(heads):
    """Return the roots that were signed, by size."""
    wanted = {}
    for at, root in heads:
        if wanted.setdefault(at, root) != root:
            raise Wrong("two different logs of one size were signed")
    if wanted.pop(0, sha256()) != sha256():
        raise Wrong("an empty log has another root")
    return wanted


def check_leaves(path, wanted):
    """Check each entry; take each size out of `wanted` whose root is right.

    Return (entries, root, [(log, how many entries there were when it ended)], oldest first).
    """
    subtrees, owners, device, size = [], [], None, 0
    for leaf in lines(path):
        now = check_leaf(leaf, size, device)
        append(subtrees, leaf)
        size += 1
        if now != device:
            owners.append(None)
        owners[-1], device = ("softphone/" + now, size), now
        if size in wanted and wanted.pop(size) != root_of(subtrees):
            raise Wrong(f"entries before {size} are not those that were signed")
    return size, root_of(subtrees), owners


def check_proof(proof, keys, held):
    """Return the same about the log that an entry is proved to be in."""
    log, second, witness = keys(proof)
    size, root = read_checkpoint(proof["checkpoint"], log, second)
    leaf, n = proof["leaf"].encode(), proof["n"]
    check_leaf(leaf, n)
    if not 0 <= n < size:
        raise Wrong("the entry lies outside of the log")
    if root_from_path(n, size, leaf, [bytes.fromhex(step) for step in proof["path"]]) != root:
        raise Wrong("the entry is not in the log that was signed")
    for note in held:
        if read_checkpoint(note, log) != (size, root):
            raise Wrong("a checkpoint you hold is of another size: check it against a whole bundle")
    return size, size if witness and signed_by(proof["checkpoint"], witness) else 0, root


def lines(path):
    """Return the lines of a file, each of them whole."""
    with path.open("rb") as file:
        while True:
            line = file.readline(LONGEST)
            if not line:
                return
            if not line.endswith(b"\n"):
                raise Wrong("a line is cut off")
            yield line[:-1]


def mldsa_words(second, known):
    """Say whether signatures are checked by the log's second key too."""
    if second is None:
        return "the log has no such key: Ed25519 only"
    if not mldsa_works(second[3]):
        return "NOT CHECKED, this machine cannot: Ed25519 only"
    return "checked too" + (" (key as you know it)" if known else f", key id {second[1].hex()}")


def read_keys(about, asked):
    """Return the keys that a bundle names, compared with those you know: log, second, witness."""
    known = {"log_key": asked.log_key, "witness_key": asked.witness_key}
    known["log_key_mldsa"] = asked.log_key_mldsa
    for name, key in known.items():
        if key and about.get(name) != key:
            raise Wrong(f"the {name} is not the one you know")
    witness, mldsa = about["witness_key"], about.get("log_key_mldsa")
    print("log key:    ", about["log_key"], "(as you know it)" if asked.log_key else "")
    print("witness key:", witness or "none", "(as you know it)" if asked.witness_key else "")
    log, second = read_key(about["log_key"]), read_key(mldsa) if mldsa else None
    if second and (second[0], second[2]) != (log[0], MLDSA):
        raise Wrong("the second key is no key of this log")
    print("ML-DSA-44:  ", mldsa_words(second, asked.log_key_mldsa))
    if second and not mldsa_works(second[3]):
        second = None
    return log, second, read_key(witness) if witness else None


def main():
    """Check what the command line names; exit code 0 when it holds, 1 when not."""
    parser = argparse.ArgumentParser(description="Check an exported audit log.")
    parser.add_argument("bundle", type=pathlib.Path)
    parser.add_argument("--log-key", help="the log's key as you know it from elsewhere")
    parser.add_argument("--witness-key", help="the witness's key as you know it from elsewhere")
    parser.add_argument("--log-key-mldsa", help="the log's ML-DSA-44 key, likewise")
    parser.add_argument("--held", type=pathlib.Path, nargs="*", default=[])
    asked = parser.parse_args()

    def keys(about):
        return read_keys(about, asked)

    try:
        held = [path.read_text("utf-8") for path in asked.held]
        if asked.bundle.suffix == ".json":
            outcome = check_proof(json.loads(asked.bundle.read_bytes()), keys, held)
        elif asked.bundle.is_dir():
            outcome = check_bundle(asked.bundle, keys, held)
        else:
            with zipfile.ZipFile(asked.bundle) as archive:
                outcome = check_bundle(zipfile.Path(archive), keys, held)
        size, seen, root = outcome
        if asked.witness_key and not seen:
            raise Wrong("the witness has seen nothing of it")
    except Wrong as wrong:
        print("DOES NOT HOLD:", wrong)
        return 1
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        print("DOES NOT HOLD: it cannot be read:", type(error).__name__)
        return 1
    print(f"HOLDS: {size} entries, seen by the witness up to {seen}, root {root.hex()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
