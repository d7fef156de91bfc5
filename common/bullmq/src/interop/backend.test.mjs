// Node's own Queue, Worker and Job classes, with Java in place of their Redis code.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { javaBackend } from './backend.mjs';
import { Bridge, connection } from './bridge.mjs';

const require = createRequire(`${process.env.BULLMQ_FOLDER}/`);
const bullmq = require('bullmq');

describe('Node on Java', { skip: !bullmq.createRedisBackend && 'no backends before 6.x' }, () => {
  let java;
  let factory;
  let name;
  let queue;
  let events;
  let closing;

  before(async () => {
    java = await Bridge.start();
    factory = javaBackend(java, bullmq);
  });
  after(async () => { await java.end(); });

  beforeEach(async () => {
    name = `backend-${randomUUID()}`;
    closing = [];
    queue = own(new bullmq.Queue(name, { connection }, factory));
    events = own(new bullmq.QueueEvents(name, { connection }));
    await queue.waitUntilReady();
    await events.waitUntilReady();
    // Node resolves "$" only with its first read; until then it misses events.
    await sleep(100);
  });
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
  });

  function own(closable) {
    closing.push(() => closable.close());
    return closable;
  }

  function worker(processor, options = {}) {
    const started = new bullmq.Worker(name, processor, { connection, drainDelay: 1, ...options }, factory);
    started.on('error', error => console.error(error));
    return own(started);
  }

  test('a job is added and processed', async () => {
    worker(async job => ({ got: job.data }), { name: 'w' });
    const job = await queue.add('j', { a: 1 });
    assert.deepEqual(await job.waitUntilFinished(events, 10000), { got: { a: 1 } });
    const done = await queue.getJob(job.id);
    assert.equal(done.attemptsMade, 1);
    assert.equal(await done.getState(), 'completed');
  });

  test('failing, retrying with and without delay', async () => {
    worker(async job => {
      if (job.attemptsMade < job.data) throw new Error(`boom ${job.attemptsMade}`);
      return 'fine';
    });
    const at_once = await queue.add('r', 1, { attempts: 2 });
    const later = await queue.add('r', 2, { attempts: 3, backoff: 50 });
    const never = await queue.add('r', 9, { attempts: 2 });
    assert.equal(await at_once.waitUntilFinished(events, 10000), 'fine');
    assert.equal(await later.waitUntilFinished(events, 10000), 'fine');
    await assert.rejects(never.waitUntilFinished(events, 10000), /boom 1/);
    assert.equal((await queue.getJob(never.id)).stacktrace.length, 2);
  });

  test('order of priorities, LIFO, delays', async () => {
    await queue.pause();
    assert.equal(await queue.isPaused(), true);
    await queue.add('p9', {}, { priority: 9 });
    await queue.add('p1', {}, { priority: 1 });
    await queue.add('first', {});
    await queue.add('lifo', {}, { lifo: true });
    await queue.add('late', {}, { delay: 200 });
    await queue.resume();
    assert.deepEqual(
      await queue.getJobCounts('wait', 'prioritized', 'delayed'), { wait: 2, prioritized: 2, delayed: 1 });
    const order = [];
    worker(async job => { order.push(job.name); });
    while (order.length < 5) await sleep(20);
    assert.deepEqual(order, ['lifo', 'first', 'p1', 'p9', 'late']);
  });

  test('many jobs at once, and progress and logs', async () => {
    const seen = new Set();
    worker(async job => {
      await job.updateProgress({ at: 1 });
      await job.log('row');
      seen.add(job.id);
    }, { concurrency: 10 });
    const jobs = await queue.addBulk(Array.from({ length: 100 }, (_, i) => ({ name: 'b', data: i })));
    assert.equal(new Set(jobs.map(job => job.id)).size, 100);
    while ((await queue.getCompletedCount()) < 100) await sleep(20);
    assert.equal(seen.size, 100);
    assert.deepEqual((await queue.getJob(jobs[7].id)).progress, { at: 1 });
    assert.deepEqual((await queue.getJobLogs(jobs[7].id)).logs, ['row']);
  });

  test('a lost job is recovered', async () => {
    const job = await queue.add('lost', {});
    const silent = own(new bullmq.Worker(
      name, null, { connection, lockDuration: 500, stalledInterval: 300 }, factory));
    assert.equal((await silent.getNextJob('t')).id, job.id);
    worker(async () => 'recovered', { stalledInterval: 300 });
    assert.equal(await job.waitUntilFinished(events, 10000), 'recovered');
  });

  test('errors have the codes and words of Node', async () => {
    worker(async () => {});
    const job = await queue.add('j', {});
    await job.waitUntilFinished(events, 10000);
    await assert.rejects(
      bullmq.Job.fromId(queue, job.id).then(j => j.moveToCompleted(1, '0', false)),
      error => error.code === -2 || error.code === -3);
    await assert.rejects(
      new bullmq.Job(queue, 'x', {}, {}, 'missing').updateProgress(1),
      { code: -1, message: 'Missing key for job missing. updateProgress' });
    assert.equal(await queue.remove(job.id), 1);
    assert.equal(await queue.getJobState(job.id), 'unknown');
  });
});
