-- add_jobs and add_job with the behaviour of revision 20: names that are known already cost no identity value.

CREATE OR REPLACE FUNCTION {schema}.add_jobs(
  specs {schema}.job_spec[],
  job_key_preserve_run_at boolean DEFAULT false
) RETURNS SETOF {schema}._private_jobs
LANGUAGE plpgsql
AS $pgjobs$
DECLARE
  v_keyed bigint;
  v_job {schema}._private_jobs;
  v_spec record;
BEGIN
  SELECT count(s.job_key) INTO v_keyed FROM unnest(specs) s;
  IF v_keyed > (SELECT count(DISTINCT s.job_key) FROM unnest(specs) s) THEN
    RAISE EXCEPTION 'add_jobs was given the same job_key twice'
      USING ERRCODE = 'cardinality_violation', HINT = 'Leave the last job of each key, or call twice.';
  END IF;

  INSERT INTO {schema}._private_tasks AS t (identifier)
    SELECT DISTINCT s.identifier FROM unnest(specs) s
    WHERE NOT EXISTS (SELECT FROM {schema}._private_tasks k WHERE k.identifier = s.identifier)
    ORDER BY s.identifier
  ON CONFLICT DO NOTHING;
  INSERT INTO {schema}._private_job_queues AS q (queue_name)
    SELECT DISTINCT s.queue_name FROM unnest(specs) s
    WHERE s.queue_name IS NOT NULL
      AND NOT EXISTS (SELECT FROM {schema}._private_job_queues k WHERE k.queue_name = s.queue_name)
    ORDER BY s.queue_name
  ON CONFLICT DO NOTHING;

  RETURN QUERY
    INSERT INTO {schema}._private_jobs AS j
      (job_queue_id, task_id, payload, run_at, max_attempts, priority, flags)
    SELECT
      q.id, t.id, coalesce(s.payload, '{}'), coalesce(s.run_at, now()),
      coalesce(s.max_attempts, 25), coalesce(s.priority, 0),
      (SELECT jsonb_object_agg(f.flag, true) FROM unnest(s.flags) f (flag))
    FROM unnest(specs) s
      JOIN {schema}._private_tasks t ON t.identifier = s.identifier
      LEFT JOIN {schema}._private_job_queues q ON q.queue_name = s.queue_name
    WHERE s.job_key IS NULL
    RETURNING j.*;

  -- One by one, in the order of their keys so that two callers cannot wait for each other.
  FOR v_spec IN
    SELECT
      s.job_key, t.id AS task_id, q.id AS job_queue_id, coalesce(s.payload, '{}') AS payload,
      coalesce(s.run_at, now()) AS run_at, coalesce(s.max_attempts, 25::smallint) AS max_attempts,
      coalesce(s.priority, 0::smallint) AS priority,
      (SELECT jsonb_object_agg(f.flag, true) FROM unnest(s.flags) f (flag)) AS flags
    FROM unnest(specs) s
      JOIN {schema}._private_tasks t ON t.identifier = s.identifier
      LEFT JOIN {schema}._private_job_queues q ON q.queue_name = s.queue_name
    WHERE v_keyed > 0 AND s.job_key IS NOT NULL
    ORDER BY s.job_key
  LOOP
    -- The key may come or go between our look and our insert, but hardly a hundred times.
    FOR i IN 1..100 LOOP
      SELECT * INTO v_job FROM {schema}._private_jobs j WHERE j.key = v_spec.job_key FOR UPDATE;
      IF NOT FOUND THEN
        INSERT INTO {schema}._private_jobs AS j
          (job_queue_id, task_id, payload, run_at, max_attempts, priority, flags, key)
        VALUES
          (v_spec.job_queue_id, v_spec.task_id, v_spec.payload, v_spec.run_at, v_spec.max_attempts,
           v_spec.priority, v_spec.flags, v_spec.job_key)
        ON CONFLICT (key) DO NOTHING
        RETURNING j.* INTO v_job;
        EXIT WHEN FOUND;
      ELSIF v_job.is_available THEN
        UPDATE {schema}._private_jobs AS j SET
          job_queue_id = v_spec.job_queue_id,
          task_id = v_spec.task_id,
          payload =
            CASE WHEN json_typeof(j.payload) = 'array' AND json_typeof(v_spec.payload) = 'array'
              THEN (
                SELECT coalesce(json_agg(e.value ORDER BY e.part, e.n), '[]')
                FROM (
                  SELECT 1 AS part, o.n, o.value
                  FROM json_array_elements(j.payload) WITH ORDINALITY o (value, n)
                  UNION ALL
                  SELECT 2, o.n, o.value
                  FROM json_array_elements(v_spec.payload) WITH ORDINALITY o (value, n)
                ) e)
              ELSE v_spec.payload END,
          run_at =
            CASE WHEN job_key_preserve_run_at AND j.attempts = 0 THEN j.run_at ELSE v_spec.run_at END,
          max_attempts = v_spec.max_attempts,
          priority = v_spec.priority,
          flags = v_spec.flags,
          attempts = 0,
          last_error = NULL,
          revision = j.revision + 1,
          updated_at = now()
        WHERE j.id = v_job.id
        RETURNING j.* INTO v_job;
        EXIT;
      ELSE
        -- It runs, or it is dead: it shall not run again, and gives its key to the new one.
        UPDATE {schema}._private_jobs AS j SET
          key = NULL, attempts = j.max_attempts, updated_at = now()
        WHERE j.id = v_job.id;
        v_job := NULL;
      END IF;
    END LOOP;
    IF v_job.id IS NULL THEN
      RAISE EXCEPTION 'the job with key % could not be added for all its concurrent changes', v_spec.job_key
        USING ERRCODE = 'serialization_failure', HINT = 'Try again.';
    END IF;
    RETURN NEXT v_job;
    v_job := NULL;
  END LOOP;

  IF array_length(specs, 1) > 0 THEN
    PERFORM pg_notify('jobs:insert',
      '{"r":' || random()::text || ',"count":' || array_length(specs, 1)::text || '}');
  END IF;
