-- The tables as revision 18 of graphile-worker has them: names, types and defaults are what its clients rely on.

CREATE TABLE {schema}._private_tasks (
  id integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME {schema}.tasks_id_seq)
    CONSTRAINT tasks_pkey PRIMARY KEY,
  identifier text NOT NULL
    CONSTRAINT tasks_identifier_key UNIQUE
    CONSTRAINT tasks_identifier_check CHECK (length(identifier) <= 128)
);

CREATE TABLE {schema}._private_job_queues (
  id integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME {schema}.job_queues_id_seq)
    CONSTRAINT job_queues_pkey1 PRIMARY KEY,
  queue_name text NOT NULL
    CONSTRAINT job_queues_queue_name_key UNIQUE
    CONSTRAINT job_queues_queue_name_check CHECK (length(queue_name) <= 128),
  locked_at timestamptz,
  locked_by text,
  is_available boolean NOT NULL GENERATED ALWAYS AS (locked_at IS NULL) STORED
);

CREATE TABLE {schema}._private_jobs (
  id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME {schema}.jobs_id_seq1)
    CONSTRAINT jobs_pkey1 PRIMARY KEY,
  job_queue_id integer,
  task_id integer NOT NULL,
  payload json NOT NULL DEFAULT '{}',
  priority smallint NOT NULL DEFAULT 0,
  run_at timestamptz NOT NULL DEFAULT now(),
  attempts smallint NOT NULL DEFAULT 0,
  max_attempts smallint NOT NULL DEFAULT 25
    CONSTRAINT jobs_max_attempts_check CHECK (max_attempts >= 1),
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  key text
    CONSTRAINT jobs_key_key1 UNIQUE
    CONSTRAINT jobs_key_check CHECK (length(key) > 0 AND length(key) <= 512),
  locked_at timestamptz,
  locked_by text,
  revision integer NOT NULL DEFAULT 0,
  flags jsonb,
  is_available boolean NOT NULL
    GENERATED ALWAYS AS (locked_at IS NULL AND attempts < max_attempts) STORED
);

CREATE INDEX jobs_main_index ON {schema}._private_jobs (priority, run_at)
  INCLUDE (id, task_id, job_queue_id) WHERE is_available = true;
CREATE INDEX jobs_no_queue_index ON {schema}._private_jobs (priority, run_at)
  INCLUDE (id, task_id) WHERE is_available = true AND job_queue_id IS NULL;

CREATE TABLE {schema}._private_known_crontabs (
  identifier text CONSTRAINT known_crontabs_pkey PRIMARY KEY,
  known_since timestamptz NOT NULL,
  last_execution timestamptz
);

ALTER TABLE {schema}._private_tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}._private_job_queues ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}._private_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}._private_known_crontabs ENABLE ROW LEVEL SECURITY;

CREATE VIEW {schema}.jobs AS
  SELECT j.id, q.queue_name, t.identifier AS task_identifier, j.priority, j.run_at, j.attempts,
    j.max_attempts, j.last_error, j.created_at, j.updated_at, j.key, j.locked_at, j.locked_by,
    j.revision, j.flags
  FROM {schema}._private_jobs j
    JOIN {schema}._private_tasks t ON t.id = j.task_id
    LEFT JOIN {schema}._private_job_queues q ON q.id = j.job_queue_id;

CREATE TYPE {schema}.job_spec AS (
  identifier text,
  payload json,
  queue_name text,
  run_at timestamptz,
  max_attempts smallint,
  job_key text,
  priority smallint,
  flags text[]
);
