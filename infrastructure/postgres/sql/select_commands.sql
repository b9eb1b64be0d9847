-- Which of these commands are stored, and where: asked when the answer to an append was lost on the way.
SELECT command_id, first_position, last_position FROM events.commands WHERE command_id = ANY(%(command_ids)s)
