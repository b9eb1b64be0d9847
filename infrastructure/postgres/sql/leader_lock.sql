-- Who holds this leads the followers; the others stand by. Held as long as the session lives.
SELECT pg_try_advisory_lock(4741656202)
