-- Which of these commands are stored, where, and by which try: asked when the answer to an append was lost on the way.
SELECT command_id, first_position, last_position, event_id
FROM events.commands JOIN events.stored_events ON notification_id = first_position
WHERE command_id = ANY(%(command_ids)s)
