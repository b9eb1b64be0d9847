-- The streams that a follower has given up on.
SELECT stream FROM views.parked WHERE follower = %(follower)s
