-- Background tasks of users: what was asked for, how far it is, what came of it.

CREATE TABLE millrace.task (
  id               uuid PRIMARY KEY,
  workspace        text NOT NULL,
  -- The API key that asked for it; only its holder sees the task.
  created_by       text NOT NULL,
  -- Who offered the type: millrace or a plugin.
  origin           text NOT NULL,
  type             text NOT NULL,
  title            text NOT NULL,
  params           text NOT NULL,
  -- Of the request that created it, for the log of whoever runs it.
  request_id       text NOT NULL,
  cancelable       boolean NOT NULL DEFAULT true,
  state            text NOT NULL DEFAULT 'PENDING'
                   CHECK (state IN ('PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
  result           text,
  progress_current double precision NOT NULL DEFAULT 0,
  progress_total   double precision NOT NULL DEFAULT 0,
  -- Which node runs it in which attempt; only that one may write, and only while its heartbeat goes on.
  owner            uuid,
  attempt          int NOT NULL DEFAULT 0,
  beat             timestamptz,
  -- When the queue was last told of it.
  rung             timestamptz NOT NULL DEFAULT now(),
  created          timestamptz NOT NULL DEFAULT now(),
  started          timestamptz,
  done             timestamptz
);

CREATE INDEX task_unfinished ON millrace.task (state, beat) WHERE state IN ('PENDING', 'RUNNING');
CREATE INDEX task_finished ON millrace.task (done) WHERE done IS NOT NULL;
CREATE INDEX task_of ON millrace.task (created_by, created DESC);

-- The file that a task made; every server can hand it out.
CREATE TABLE millrace.task_file (
  task    uuid PRIMARY KEY REFERENCES millrace.task ON DELETE CASCADE,
  name    text NOT NULL,
  type    text NOT NULL,
  content bytea NOT NULL
);
