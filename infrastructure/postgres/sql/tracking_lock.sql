-- Where a follower stands, held until it has moved on: two of the same name take turns.
SELECT notification_id FROM views.notification_tracking WHERE application_name = %(follower)s FOR UPDATE
