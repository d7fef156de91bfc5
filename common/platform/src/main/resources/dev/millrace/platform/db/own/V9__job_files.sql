-- What background jobs make for other jobs to use: documents are kept here, payloads refer to them.
CREATE TABLE millrace.job_file (
  id         uuid PRIMARY KEY,
  -- The job that made it; null for what was uploaded.
  job_id     bigint,
  name       text NOT NULL,
  media_type text NOT NULL,
  sha256     text NOT NULL,
  content    bytea NOT NULL,
  created    timestamptz NOT NULL DEFAULT now(),
  expires    timestamptz NOT NULL
);
-- Documents are compressed already.
ALTER TABLE millrace.job_file ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX job_file_job ON millrace.job_file (job_id);
CREATE INDEX job_file_expires ON millrace.job_file (expires);

-- Mails that have a key: no second one of that key is sent.
CREATE TABLE millrace.sent_mail (
  key        text PRIMARY KEY,
  -- The job that sends or has sent it.
  job_id     bigint NOT NULL,
  reserved   timestamptz NOT NULL DEFAULT now(),
  -- Null while it is being sent.
  message_id text,
  expires    timestamptz NOT NULL
);
CREATE INDEX sent_mail_expires ON millrace.sent_mail (expires);
