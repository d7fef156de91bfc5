-- What may be done to jobs by hand. A job that was locked four hours ago counts as abandoned.

CREATE FUNCTION {schema}.complete_jobs(job_ids bigint[])
RETURNS SETOF {schema}._private_jobs
LANGUAGE sql
AS $pgjobs$
  DELETE FROM {schema}._private_jobs j
  WHERE j.id = ANY (job_ids)
    AND (j.locked_at IS NULL OR j.locked_at < now() - interval '4 hours')
  RETURNING j.*
$pgjobs$;

CREATE FUNCTION {schema}.permanently_fail_jobs(job_ids bigint[], error_message text DEFAULT NULL::text)
RETURNS SETOF {schema}._private_jobs
LANGUAGE sql
AS $pgjobs$
  UPDATE {schema}._private_jobs j SET
    attempts = j.max_attempts,
    last_error = coalesce(error_message, 'Manually marked as failed'),
    updated_at = now()
  WHERE j.id = ANY (job_ids)
    AND (j.locked_at IS NULL OR j.locked_at < now() - interval '4 hours')
  RETURNING j.*
$pgjobs$;

CREATE FUNCTION {schema}.reschedule_jobs(
  job_ids bigint[],
  run_at timestamptz DEFAULT NULL::timestamptz,
  priority integer DEFAULT NULL::integer,
  attempts integer DEFAULT NULL::integer,
  max_attempts integer DEFAULT NULL::integer
) RETURNS SETOF {schema}._private_jobs
LANGUAGE sql
AS $pgjobs$
  UPDATE {schema}._private_jobs j SET
    run_at = coalesce(reschedule_jobs.run_at, j.run_at),
    priority = coalesce(reschedule_jobs.priority::smallint, j.priority),
    attempts = coalesce(reschedule_jobs.attempts::smallint, j.attempts),
    max_attempts = coalesce(reschedule_jobs.max_attempts::smallint, j.max_attempts),
    updated_at = now()
  WHERE j.id = ANY (job_ids)
    AND (j.locked_at IS NULL OR j.locked_at < now() - interval '4 hours')
  RETURNING j.*
$pgjobs$;

CREATE FUNCTION {schema}.remove_job(job_key text)
RETURNS {schema}._private_jobs
LANGUAGE plpgsql STRICT
AS $pgjobs$
DECLARE
  v_job {schema}._private_jobs;
BEGIN
  DELETE FROM {schema}._private_jobs j
  WHERE j.key = job_key AND (j.locked_at IS NULL OR j.locked_at < now() - interval '4 hours')
  RETURNING j.* INTO v_job;
  IF v_job.id IS NOT NULL THEN
    PERFORM pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":-1}');
    RETURN v_job;
  END IF;

  -- It runs: it may come to its end, but it is not tried again.
  UPDATE {schema}._private_jobs j SET
    key = NULL, attempts = j.max_attempts, updated_at = now()
  WHERE j.key = job_key
  RETURNING j.* INTO v_job;
  RETURN v_job;
END
$pgjobs$;

CREATE FUNCTION {schema}.force_unlock_workers(worker_ids text[])
RETURNS void
LANGUAGE sql
AS $pgjobs$
  UPDATE {schema}._private_jobs j SET locked_at = NULL, locked_by = NULL, updated_at = now()
  WHERE j.locked_by = ANY (worker_ids);
  UPDATE {schema}._private_job_queues q SET locked_at = NULL, locked_by = NULL
  WHERE q.locked_by = ANY (worker_ids);
$pgjobs$;
