-- Where the log lives; made by the runner because its own records stand in it too.
CREATE SCHEMA IF NOT EXISTS events
