-- A stream as the library's recorder selects it, with its envelope; missing bounds arrive as the widest ones.
SELECT originator_id, originator_version, topic, state, notification_id AS id, event_id, metadata, recorded_at
FROM events.stored_events
WHERE originator_id = %(stream)s AND originator_version > %(after)s AND originator_version <= %(up_to)s
ORDER BY originator_version
LIMIT %(limit)s
