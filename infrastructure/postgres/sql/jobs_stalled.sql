-- Jobs that nobody carries out any more: their worker is gone or silent, or they take longer than anything takes.
-- The last is so where a worker lives on that could not write down how its job had ended.
SELECT job.id, job.attempts FROM jobs.procrastinate_jobs AS job
LEFT JOIN jobs.procrastinate_workers AS worker ON worker.id = job.worker_id
WHERE job.status = 'doing' AND (
    worker.id IS NULL
    OR worker.last_heartbeat < now() - make_interval(secs => %(silent_s)s)
    OR now() - make_interval(secs => %(doing_s)s) > (
        SELECT max(event.at) FROM jobs.procrastinate_events AS event
        WHERE event.job_id = job.id AND event.type = 'started'
    )
)
