-- Our own addition: add_job with its options as one JSON object, named as in JavaScript.

CREATE OR REPLACE FUNCTION {schema}.add_job(identifier text, payload json, options json)
RETURNS {schema}._private_jobs
LANGUAGE plpgsql
AS $pgjobs$
DECLARE
  v_unknown text;
BEGIN
  IF json_typeof(options) NOT IN ('object', 'null') THEN
    RAISE EXCEPTION 'the options of add_job are a JSON %, not an object', json_typeof(options)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF json_typeof(options) = 'object' THEN
    SELECT string_agg(k, ', ') INTO v_unknown FROM json_object_keys(options) k
    WHERE k NOT IN (
      'queueName', 'runAt', 'maxAttempts', 'jobKey', 'jobKeyMode', 'priority', 'flags');
    IF v_unknown IS NOT NULL THEN
      RAISE EXCEPTION 'add_job has no option %', v_unknown
        USING ERRCODE = 'invalid_parameter_value',
          HINT = 'There are queueName, runAt, maxAttempts, jobKey, jobKeyMode, priority and flags.';
    END IF;
  END IF;
  RETURN {schema}.add_job(
    identifier => add_job.identifier,
    payload => add_job.payload,
    queue_name => options ->> 'queueName',
    run_at => (options ->> 'runAt')::timestamptz,
    max_attempts => (options ->> 'maxAttempts')::integer,
    job_key => options ->> 'jobKey',
    priority => (options ->> 'priority')::integer,
    flags =>
      CASE WHEN json_typeof(options -> 'flags') = 'array'
        THEN ARRAY(SELECT json_array_elements_text(options -> 'flags')) END,
    job_key_mode => coalesce(options ->> 'jobKeyMode', 'replace'));
END
$pgjobs$;
