-- Who came by a transfer into a recording of another workstation: their calls are there, not here.
CREATE TABLE heard_people (
    n            INTEGER PRIMARY KEY,
    recording_id TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    contact_id   TEXT REFERENCES contacts (id) ON DELETE SET NULL,
    number       TEXT NOT NULL
) STRICT;
CREATE INDEX heard_people_by_recording ON heard_people (recording_id);
CREATE INDEX heard_people_by_contact ON heard_people (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX heard_people_by_number ON heard_people (number);
