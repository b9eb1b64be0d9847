-- A page of the queue, longest waiting first, with what the list shows of each case; without those in which the caller
-- has declared a conflict.
SELECT queue.dispute, number, since, because, arbitrator, currency, asked_minor, stage, order_id
FROM views.queue JOIN views.case_file USING (dispute)
WHERE queue.platform = %(platform)s
    AND %(caller)s::text <> ALL(conflicts)
    AND (NOT %(free)s OR arbitrator IS NULL)
    AND (%(since_after)s::timestamptz IS NULL OR (since, queue.dispute) > (%(since_after)s, %(dispute_after)s::uuid))
ORDER BY since, queue.dispute
LIMIT %(limit)s
