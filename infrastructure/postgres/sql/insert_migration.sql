-- Recorded in the same transaction as the migration itself, so that neither stands without the other.
INSERT INTO events.migrations (name, digest) VALUES (%(name)s, %(digest)s)
