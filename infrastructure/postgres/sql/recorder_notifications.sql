-- The log as the library's recorder selects it, with its envelope; no topics means all.
SELECT originator_id, originator_version, topic, state, notification_id AS id, event_id, metadata, recorded_at
FROM events.stored_events
WHERE notification_id >= %(first)s AND notification_id <= %(last)s
    AND (cardinality(%(topics)s::text[]) = 0 OR topic = ANY(%(topics)s::text[]))
ORDER BY notification_id
LIMIT %(limit)s
