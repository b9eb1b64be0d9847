-- The case waits no longer.
DELETE FROM views.queue WHERE dispute = %(dispute)s
