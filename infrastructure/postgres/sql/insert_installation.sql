-- The first migration says what this installation is; whoever comes later finds it said.
INSERT INTO events.installation (environment) VALUES (%(environment)s) ON CONFLICT DO NOTHING
