-- What it takes to go on with a run: after a crash on another worker, after a pause when a human has answered.

ALTER TABLE millrace.run_journal
  -- How the execution ended, beside the record that people see.
  ADD COLUMN meta   text    NOT NULL DEFAULT '{}',
  -- Waits for a human; the entry of the answer takes its place.
  ADD COLUMN paused boolean NOT NULL DEFAULT false;

-- One row per run that has not ended, or that waits for a human.
CREATE TABLE millrace.open_run (
  run_id       uuid PRIMARY KEY,
  -- The process that runs it, or ran it last.
  owner        uuid NOT NULL,
  -- The body of the first request; once the run has paused.
  input        text,
  -- Which job brought the latest answer of a human, and the key of the entry that it answers.
  answered_by  uuid,
  answered_key text,
  since        timestamptz NOT NULL DEFAULT now()
);

-- Processes that run flows say every few seconds that they are there.
CREATE TABLE millrace.process (
  id   uuid PRIMARY KEY,
  seen timestamptz NOT NULL DEFAULT now()
);
