-- The follower has come this far, in the same commit as what it did.
UPDATE views.notification_tracking SET notification_id = %(position)s WHERE application_name = %(follower)s
