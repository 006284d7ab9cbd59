-- Who else is heard in a recording is found by the calls that it went on in.
CREATE INDEX calls_by_recording ON calls (recording_id) WHERE recording_id IS NOT NULL;
