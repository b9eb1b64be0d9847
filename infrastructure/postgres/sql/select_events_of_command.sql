-- What a command stored: its events stand side by side, so its first and last position are enough to find them.
SELECT notification_id, originator_id, originator_version, event_id, recorded_at, metadata, topic, state
FROM events.commands
JOIN events.stored_events ON notification_id BETWEEN first_position AND last_position
WHERE command_id = %(command_id)s
ORDER BY notification_id
