// What Java's queues, jobs and workers show and change, beside what Node's show of the same.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { connection } from './bridge.mjs';
import { require, compat, java, name, queue, q, own, closing, nodeWorker, until } from './fixture.mjs';

const { FlowProducer, Queue, QueueEvents, Worker } = require('bullmq');

const plain = value => JSON.parse(JSON.stringify(value));

/** A worker of Node that takes jobs only when it is told to. */
const nodeManual = () => own(new Worker(name, null, { connection, skipStalledCheck: true }));

async function javaManual(options = {}) {
  const h = await java.call('worker.start', undefined, name, { connection, drainDelay: 1, ...compat, ...options });
  closing.push(() => java.call('worker.close', h));
  return h;
}

/** A parent of three: one child is completed, the failure of one ignored, and one waits. */
async function addFamily() {
  const child = (n, opts = {}) => ({ name: `c${n}`, queueName: name, data: n, opts: { jobId: `c${n}`, ...opts } });
  await own(new FlowProducer({ connection })).add({
    name: 'parent', queueName: name, opts: { jobId: 'parent' },
    children: [child(1), child(2, { ignoreDependencyOnFailure: true }), child(3, { delay: 100000 })],
  });
  const worker = nodeManual();
  for (let n = 0; n < 2; n++) {
    const job = await worker.getNextJob('t', { block: false });
    await (job.name === 'c2'
      ? job.moveToFailed(new Error('boom'), 't', false) : job.moveToCompleted({ of: job.data }, 't', false));
  }
}

test('queue.addJobLog and queue.updateJobProgress', async () => {
  const job = await queue.add('j', {});
  assert.equal(await java.call('queue.addJobLog', q, job.id, 'one'), 1);
  assert.equal(await java.call('queue.addJobLog', q, job.id, 'two'), 2);
  assert.equal(await java.call('queue.addJobLog', q, job.id, 'three', 2), 2);
  assert.deepEqual((await queue.getJobLogs(job.id)).logs, ['two', 'three']);
  await java.call('queue.updateJobProgress', q, job.id, { percent: 7 });
  assert.deepEqual((await queue.getJob(job.id)).progress, { percent: 7 });
  await assert.rejects(java.call('queue.updateJobProgress', q, 'missing', 1), { code: -1 });
});

test('queue.getDependencies and job.getDependencies', async () => {
  await addFamily();
  for (const type of ['processed', 'pending']) {
    const byNode = await queue.getDependencies('parent', type, 0, -1);
    const byJava = await java.call('queue.getDependencies', q, 'parent', type, 0, -1);
    assert.equal(byJava.total, byNode.total);
    assert.deepEqual(byJava.items, byNode.items);
    assert.deepEqual(byJava.jobs.map(job => job.name), byNode.jobs.map(job => job.name));
    assert.ok(byJava.total > 0, type);
  }
  const parent = await queue.getJob('parent');
  const all = await java.call('job.getDependencies', q, 'parent');
  const byNode = plain(await parent.getDependencies());
  assert.deepEqual(all.processed, { [`bull:${name}:c1`]: { of: 1 } });
  assert.deepEqual(all.unprocessed, [`bull:${name}:c3`]);
  assert.deepEqual(all.ignored, { [`bull:${name}:c2`]: 'boom' });
  for (const kind of Object.keys(byNode)) assert.deepEqual(all[kind], byNode[kind], kind);
  const page = { processed: { cursor: 0, count: 10 }, unprocessed: { cursor: 0, count: 10 } };
  assert.deepEqual(await java.call('job.getDependencies', q, 'parent', page),
    plain(await parent.getDependencies(page)));
});

test('queue.getQueueEvents', async () => {
  assert.deepEqual(await java.call('queue.getQueueEvents', q), []);
  const events = own(new QueueEvents(name, { connection }));
  await events.waitUntilReady();
  const h = await java.openEvents(name);
  closing.push(() => java.call('events.close', h));
  await until(async () => (await queue.getQueueEvents()).length === 2);
  const fields = readers => readers.map(reader => [reader.name, reader.rawname, reader.addr]).sort();
  const byJava = await java.call('queue.getQueueEvents', q);
  assert.equal(byJava.length, 2);
  const byNode = await queue.getQueueEvents();
  assert.deepEqual(fields(byJava).map(f => [f[0], f[2]]), fields(byNode).map(f => [f[0], f[2]]));
});

test('queue.getJobCountByTypes', async () => {
  await queue.addBulk([{ name: 'a', data: 1 }, { name: 'b', data: 1 }, { name: 'c', data: 1, opts: { delay: 100000 } }]);
  assert.equal(await java.call('queue.getJobCountByTypes', q, 'waiting', 'delayed'),
    await queue.getJobCountByTypes('waiting', 'delayed'));
  assert.equal(await java.call('queue.getJobCountByTypes', q, 'delayed'), 1);
});

