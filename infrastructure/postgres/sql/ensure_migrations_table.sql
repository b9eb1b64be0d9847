-- Which migrations a database has had, and what each said then, so that a file edited later is noticed.
CREATE TABLE IF NOT EXISTS events.migrations (
    name text PRIMARY KEY,
    digest text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