END
$pgjobs$;

CREATE OR REPLACE FUNCTION {schema}.add_job(
  identifier text,
  payload json DEFAULT NULL::json,
  queue_name text DEFAULT NULL::text,
  run_at timestamptz DEFAULT NULL::timestamptz,
  max_attempts integer DEFAULT NULL::integer,
  job_key text DEFAULT NULL::text,
  priority integer DEFAULT NULL::integer,
  flags text[] DEFAULT NULL::text[],
  job_key_mode text DEFAULT 'replace'::text
) RETURNS {schema}._private_jobs
LANGUAGE plpgsql
AS $pgjobs$
DECLARE
  v_task integer;
  v_queue integer;
  v_job {schema}._private_jobs;
BEGIN
  -- PostgreSQL takes an untyped JSON literal as third argument for the queue's name.
  IF queue_name ~ '^\{\s*["}]' AND run_at IS NULL AND max_attempts IS NULL AND job_key IS NULL
    AND priority IS NULL AND flags IS NULL
    AND to_regprocedure({schema-text} || '.add_job(text, json, json)') IS NOT NULL
  THEN
    RETURN {schema}.add_job(add_job.identifier, add_job.payload, add_job.queue_name::json);
  END IF;

  IF job_key IS NOT NULL AND coalesce(job_key_mode, 'replace') IN ('replace', 'preserve_run_at') THEN
    SELECT * INTO v_job
    FROM {schema}.add_jobs(
      ARRAY[(
        identifier, payload, queue_name, run_at, max_attempts::smallint, job_key, priority::smallint, flags
      )::{schema}.job_spec],
      coalesce(job_key_mode, 'replace') = 'preserve_run_at');
    RETURN v_job;
  ELSIF job_key IS NOT NULL AND job_key_mode <> 'unsafe_dedupe' THEN
    RAISE EXCEPTION 'Invalid job_key_mode value, expected ''replace'', ''preserve_run_at'' or ''unsafe_dedupe''.'
      USING ERRCODE = 'GWBKM';
  END IF;

  SELECT t.id INTO v_task FROM {schema}._private_tasks t WHERE t.identifier = add_job.identifier;
  IF v_task IS NULL THEN
    INSERT INTO {schema}._private_tasks AS t (identifier) VALUES (add_job.identifier)
      ON CONFLICT DO NOTHING RETURNING t.id INTO v_task;
    IF v_task IS NULL THEN
      SELECT t.id INTO v_task FROM {schema}._private_tasks t WHERE t.identifier = add_job.identifier;
    END IF;
  END IF;
  IF queue_name IS NOT NULL THEN
    SELECT q.id INTO v_queue FROM {schema}._private_job_queues q WHERE q.queue_name = add_job.queue_name;
    IF v_queue IS NULL THEN
      INSERT INTO {schema}._private_job_queues AS q (queue_name) VALUES (add_job.queue_name)
        ON CONFLICT DO NOTHING RETURNING q.id INTO v_queue;
      IF v_queue IS NULL THEN
        SELECT q.id INTO v_queue FROM {schema}._private_job_queues q WHERE q.queue_name = add_job.queue_name;
      END IF;
    END IF;
  END IF;

  -- A key comes here with unsafe_dedupe only: whatever has it stays as it is, even if it is dead.
  INSERT INTO {schema}._private_jobs AS j
    (job_queue_id, task_id, payload, run_at, max_attempts, priority, flags, key)
  VALUES (
    v_queue, v_task, coalesce(add_job.payload, '{}'), coalesce(add_job.run_at, now()),
    coalesce(add_job.max_attempts, 25)::smallint, coalesce(add_job.priority, 0)::smallint,
    (SELECT jsonb_object_agg(f.flag, true) FROM unnest(add_job.flags) f (flag)), add_job.job_key)
  ON CONFLICT (key) DO UPDATE SET revision = j.revision + 1, updated_at = now()
  RETURNING j.* INTO v_job;
  IF v_job.revision = 0 THEN
    PERFORM pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":1}');
  END IF;
  RETURN v_job;
END
$pgjobs$;
