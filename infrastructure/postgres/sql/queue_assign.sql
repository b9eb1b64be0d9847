-- An arbitrator has the case.
UPDATE views.queue SET arbitrator = %(arbitrator)s WHERE dispute = %(dispute)s
