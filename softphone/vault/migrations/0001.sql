-- Times are microseconds since 1970-01-01 UTC. Identifiers are random UUIDs.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE policies (
    version INTEGER PRIMARY KEY,
    note    TEXT NOT NULL
) STRICT;

CREATE TABLE group_wraps (
    group_id TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    sealed   BLOB NOT NULL,
    PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    id       TEXT PRIMARY KEY,
    account  BLOB NOT NULL,
    password TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The audit log: leaves never change; details can be destroyed, the tree still verifies.
CREATE TABLE audit_leaves (
    n         INTEGER PRIMARY KEY,
    leaf      BLOB NOT NULL,
    hash      BLOB NOT NULL,
    time      INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    action    TEXT NOT NULL,
    category  TEXT NOT NULL,
    result    TEXT NOT NULL,
    object_id TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_object ON audit_leaves (object_id) WHERE object_id <> '';
CREATE INDEX audit_by_action ON audit_leaves (action);
CREATE TABLE audit_details (
    n      INTEGER PRIMARY KEY REFERENCES audit_leaves,
    salt   BLOB NOT NULL,
    detail BLOB NOT NULL
) STRICT;
CREATE TABLE audit_head (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    size     INTEGER NOT NULL,
    frontier BLOB NOT NULL
) STRICT;
INSERT INTO audit_head VALUES (1, 0, x'');
CREATE TABLE checkpoints (
    size     INTEGER PRIMARY KEY,
    root     BLOB NOT NULL,
    frontier BLOB NOT NULL,
    note     TEXT NOT NULL
) STRICT;
CREATE TABLE cosigned (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL
) STRICT;

-- One random key for each data subject (number); destroying it seals their recordings for good.
CREATE TABLE subjects (
    pseudonym   TEXT PRIMARY KEY,
    number      TEXT NOT NULL UNIQUE,
    subject_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE contacts (
    n          INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    company    TEXT NOT NULL,
    email      TEXT NOT NULL,
    language   TEXT NOT NULL,
    created_at INTEGER,
    restricted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX contacts_by_name ON contacts (name COLLATE NOCASE, n);
CREATE INDEX contacts_restricted ON contacts (id) WHERE restricted = 1;
CREATE TABLE contact_numbers (
    contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    number     TEXT NOT NULL,
    PRIMARY KEY (contact_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_numbers_by_number ON contact_numbers (number);

CREATE TABLE calls (
    n            INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    contact_id   TEXT REFERENCES contacts (id) ON DELETE SET NULL,
    shown_name   TEXT NOT NULL,
    number       TEXT NOT NULL,
    direction    TEXT NOT NULL,
    disposition  TEXT NOT NULL,
    agent        TEXT NOT NULL,
    agent_name   TEXT NOT NULL,
    started_at   INTEGER NOT NULL,
    talk_ms      INTEGER NOT NULL,
    wrap_up      TEXT NOT NULL,
    recording_id TEXT,
    quality_mos  REAL
) STRICT;
CREATE INDEX calls_by_time ON calls (started_at, n, contact_id);
CREATE INDEX calls_by_number ON calls (number);
CREATE INDEX calls_by_contact ON calls (contact_id) WHERE contact_id IS NOT NULL;

CREATE TABLE recordings (
    n              INTEGER PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,
    call_id        TEXT NOT NULL,
    contact_id     TEXT REFERENCES contacts (id) ON DELETE SET NULL,
    agent          TEXT NOT NULL,
    team           TEXT NOT NULL,
    number         TEXT NOT NULL,
    direction      TEXT NOT NULL,
    started_at     INTEGER NOT NULL,
    audio_ms       INTEGER NOT NULL,
    gaps           BLOB NOT NULL,
    group_id       TEXT NOT NULL,
    codec          TEXT NOT NULL,
    sample_rate_hz INTEGER NOT NULL,
    complete       INTEGER NOT NULL,
    payload_sha256 TEXT NOT NULL,
    payload_bytes  INTEGER NOT NULL,
    header         BLOB NOT NULL,
    tail           BLOB NOT NULL,
    reviewed_by    TEXT NOT NULL DEFAULT '',
    reviewed_at    INTEGER,
    tags           BLOB NOT NULL DEFAULT x'5b5d'
) STRICT;
CREATE INDEX recordings_by_time ON recordings (started_at, n, contact_id);
CREATE INDEX recordings_by_number ON recordings (number);
CREATE INDEX recordings_by_call ON recordings (call_id);
CREATE INDEX recordings_by_contact ON recordings (contact_id) WHERE contact_id IS NOT NULL;
CREATE TABLE recording_keys (
    recording_id  TEXT PRIMARY KEY REFERENCES recordings (id) ON DELETE CASCADE,
    recording_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE notes (
    n            INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    author       TEXT NOT NULL,
    author_name  TEXT NOT NULL,
    written_at   INTEGER NOT NULL,
    text         TEXT NOT NULL,
    contact_id   TEXT,
    call_id      TEXT,
    recording_id TEXT,
    at_ms        INTEGER
) STRICT;
CREATE INDEX notes_by_contact ON notes (contact_id, written_at) WHERE contact_id IS NOT NULL;
CREATE INDEX notes_by_call ON notes (call_id, written_at) WHERE call_id IS NOT NULL;
CREATE INDEX notes_by_recording ON notes (recording_id, written_at) WHERE recording_id IS NOT NULL;

CREATE VIRTUAL TABLE contacts_fts USING fts5 (words, prefix='2 3');
CREATE VIRTUAL TABLE calls_fts USING fts5 (words, prefix='2 3');
CREATE VIRTUAL TABLE recordings_fts USING fts5 (words, prefix='2 3');
INSERT INTO contacts_fts (contacts_fts, rank) VALUES ('secure-delete', 1);
INSERT INTO calls_fts (calls_fts, rank) VALUES ('secure-delete', 1);
INSERT INTO recordings_fts (recordings_fts, rank) VALUES ('secure-delete', 1);

-- Erasures under way and done. `needles` (sealed) is what remains are searched by; emptied at the end.
CREATE TABLE erasures (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    step        TEXT NOT NULL,
    reason      TEXT NOT NULL,
    actor       TEXT NOT NULL,
    executed_at INTEGER NOT NULL,
    contacts    BLOB NOT NULL,
    numbers     BLOB NOT NULL,
    recordings  BLOB NOT NULL,
    needles     BLOB NOT NULL,
    counts      BLOB NOT NULL,
    remains     INTEGER NOT NULL DEFAULT 0,
    entry_index INTEGER NOT NULL DEFAULT -1,
    checkpoint  TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
-- Remove wins: what was erased does not come back from a journal, an edit or another device.
CREATE TABLE erased_objects (
    id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE erased_subjects (
    pseudonym   TEXT PRIMARY KEY,
    executed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox_tombstones (
    erasure   TEXT PRIMARY KEY,
    tombstone BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE seen_tombstones (
    erasure  TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
