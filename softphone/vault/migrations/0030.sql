-- The fleet's policy as its administrator signed it; only the newest one is kept.
CREATE TABLE fleet_policy (
    version INTEGER PRIMARY KEY,
    note    TEXT NOT NULL,
    etag    TEXT NOT NULL
) STRICT;
