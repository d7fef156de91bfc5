// The tasks of the suites in Node; BridgeTasks.java has the same in Java.
import { setTimeout as sleep } from 'node:timers/promises';

export const runsTable = `
  CREATE TABLE IF NOT EXISTS runs (
    id bigserial, job_id bigint, task text, attempt int, worker text, queue text, payload json, run_at timestamptz, key text,
    began timestamptz NOT NULL DEFAULT clock_timestamp(), ended timestamptz)`;

/** Notes that a run began; returns the run's id, since a job whose key came again begins at attempt 1. */
const note = async (payload, { job, query }, worker, queue) => (await query(
  `INSERT INTO runs (job_id, task, attempt, worker, queue, payload, run_at, key)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
  [job.id, job.task_identifier, job.attempts, worker, queue, JSON.stringify(payload), job.run_at, job.key])).rows[0].id;

export function taskList(names, worker) {
  return Object.fromEntries(names.map(name => [name, name.startsWith('batch') ? batch(worker) : work(worker)]));
}

function work(worker) {
  return async (payload, helpers) => {
    const { job, query } = helpers;
    const queue = job.job_queue_id === null ? null : await helpers.getQueueName();
    const id = await note(payload, helpers, worker, queue);
    await sleep(payload.sleep ?? 0);
    if (job.attempts <= (payload.failUntil ?? 0)) throw new Error(`fails until attempt ${payload.failUntil}`);
    await query('UPDATE runs SET ended = clock_timestamp() WHERE id = $1', [id]);
  };
}

function batch(worker) {
  return async (payload, helpers) => {
    await note(payload, helpers, worker, null);
    return payload.map(item => (item.failUntil ?? 0) >= helpers.job.attempts
      ? Promise.reject(new Error(`item ${item.n}`)) : undefined);
  };
}
