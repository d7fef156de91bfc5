-- How many jobs ended per queue and hour, and how long they took: what the dashboard's charts show.
-- Workers add to it every few seconds. Jobs themselves leave Redis long before.

CREATE TABLE millrace.job_history (
  queue          text        NOT NULL,
  hour           timestamptz NOT NULL,
  completed      bigint      NOT NULL,
  failed         bigint      NOT NULL,
  -- The longest that a job which began in that hour had been ready for.
  oldest_wait_ms bigint      NOT NULL,
  PRIMARY KEY (queue, hour)
);
CREATE INDEX job_history_hour ON millrace.job_history (hour);

-- A histogram for each of two times; bucket n holds those of about 1.1^n ms.
CREATE TABLE millrace.job_latency (
  queue  text        NOT NULL,
  hour   timestamptz NOT NULL,
  metric text        NOT NULL CHECK (metric IN ('runtime', 'waittime')),
  bucket smallint    NOT NULL,
  jobs   bigint      NOT NULL,
  PRIMARY KEY (queue, hour, metric, bucket)
);
CREATE INDEX job_latency_hour ON millrace.job_latency (hour);
