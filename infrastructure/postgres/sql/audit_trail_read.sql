-- A page of a case's trail, read from the log itself, in its order.
SELECT notification_id, originator_id, originator_version, event_id, recorded_at, metadata, topic, stored_events.state
FROM views.audit_trail
JOIN events.stored_events ON originator_id = stream AND originator_version = audit_trail.version
WHERE dispute = %(dispute)s AND position > %(after)s
ORDER BY position
LIMIT %(limit)s
