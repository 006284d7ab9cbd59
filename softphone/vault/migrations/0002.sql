-- Erasures that came from a device which the policy does not endorse: not carried out, not lost.
CREATE TABLE held_tombstones (
    digest    TEXT PRIMARY KEY,
    device    TEXT NOT NULL,
    position  INTEGER NOT NULL,
    tombstone BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- Forged ones, by digest: each is written to the log once, however often it comes.
CREATE TABLE forged_tombstones (
    digest TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
