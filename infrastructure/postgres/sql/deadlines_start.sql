-- A clock runs; it takes the place of the one that had its key.
INSERT INTO views.deadlines (dispute, platform, clock, due_at, paused)
VALUES (%(dispute)s, %(platform)s, %(clock)s, %(due_at)s, %(paused)s)
ON CONFLICT (dispute, clock) DO UPDATE SET due_at = EXCLUDED.due_at, paused = EXCLUDED.paused
