-- No clock of this dispute runs.
DELETE FROM views.deadlines WHERE dispute = %(dispute)s
