-- Registers of the privacy centre. Every change is a revision of its own; the newest is current.
CREATE TABLE register_entries (
    id         TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    register   TEXT NOT NULL,
    fields     BLOB NOT NULL,
    due_at     INTEGER,
    removed    INTEGER NOT NULL DEFAULT 0,
    newest     INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (id, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX register_newest ON register_entries (register, changed_at) WHERE newest = 1;
-- Who accepted an agreement or finished a training, in which version.
CREATE TABLE acknowledgements (
    entry_id    TEXT NOT NULL,
    revision    INTEGER NOT NULL,
    text_sha256 TEXT NOT NULL,
    person      TEXT NOT NULL,
    person_name TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (entry_id, revision, person, at)
) STRICT, WITHOUT ROWID;

-- What data subjects asked for. `body` holds what is personal; an erasure empties it.
CREATE TABLE privacy_requests (
    n           INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,
    contact_id  TEXT,
    received_at INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    closed_at   INTEGER,
    body        BLOB NOT NULL
) STRICT;
CREATE INDEX privacy_requests_by_due ON privacy_requests (state, due_at);
CREATE INDEX privacy_requests_by_contact ON privacy_requests (contact_id)
    WHERE contact_id IS NOT NULL;

-- Restricted processing (GDPR Art. 18) and legal holds (Art. 17(3)).
CREATE TABLE restrictions (
    contact_id     TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    kind           TEXT NOT NULL,
    since          INTEGER NOT NULL,
    person         TEXT NOT NULL,
    person_name    TEXT NOT NULL,
    reason         TEXT NOT NULL,
    erasure_queued INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (contact_id, kind)
) STRICT, WITHOUT ROWID;
-- The group that a restricted recording's header is sealed for besides; empty while unrestricted.
ALTER TABLE recordings ADD COLUMN restricted_for TEXT NOT NULL DEFAULT '';

-- What a rectification (GDPR Art. 16) replaced.
CREATE TABLE rectifications (
    n           INTEGER PRIMARY KEY,
    contact_id  TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    at          INTEGER NOT NULL,
    person      TEXT NOT NULL,
    person_name TEXT NOT NULL,
    reason      TEXT NOT NULL,
    before      BLOB NOT NULL,
    after       BLOB NOT NULL
) STRICT;
CREATE INDEX rectifications_by_contact ON rectifications (contact_id, at);

CREATE TABLE retention_runs (
    n      INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    person TEXT NOT NULL,
    counts BLOB NOT NULL
) STRICT;
CREATE INDEX notes_by_time ON notes (written_at);

-- Notes of others that mention the person and that a human chose to erase as well.
ALTER TABLE erasures ADD COLUMN notes BLOB NOT NULL DEFAULT x'5b5d';
-- Whether a name is only one person's is asked before it is searched for.
CREATE INDEX calls_by_shown_name ON calls (shown_name);
