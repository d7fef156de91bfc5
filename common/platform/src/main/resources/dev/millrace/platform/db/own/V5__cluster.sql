-- What nodes share through the database.

-- Messages about committed changes, for every node. A row is written in the transaction of the change.
CREATE TABLE millrace.sync_message (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel    text        NOT NULL,
  -- The node that published it.
  origin     text        NOT NULL,
  message    text        NOT NULL,
  -- Its place among all, given after the commit: ids alone appear out of order.
  number     bigint,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sync_message_unnumbered ON millrace.sync_message (id) WHERE number IS NULL;
CREATE UNIQUE INDEX sync_message_read ON millrace.sync_message (channel, number)
  WHERE number IS NOT NULL;

-- One row. Who holds its lock numbers messages.
CREATE TABLE millrace.sync_counter (
  single    boolean PRIMARY KEY DEFAULT true CHECK (single),
  last      bigint  NOT NULL DEFAULT 0,
  -- The newest number whose message is deleted.
  forgotten bigint  NOT NULL DEFAULT 0
);
INSERT INTO millrace.sync_counter DEFAULT VALUES;

-- Fencing tokens of locks.
CREATE SEQUENCE millrace.lock_token;
