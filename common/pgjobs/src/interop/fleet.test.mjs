// A fleet of both: random jobs, failures, changes by key, workers killed and started again. At the end each
// job was done exactly once unless its worker was killed, queues were in order, and cron came once.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { Bridge } from './bridge.mjs';
import {
  java, jobs, nodeMigrate, nodeUtils, nodeWorker, openJava, own, rows, until,
} from './fixture.mjs';

const SECONDS = Number(process.env.FLEET_SECONDS ?? 60);
const TASKS = ['a', 'b', 'cron'];
const QUEUES = [undefined, undefined, 'q1', 'q2', 'q3'];
const CRONTAB = '* * * * * cron ?fill=1h';
const random = (n) => Math.floor(Math.random() * n);
let members = 0;
/** Ids of Node's workers that were killed. */
const gone = [];

async function javaMember(killed) {
  const name = `java-${++members}`;
  const program = await Bridge.start();
  own(() => program.end());
  const h = await openJava({}, program);
  await program.call('start', h, TASKS,
    { name, concurrency: 4, crontab: CRONTAB, localQueue: members % 2 ? 20 : undefined });
  return { name, kill: async () => { killed.add(name); await program.signal('SIGKILL'); } };
}

async function nodeMember(killed) {
  const name = `node-${++members}`;
  const worker = await nodeWorker(TASKS, { concurrency: 4, crontab: CRONTAB, pollInterval: 500 }, name);
  return {
    name,
    async kill() {
      killed.add(name);
      await worker.signal('SIGKILL');
      gone.push(...worker.ids);
      await freeNodes();
    },
  };
}

/** What Node's dead workers hold waits for four hours, or for somebody who knows. */
const freeNodes = () => rows('SELECT graphile_worker.force_unlock_workers($1)', gone);

async function addJobs(h, utils, added, until) {
  let n = 0;
  while (Date.now() < until) {
    const queueName = QUEUES[random(QUEUES.length)];
    const payload = { n: n++, sleep: random(20), failUntil: random(10) ? 0 : 1 };
    const key = random(4) ? undefined : `k${random(5)}`;
    const task = TASKS[random(2)];
    const job = random(2)
      ? await utils.addJob(task, payload, { queueName, jobKey: key }).then(added => added?.id)
      : await java.call('add', h, { task, payload, queueName, jobKey: key });
    if (job) added.add(String(job));
    if (!random(20)) await java.call('addAll', h, [{ task }, { task, queueName }]);
    await sleep(random(8));
  }
}

test(`${SECONDS} s of a mixed fleet`, { skip: SECONDS === 0 && 'FLEET_SECONDS is 0' }, async () => {
  await nodeMigrate();
  const h = await openJava();
  await java.call('migrate', h);
  const utils = await nodeUtils();
  // Known and in need of a run since the last minute, so that every start makes up for the same one.
  await rows(`INSERT INTO graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
    VALUES ('cron', now() - interval '1 day', date_trunc('minute', now()) - interval '3 minutes')`);
  const killed = new Set();
  const fleet = await Promise.all([javaMember(killed), javaMember(killed), nodeMember(killed), nodeMember(killed)]);
  const added = new Set();
  const end = Date.now() + SECONDS * 1000;
  const adding = Promise.all([addJobs(h, utils, added, end), addJobs(h, utils, added, end)]);
  let failed = false;
  adding.catch(() => { failed = true; });
  while (Date.now() < end && !failed) {
    await sleep(Math.min(5000, Math.max(0, end - Date.now())));
    const i = random(fleet.length);
    const isJava = fleet[i].name.startsWith('java');
    await fleet[i].kill();
    fleet[i] = await (isJava ? javaMember : nodeMember)(killed);
  }
  await adding;
  // Failed ones wait for up to 8 s more, lost ones for the lease.
  const open = async () => (await jobs()).filter(job => job.attempts < job.max_attempts || job.locked_at);
  await until(async () => {
    // PostgreSQL may still have been busy with a last fetch of theirs when they were freed.
    await freeNodes();
    return (await open()).length === 0;
  }, 90000).catch(async error => {
    const held = await rows('SELECT * FROM graphile_worker._private_job_queues WHERE locked_at IS NOT NULL');
    throw new Error(`still open: ${JSON.stringify((await open()).slice(0, 5))}; queues held: ${JSON.stringify(held)}; `
      + `killed: ${[...killed]}, of Node ${gone}`, { cause: error });
  });

  // A job whose key came again while it ran is not tried again, whatever became of it.
  const dead = new Set((await jobs()).map(job => job.id));
  const runs = await rows('SELECT * FROM runs');
  const done = new Map();
  for (const run of runs.filter(run => run.ended)) done.set(run.job_id, [...(done.get(run.job_id) ?? []), run]);
  for (const id of added) assert.ok(done.has(id) || dead.has(id), `job ${id} was not done`);
  for (const [id, ends] of done) {
    const first = ends.filter(run => !killed.has(run.worker));
    assert.ok(first.length <= 1, `job ${id} was done twice: ${JSON.stringify(ends)}`);
  }
  for (const run of runs.filter(run => !run.ended)) {
    assert.ok(killed.has(run.worker) || run.payload.failUntil >= run.attempt, `a run vanished: ${JSON.stringify(run)}`);
  }
  const overlaps = await rows(`
    SELECT a.queue, a.job_id, b.job_id AS other FROM runs a JOIN runs b
      ON a.queue = b.queue AND a.job_id < b.job_id AND a.began < b.ended AND b.began < a.ended
    WHERE NOT (a.worker = ANY ($1) OR b.worker = ANY ($1))`, [...killed]);
  assert.deepEqual(overlaps, []);
  // Two adders may commit in another order than that in which they began, but not by much.
  const disorder = await rows(`
    SELECT a.queue, a.job_id, b.job_id AS other FROM runs a JOIN runs b
      ON a.queue = b.queue AND a.run_at < b.run_at - interval '250 ms' AND b.began < a.began
    WHERE a.attempt = 1 AND b.attempt = 1 AND a.task <> 'cron' AND b.task <> 'cron'
      AND a.key IS NULL AND b.key IS NULL`);
  assert.deepEqual(disorder, []);
  const cron = await rows(`
    SELECT payload->'_cron'->>'ts' AS ts, count(DISTINCT job_id) FROM runs WHERE task = 'cron' GROUP BY 1 ORDER BY 1`);
  assert.ok(cron.length >= 3, JSON.stringify(cron));
  assert.deepEqual(cron.filter(row => row.count !== '1'), []);
  console.log(`${done.size} jobs, ${runs.length} runs, ${killed.size} killed, ${cron.length} slots of cron`);
});
