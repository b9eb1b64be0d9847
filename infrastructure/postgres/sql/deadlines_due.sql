-- Clocks that have run out by the service's own time, the longest overdue first.
SELECT dispute, platform, clock, due_at FROM views.deadlines
WHERE due_at <= events.clock_now()
ORDER BY due_at
LIMIT %(limit)s
