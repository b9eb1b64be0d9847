-- The service's one time.
SELECT events.clock_now()
