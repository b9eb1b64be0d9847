-- Where each follower stands in the log, how many streams it has set aside, and the first event that it could not follow.
SELECT application_name, notification_id, count(stream), min(position)
FROM views.notification_tracking LEFT JOIN views.parked ON follower = application_name
WHERE application_name <> '__migration__'
GROUP BY application_name, notification_id
ORDER BY application_name
