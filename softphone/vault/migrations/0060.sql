-- What reviewers answered about recordings, with the questions as they were asked; goes with them.
CREATE TABLE scores (
    recording_id  TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    reviewer      TEXT NOT NULL,
    reviewer_name TEXT NOT NULL,
    scored_at     INTEGER NOT NULL,
    answers       BLOB NOT NULL,
    PRIMARY KEY (recording_id, reviewer)
) STRICT, WITHOUT ROWID;
