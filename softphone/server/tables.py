"""The server's tables. Nothing in them names a person, a number or a playable byte."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

devices = Table(
    "devices",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("log_key", Text, nullable=False, unique=True),
    # The second key of the log (ML-DSA-44), empty where the device has none.
    Column("mldsa_key", Text, nullable=False, server_default=""),
    Column("token_hash", String(64), nullable=False),
    Column("enrolled_at", DateTime(timezone=True), nullable=False),
    Column("size", BigInteger, nullable=False, default=0),
    Column("frontier", LargeBinary, nullable=False, default=b""),
    Column("acknowledged", BigInteger, nullable=False, default=0),
    Column("last_seen", DateTime(timezone=True)),
    # The device whose log goes on with this one's entries, or itself when it was retired by hand.
    Column("replaced_by", String(36)),
)

enrolment_tokens = Table(
    "enrolment_tokens",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_by", String(36)),
)

leaves = Table(
    "leaves",
    metadata,
    Column("device", String(36), ForeignKey("devices.id"), primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

cosigned = Table(
    "cosigned",
    metadata,
    Column("device", String(36), ForeignKey("devices.id"), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("erasure", String(36), nullable=False, unique=True),
    Column("body", Text, nullable=False),
)

# One row that every new tombstone locks: positions become visible in their own order, so that a
# device that reads on from its cursor never skips one that was committed late.
positions = Table(
    "positions",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("last", BigInteger, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("etag", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# Other systems that use the API. ``log_key`` signs their orders; empty for those who only read.
clients = Table(
    "clients",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("log_key", Text, nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("client", String(36), ForeignKey("clients.id"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("erasure", String(36), nullable=False),
)

# What all server processes share.
settings = Table(
    "settings",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

# Where recordings may be handed to: small notes, signed by their device, public within the fleet.
relay_addresses = Table(
    "relay_addresses",
    metadata,
    Column("device", String(36), ForeignKey("devices.id"), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("body", Text, nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
)

# Sealed recordings on their way. A row outlives its chunks until the sender knows its outcome.
relay_packages = Table(
    "relay_packages",
    metadata,
    Column("package", String(36), primary_key=True),
    Column("sender", String(36), ForeignKey("devices.id"), nullable=False, index=True),
    Column("receiver", String(36), ForeignKey("devices.id"), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("received", Integer, nullable=False, default=0),
    Column("outcome", String(16), nullable=False, default=""),
    Column("why", String(32), nullable=False, default=""),
    # The receiver's signed word, for the sender to check.
    Column("receipt", Text, nullable=False, default=""),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False, index=True),
)

relay_chunks = Table(
    "relay_chunks",
    metadata,
    Column("package", String(36), ForeignKey("relay_packages.package"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)
