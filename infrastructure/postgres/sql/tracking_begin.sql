-- A follower that has not begun stands before the first event.
INSERT INTO views.notification_tracking (application_name, notification_id)
VALUES (%(follower)s, 0) ON CONFLICT DO NOTHING
