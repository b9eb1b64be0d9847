-- The log after a position: positions appear in order, so whoever goes on from the last one misses nothing.
SELECT notification_id, originator_id, originator_version, event_id, recorded_at, metadata, topic, state
FROM events.stored_events
WHERE notification_id > %(after)s
ORDER BY notification_id
LIMIT %(limit)s
