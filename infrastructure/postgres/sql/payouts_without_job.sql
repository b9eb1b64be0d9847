-- What still wants to be paid and nobody is going to: its job was lost, or never enqueued.
SELECT payout::text, platform FROM views.payouts
WHERE state IN ('ordered', 'sent', 'failed', 'unknown')
    AND NOT EXISTS (
        SELECT FROM jobs.procrastinate_jobs AS job WHERE job.lock = payout::text AND job.status IN ('todo', 'doing')
    )
ORDER BY payout
LIMIT %(limit)s
