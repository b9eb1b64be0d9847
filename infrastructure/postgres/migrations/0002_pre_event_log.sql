-- The log: one table of events that is only ever added to, and which command stored which of them.

-- The table and the type are those that the eventsourcing library (9.5) makes, so that its readers and tools run on
-- them; the last three columns are ours and carry the envelope. A test compares both.
CREATE TABLE events.stored_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text,
    state bytea,
    notification_id bigserial,
    event_id uuid NOT NULL,
    -- Bytes and not jsonb: proofs hash what was written.
    metadata bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (originator_id, originator_version),
    CONSTRAINT stored_events_state_limit CHECK (octet_length(state) <= 65536)
) WITH (
    autovacuum_enabled = true,
    autovacuum_vacuum_threshold = 100000000,
    autovacuum_vacuum_scale_factor = 0.5,
    autovacuum_analyze_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01
);

CREATE UNIQUE INDEX stored_events_notification_id_idx ON events.stored_events (notification_id ASC);

-- Audit asks what was known at a time.
CREATE INDEX stored_events_recorded_at_idx ON events.stored_events (recorded_at);

CREATE TYPE events.stored_event_uuid AS (originator_id uuid, originator_version bigint, topic text, state bytea);

-- A command is stored once for ever; its events stand side by side in the log.
CREATE TABLE events.commands (
    command_id uuid PRIMARY KEY,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    CHECK (first_position <= last_position)
);

-- No grant can stop the owner's slip; this does.
CREATE TRIGGER stored_events_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON events.stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION events.refuse_change();
CREATE TRIGGER commands_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON events.commands
    FOR EACH STATEMENT EXECUTE FUNCTION events.refuse_change();

-- Also where a session or a replica has switched ordinary triggers off.
ALTER TABLE events.stored_events ENABLE ALWAYS TRIGGER stored_events_never_change;
ALTER TABLE events.commands ENABLE ALWAYS TRIGGER commands_never_change;

GRANT SELECT ON events.stored_events, events.commands TO gongduan_service;
