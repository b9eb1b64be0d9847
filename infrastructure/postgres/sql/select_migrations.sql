-- What has been applied, to be compared with what this release brings.
SELECT name, digest FROM events.migrations ORDER BY name
