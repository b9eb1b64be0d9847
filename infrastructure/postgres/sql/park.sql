-- A stream that could not be followed is set aside from this event on.
INSERT INTO views.parked (follower, stream, position, reason)
VALUES (%(follower)s, %(stream)s, %(position)s, %(reason)s) ON CONFLICT DO NOTHING