test('job.moveToCompleted ends what a worker of Node began, and takes the next job', async () => {
  const worker = nodeManual();
  await queue.add('first', 1);
  await queue.add('second', 2);
  const first = await worker.getNextJob('token');
  await assert.rejects(java.call('job.moveToCompleted', q, first.id, 1, 'another'), { code: -6 });
  const second = await java.call('job.moveToCompleted', q, first.id, { done: true }, 'token', true);
  assert.equal(second.name, 'second');
  assert.deepEqual((await queue.getJob(first.id)).returnvalue, { done: true });
  assert.equal(await (await queue.getJob(second.id)).getState(), 'active');
  assert.equal(await java.call('job.moveToCompleted', q, second.id, null, second.token, true), null);
  assert.equal((await queue.getJob(second.id)).returnvalue, null);
  assert.equal(await queue.getCompletedCount(), 2);
  await assert.rejects(java.call('job.moveToCompleted', q, 'missing', 1, 'token'), { code: -1 });
});

test('job.moveToFailed fails an attempt, and the last one for good', async () => {
  const worker = nodeManual();
  const job = await queue.add('j', 1, { attempts: 2 });
  await worker.getNextJob('token');
  assert.equal(await java.call('job.moveToFailed', q, job.id, { message: 'boom' }, 'token'), null);
  assert.equal(await job.getState(), 'waiting');
  await worker.getNextJob('again');
  await java.call('job.moveToFailed', q, job.id, 'bang', 'again');
  const failed = await queue.getJob(job.id);
  assert.equal(await failed.getState(), 'failed');
  assert.equal(failed.failedReason, 'bang');
  assert.equal(failed.attemptsMade, 2);
  assert.equal(failed.stacktrace.length, 2);
});

test('a Java worker without a processor takes jobs for Node to end', async () => {
  const manual = await javaManual({ name: 'by-hand' });
  assert.equal(await java.call('worker.getNextJob', manual), null);
  const waiting = java.call('worker.getNextJob', manual, 5000);
  const added = await queue.add('j', { a: 1 });
  const taken = await waiting;
  assert.equal(taken.id, added.id);
  assert.deepEqual(taken.data, { a: 1 });
  const job = await queue.getJob(added.id);
  assert.equal(job.processedBy, 'by-hand');
  await job.moveToCompleted('ok', taken.token, false);
  assert.equal(await job.getState(), 'completed');
});

test('job.toJSON shows what Node shows', async () => {
  nodeWorker(async job => {
    await job.updateProgress({ half: 1 });
    if (job.name === 'bad') throw new Error('boom');
    return job.data;
  }, { name: 'w' });
  const ids = [];
  ids.push((await queue.add('good', { a: [1] }, { priority: 3, keepLogs: 5, attempts: 2 })).id);
  ids.push((await queue.add('none', null, { deduplication: { id: randomUUID() } })).id);
  ids.push((await queue.add('bad', 'x', { stackTraceLimit: 3 })).id);
  ids.push((await queue.add('late', {}, { delay: 100000 })).id);
  await until(async () => (await queue.getCompletedCount()) + (await queue.getFailedCount()) === 3);
  for (const id of ids) {
    const byNode = plain(await queue.getJob(id));
    const byJava = await java.call('job.toJSON', q, id);
    // What Node's class keeps for itself. Version 5 does not show how often a job stalled.
    for (const own of ['toKey', 'scripts', 'discarded', 'debounceId']) delete byNode[own];
    assert.deepEqual(byJava, { stalledCounter: 0, ...byNode, queueName: name, prefix: 'bull' });
  }
  assert.equal(await java.call('job.toJSON', q, 'missing'), null);
});

test('queue.recordJobCountsMetric', async () => {
  await queue.add('j', {});
  assert.deepEqual(await java.call('queue.recordJobCountsMetric', q, 'waiting', 'failed'), { waiting: 1, failed: 0 });
});

test('clock.offset', async () => {
  try {
    await java.call('clock.offset', undefined, 3600000);
    const { id } = await java.call('queue.add', q, 'j', {});
    const ahead = (await queue.getJob(id)).timestamp - Date.now();
    assert.ok(ahead > 3500000 && ahead <= 3600000, `${ahead} ms`);
  } finally {
    await java.call('clock.offset', undefined, 0);
  }
});

test('operations of a backend on one job are applied in the order received', async () => {
  const b = await java.call('backend.open', undefined, name, { connection, ...compat });
  closing.push(() => java.call('backend.close', b));
  const job = await queue.add('j', {});
  const left = own(new Queue(`${name}-2`, { connection }));
  await left.add('other', {});
  for (let n = 0; n < 20; n++) {
    const id = `again-${n}`;
    const add = java.call('backend.addJob', b, { name: 'j', data: '{}', opts: {}, timestamp: 1000 + n }, id, {});
    // Takes several round trips; what comes behind it finds the queue empty.
    const drain = java.call('backend.drain', b, true);
    const state = java.call('backend.getState', b, id);
    const [added, , after] = await Promise.all([add, drain, state]);
    assert.equal(added, id);
    assert.equal(after, 'unknown');
  }
  assert.equal(await queue.getJobState(job.id), 'unknown');
});
