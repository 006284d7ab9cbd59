-- Contacts as people keep them: what they are, whom they work for, several addresses, tags.
ALTER TABLE contacts ADD COLUMN kind TEXT NOT NULL DEFAULT 'person';
ALTER TABLE contacts ADD COLUMN employer TEXT;
ALTER TABLE contacts ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE contacts ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
-- What similar names share; empty until it is first asked for.
ALTER TABLE contacts ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
CREATE INDEX contacts_by_name_key ON contacts (name_key);
CREATE INDEX contacts_by_employer ON contacts (employer) WHERE employer IS NOT NULL;
ALTER TABLE contact_numbers ADD COLUMN label TEXT NOT NULL DEFAULT '';
CREATE TABLE contact_emails (
    contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    email      TEXT NOT NULL,
    folded     TEXT NOT NULL,
    PRIMARY KEY (contact_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_emails_by_folded ON contact_emails (folded);
INSERT INTO contact_emails SELECT id, 0, email, lower(email) FROM contacts WHERE email <> '';

-- Merges, with what they took apart again; they go with the contact that was kept.
CREATE TABLE contact_merges (
    id     TEXT PRIMARY KEY,
    at     INTEGER NOT NULL,
    kept   TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    other  TEXT NOT NULL,
    before BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_merges_by_kept ON contact_merges (kept);

-- Runs of the import; `before` is the contact as it was, NULL where the run made it.
CREATE TABLE import_runs (
    id      TEXT PRIMARY KEY,
    at      INTEGER NOT NULL,
    by_name TEXT NOT NULL,
    format  TEXT NOT NULL,
    state   TEXT NOT NULL,
    created INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE import_changes (
    run        TEXT NOT NULL REFERENCES import_runs (id) ON DELETE CASCADE,
    contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    before     BLOB,
    after      INTEGER NOT NULL,
    PRIMARY KEY (run, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_changes_by_contact ON import_changes (contact_id);
