-- Addresses as they were signed, for the server to have; of earlier ones only the key is here.
ALTER TABLE handover_keys ADD COLUMN note TEXT NOT NULL DEFAULT '';
-- Addresses of endorsed workstations that the server has.
CREATE TABLE relay_addresses (
    digest  TEXT PRIMARY KEY,
    device  TEXT NOT NULL,
    team    TEXT NOT NULL,
    note    TEXT NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Recordings sent to other workstations. A row outlives its recording: the server is told first.
CREATE TABLE outgoing_packages (
    package      TEXT PRIMARY KEY,
    recording_id TEXT NOT NULL,
    device       TEXT NOT NULL,
    size         INTEGER NOT NULL,
    sha256       TEXT NOT NULL,
    state        TEXT NOT NULL,
    why          TEXT NOT NULL,
    made_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Packages of other workstations: coming, waiting for a listener, settled, or settled and told.
CREATE TABLE incoming_packages (
    package TEXT PRIMARY KEY,
    device  TEXT NOT NULL,
    size    INTEGER NOT NULL,
    sha256  TEXT NOT NULL,
    state   TEXT NOT NULL,
    why     TEXT NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
