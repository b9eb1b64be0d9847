-- A clock runs; it takes the place of the one before.
INSERT INTO views.deadlines (dispute, platform, clock, due_at)
VALUES (%(dispute)s, %(platform)s, %(clock)s, %(due_at)s)
ON CONFLICT (dispute) DO UPDATE SET clock = EXCLUDED.clock, due_at = EXCLUDED.due_at
