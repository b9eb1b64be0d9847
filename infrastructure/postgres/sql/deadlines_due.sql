-- A page of the clocks that have run out by the service's own time, the longest overdue first. The time is asked once,
-- in a query of its own: asked for each row it could not be looked up in the index, and every clock would be read.
SELECT dispute, platform, clock, due_at FROM views.deadlines
WHERE due_at <= (SELECT events.clock_now()) AND (due_at, dispute, clock) > (%(after)s, %(after_dispute)s, %(after_clock)s)
ORDER BY due_at, dispute, clock
LIMIT %(limit)s
