-- What is ours alone: who works on which schema, and until when it is believed to be alive.
CREATE SCHEMA millrace_pgjobs;
CREATE TABLE millrace_pgjobs.runners (
  pool_id text PRIMARY KEY,
  schema_name text NOT NULL,
  host text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now(),
  lease interval NOT NULL
);
