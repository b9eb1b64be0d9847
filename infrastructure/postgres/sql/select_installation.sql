-- What this installation is, for start-up to compare with what it was told.
SELECT environment FROM events.installation
