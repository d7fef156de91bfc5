-- Every process that serves something says every few seconds that it is there, and what it does.

CREATE TABLE millrace.node (
  id       uuid PRIMARY KEY,
  -- What the process said of itself when it started, as JSON.
  facts    text NOT NULL,
  -- What it is busy with, as JSON: numbers by name.
  load     text NOT NULL DEFAULT '{}',
  started  timestamptz NOT NULL DEFAULT now(),
  seen     timestamptz NOT NULL DEFAULT now()
);
