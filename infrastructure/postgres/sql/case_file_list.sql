-- A page of the cases that a caller may list, newest first; the cursor is the last row of the page before. The clock
-- is the one that runs out next of those that do not stand still.
SELECT case_file.dispute, number, buyer, merchant, order_id, filed_at, currency, asked_minor, awarded_minor, ordered_minor,
    paid_minor, stage, outcome, clock, due_at, version
FROM views.case_file
LEFT JOIN LATERAL (
    SELECT deadlines.clock, deadlines.due_at FROM views.deadlines
    WHERE deadlines.dispute = case_file.dispute AND NOT paused
    ORDER BY deadlines.due_at LIMIT 1
) AS next ON true
WHERE case_file.platform = %(platform)s
    AND (%(buyer)s::text IS NULL OR buyer = %(buyer)s)
    AND (%(merchant)s::text IS NULL OR merchant = %(merchant)s)
    AND (%(arbitrator)s::text IS NULL OR %(arbitrator)s <> ALL(conflicts))
    AND (%(stage)s::text IS NULL OR stage = %(stage)s)
    AND (%(order_id)s::text IS NULL OR order_id = %(order_id)s)
    AND (%(number)s::text IS NULL OR number = %(number)s)
    AND (%(filed_before)s::timestamptz IS NULL OR (filed_at, dispute) < (%(filed_before)s, %(dispute_before)s::uuid))
ORDER BY filed_at DESC, dispute DESC
LIMIT %(limit)s
