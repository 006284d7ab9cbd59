-- Keys that recordings from other workstations are sealed for; each is destroyed when it ends.
CREATE TABLE handover_keys (
    recipient  TEXT PRIMARY KEY,
    team       TEXT NOT NULL,
    seed       BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Which recordings came from another workstation, and who is heard as the agent there.
CREATE TABLE received_recordings (
    recording_id TEXT PRIMARY KEY REFERENCES recordings (id) ON DELETE CASCADE,
    package      TEXT NOT NULL UNIQUE,
    device       TEXT NOT NULL,
    agent_name   TEXT NOT NULL,
    received_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
