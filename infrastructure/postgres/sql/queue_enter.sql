-- A case waits for the platform.
INSERT INTO views.queue (dispute, platform, since, because)
VALUES (%(dispute)s, %(platform)s, %(since)s, %(because)s)
