-- One agent's own history, walked back in time.
CREATE INDEX calls_by_agent ON calls (agent, started_at, n, contact_id);
