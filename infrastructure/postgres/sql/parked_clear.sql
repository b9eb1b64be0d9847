-- A rebuild tries again what was set aside.
DELETE FROM views.parked WHERE follower = %(follower)s
