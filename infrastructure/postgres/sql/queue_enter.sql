-- A case waits for the platform; where it waits already only the cause is new.
INSERT INTO views.queue (dispute, platform, since, because)
VALUES (%(dispute)s, %(platform)s, %(since)s, %(because)s)
ON CONFLICT (dispute) DO UPDATE SET because = excluded.because
