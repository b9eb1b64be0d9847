-- One event's changes to a case: what is not given stays, what is asked, ordered and paid is added; a case that is
-- open again has no outcome.
UPDATE views.case_file SET
    version = %(version)s,
    last_at = %(at)s,
    stage = coalesce(%(stage)s, stage),
    conflicts = array_remove(conflicts || %(conflict)s::text, NULL),
    outcome = CASE WHEN coalesce(%(stage)s, stage) = 'closed' THEN coalesce(%(outcome)s, outcome) END,
    asked_minor = asked_minor + %(asked_minor)s,
    awarded_minor = coalesce(%(awarded_minor)s, awarded_minor),
    ordered_minor = ordered_minor + %(ordered_minor)s,
    paid_minor = paid_minor + %(paid_minor)s
WHERE dispute = %(dispute)s
