-- How far these followers have come, at least; none where one of them has not begun.
SELECT coalesce(min(notification_id), 0) FROM views.notification_tracking WHERE application_name = ANY(%(followers)s)
HAVING count(*) = cardinality(%(followers)s)
