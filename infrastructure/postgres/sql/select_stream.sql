-- A stream in its order, from after a version up to another: what deciders and replays read.
SELECT notification_id, originator_id, originator_version, event_id, recorded_at, metadata, topic, state
FROM events.stored_events
WHERE originator_id = %(stream)s AND originator_version > %(after)s AND originator_version <= %(up_to)s
ORDER BY originator_version
