-- Whether any migration has ever run: asking for the status must not create anything.
SELECT to_regclass('events.migrations') IS NOT NULL
