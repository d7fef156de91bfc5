-- Schema millrace: what only Millrace knows. It exists beside the tables of Flowise, whoever made those.

-- One row per finished node of a run that has not ended; the end of the run deletes them.
CREATE TABLE millrace.run_journal (
  run_id   uuid   NOT NULL,
  entry_id uuid   NOT NULL,
  -- The order within a run, over the workers that took it on.
  position bigint GENERATED ALWAYS AS IDENTITY,
  record   text   NOT NULL,
  written  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (run_id, entry_id)
);

CREATE TABLE millrace.setting (
  name    text PRIMARY KEY,
  value   text NOT NULL,
  updated timestamptz NOT NULL DEFAULT now()
);
