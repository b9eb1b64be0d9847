-- An arbitrator gave the case back or may not hear it: if it was theirs, nobody has it.
UPDATE views.queue SET arbitrator = NULL WHERE dispute = %(dispute)s AND arbitrator = %(arbitrator)s
