-- The last position of the log.
SELECT coalesce(max(notification_id), 0) FROM events.stored_events
