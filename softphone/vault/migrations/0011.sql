-- Legal bases by contact and purpose: every change is kept, the newest one stands.
CREATE TABLE purposes (
    key      TEXT PRIMARY KEY,
    title    TEXT NOT NULL,
    in_call  INTEGER NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO purposes VALUES
    ('recording', 'Recording of calls', 1, 0), ('marketing', 'Marketing calls', 1, 1);
CREATE TABLE consents (
    n          INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    purpose    TEXT NOT NULL,
    change     TEXT NOT NULL,
    basis      TEXT NOT NULL,
    source     TEXT NOT NULL,
    at         INTEGER NOT NULL,
    by_user    TEXT NOT NULL,
    by_name    TEXT NOT NULL,
    version    INTEGER NOT NULL,
    language   TEXT NOT NULL,
    expires_at INTEGER,
    call_id    TEXT,
    at_ms      INTEGER,
    note       TEXT NOT NULL,
    run        TEXT
) STRICT;
CREATE INDEX consents_by_contact ON consents (contact_id, purpose, n);
CREATE INDEX consents_by_run ON consents (run) WHERE run IS NOT NULL;
CREATE INDEX consents_by_purpose ON consents (purpose, n);

-- What people are told and asked, by topic, version and language; versions never change.
CREATE TABLE info_texts (
    topic      TEXT NOT NULL,
    version    INTEGER NOT NULL,
    language   TEXT NOT NULL,
    text       TEXT NOT NULL,
    audio      BLOB,
    written_at INTEGER NOT NULL,
    by_name    TEXT NOT NULL,
    PRIMARY KEY (topic, version, language)
) STRICT, WITHOUT ROWID;
CREATE TABLE informed (
    n          INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    call_id    TEXT NOT NULL,
    contact_id TEXT REFERENCES contacts (id) ON DELETE CASCADE,
    topic      TEXT NOT NULL,
    version    INTEGER NOT NULL,
    language   TEXT NOT NULL,
    how        TEXT NOT NULL,
    at         INTEGER NOT NULL,
    by_user    TEXT NOT NULL,
    by_name    TEXT NOT NULL
) STRICT;
CREATE INDEX informed_by_call ON informed (call_id);
CREATE INDEX informed_by_contact ON informed (contact_id) WHERE contact_id IS NOT NULL;

-- Numbers that must not be called for marketing: keyed hashes, so that the list names nobody.
CREATE TABLE do_not_call_lists (
    id          TEXT PRIMARY KEY,
    title       TEXT NOT NULL,
    imported_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE do_not_call (
    hash    BLOB NOT NULL,
    list_id TEXT NOT NULL REFERENCES do_not_call_lists (id) ON DELETE CASCADE,
    PRIMARY KEY (hash, list_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX do_not_call_by_list ON do_not_call (list_id);
