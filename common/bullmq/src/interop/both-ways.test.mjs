// Node adds and Java processes, and the other way round.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from 'node:child_process';
import { beforeEach, test } from 'node:test';
import { Bridge, connection } from './bridge.mjs';
import {
  folder, require, compat, java, name, queue, q, closing, own, javaWorker, nodeWorker, until,
} from './fixture.mjs';

const { FlowProducer, QueueEvents, QueueEventsProducer, Worker } = require('bullmq');

let events;

beforeEach(async () => {
  events = own(new QueueEvents(name, { connection }));
  await events.waitUntilReady();
  // Node resolves "$" only with its first read; until then it misses events.
  await sleep(100);
});

async function javaEvents() {
  const h = await java.openEvents(name);
  closing.push(() => java.call('close', h));
  return h;
}

const values = [{ a: [1, 'x', null] }, 'text', 0.5, null, false, 'Grüße 🌊', 'x'.repeat(1 << 20)];

test('Node adds, Java processes, Node waits', async () => {
  await javaWorker({ kind: 'echo' }, { concurrency: 4, name: 'java-1' });
  for (const value of values) {
    const job = await queue.add('echo', value);
    assert.deepEqual(await job.waitUntilFinished(events, 10000), value);
  }
  const job = await queue.getJob('1');
  assert.equal(job.processedBy, 'java-1');
  assert.equal(job.attemptsMade, 1);
});

test('Java adds, Node processes, Java waits', async () => {
  nodeWorker(async job => job.data);
  const q = await java.openQueue(name, compat);
  const e = await javaEvents();
  for (const value of values) {
    const job = await java.call('queue.add', q, 'echo', value);
    assert.deepEqual(await java.call('waitUntilFinished', e, job.id), value);
  }
  const gone = await java.call('queue.add', q, 'echo', { fast: true }, { removeOnComplete: true });
  await until(async () => (await queue.getJob(gone.id)) === undefined);
  assert.deepEqual(await java.call('waitUntilFinished', e, gone.id), { fast: true });
});

test('options mean the same on both sides', async () => {
  const opts = {
    attempts: 3, backoff: { type: 'exponential', delay: 100 }, delay: 3600000, priority: 7,
    lifo: true, removeOnComplete: { count: 5, age: 10 }, removeOnFail: 100, keepLogs: 3,
    stackTraceLimit: 2, timestamp: 1795335283663, sizeLimit: 1000, jobId: 'custom-1',
  };
  const q = await java.openQueue(name, compat);
  await java.call('queue.add', q, 'n', { x: 1 }, { ...opts, unknown: { kept: true } });
  const seen = await queue.getJob('custom-1');
  assert.deepEqual(
    { ...opts, ...seen.opts }, { ...opts, removeOnFail: { count: 100 }, unknown: { kept: true } });
  assert.equal(seen.priority, 7);
  assert.equal(await seen.getState(), 'delayed');

  await queue.add('n', { x: 1 }, { ...opts, jobId: 'custom-2', deduplication: { id: 'd', ttl: 9 } });
  const fromNode = await java.call('queue.getJob', q, 'custom-2');
  assert.equal(fromNode.opts.attempts, 3);
  assert.equal(fromNode.opts.kl, 3);
  assert.equal(fromNode.opts.timestamp, 1795335283663);
  assert.deepEqual(fromNode.opts.backoff, opts.backoff);
  assert.deepEqual(fromNode.opts.removeOnComplete, { age: 10, count: 5 });
  assert.deepEqual(fromNode.opts.de, { id: 'd', ttl: 9 });
  assert.equal(await java.call('queue.getState', q, 'custom-2'), 'delayed');
});

test('Java retries what Node added', async () => {
  await javaWorker({ kind: 'failN', n: 2 });
  const job = await queue.add('retry', 1, { attempts: 3, backoff: { type: 'fixed', delay: 30 } });
  assert.equal(await job.waitUntilFinished(events, 10000), 1);
  const done = await queue.getJob(job.id);
  assert.equal(done.attemptsMade, 3);
  assert.equal(done.attemptsStarted, 3);
  assert.equal(done.stacktrace.length, 2);
});

test('Node retries what Java added', async () => {
  nodeWorker(async job => {
    if (job.attemptsMade < 1) throw new Error('boom');
    return 'fine';
  });
  const q = await java.openQueue(name, compat);
  const e = await javaEvents();
  const job = await java.call('queue.add', q, 'retry', {}, { attempts: 2, backoff: 20 });
  assert.equal(await java.call('waitUntilFinished', e, job.id), 'fine');
  const done = await java.call('queue.getJob', q, job.id);
  assert.equal(done.attemptsMade, 2);
  assert.match(done.stacktrace[0], /boom/);
});

test('failures are reported across', async () => {
  await javaWorker({ kind: 'unrecoverable' });
  const job = await queue.add('bad', {}, { attempts: 5 });
  await assert.rejects(job.waitUntilFinished(events, 10000), /no way/);
  assert.equal((await queue.getJob(job.id)).attemptsMade, 1);
});

test('delayed and prioritized jobs of both sides keep their order', async () => {
  const q = await java.openQueue(name, compat);
  const order = [];
  await queue.add('p9', {}, { priority: 9 });
  await java.call('queue.add', q, 'p1', {}, { priority: 1 });
  await queue.add('d', {}, { delay: 300 });
  await java.call('queue.add', q, 'plain', {});
  nodeWorker(async job => { order.push(job.name); });
  await until(() => order.length === 4);
  assert.deepEqual(order, ['plain', 'p1', 'p9', 'd']);
});

test('a sleeping worker is woken from the other side', async () => {
  await javaWorker({ kind: 'noop' }, { drainDelay: 5 });
  await (await queue.add('warm', {})).waitUntilFinished(events, 10000);
  await sleep(200);
  const job = await queue.add('wake', {});
  await job.waitUntilFinished(events, 1000);
  const done = await queue.getJob(job.id);
  assert.ok(done.processedOn - done.timestamp < 200, `${done.processedOn - done.timestamp} ms`);
});

test("progress and logs of Java's jobs reach Node", async () => {
  const seen = new Promise(resolve => events.once('progress', resolve));
  await javaWorker({ kind: 'progress' });
  const job = await queue.add('p', {});
  assert.deepEqual((await seen).data, { percent: 50 });
  await job.waitUntilFinished(events, 10000);
  assert.deepEqual((await queue.getJob(job.id)).progress, { percent: 50 });
});

test('a flow of Node runs on Java', async () => {
  await javaWorker({ kind: 'echo' }, { concurrency: 2 });
  const flow = own(new FlowProducer({ connection }));
  const tree = await flow.add({
    name: 'parent', queueName: name, data: 'p',
    children: [1, 2].map(n => ({ name: 'child', queueName: name, data: n })),
  });
  assert.equal(await tree.job.waitUntilFinished(events, 10000), 'p');
  assert.deepEqual(Object.values(await tree.job.getChildrenValues()).sort(), [1, 2]);
});

test('a failed child fails its parent for both sides', async () => {
  await javaWorker({ kind: 'fail' });
  const flow = own(new FlowProducer({ connection }));
  const tree = await flow.add({
    name: 'parent', queueName: name, data: 'p',
    children: [{ name: 'child', queueName: name, data: 1, opts: { failParentOnFailure: true } }],
  });
  await assert.rejects(tree.job.waitUntilFinished(events, 10000), /child .* failed/);
});

test('pausing and resuming from either side loses nothing', async () => {
  const q = await java.openQueue(name, compat);
  await queue.add('a', {});
  await java.call('queue.pause', q);
  assert.equal(await queue.isPaused(), true);
  await queue.add('b', {});
  await java.call('queue.add', q, 'c', {});
  await queue.resume();
  await queue.pause();
  await java.call('queue.add', q, 'd', {});
  await java.call('queue.resume', q);
  const counts = await queue.getJobCounts('wait');
  assert.equal(counts.wait, 4);
  await javaWorker({ kind: 'noop' });
  await until(async () => (await queue.getCompletedCount()) === 4);
});

test('custom events cross over', async () => {
  const q = await java.openQueue(name, compat);
  const seen = new Promise(resolve => events.once('abort', resolve));
  await java.call('queue.publishEvent', q, 'abort', { id: 'flow_chat' });
  assert.equal((await seen).id, 'flow_chat');
  const producer = own(new QueueEventsProducer(name, { connection }));
  await producer.publishEvent({ eventName: 'abort', id: 'x' });
});

test("a killed Java worker's job is taken over by Node", async () => {
  const doomed = await Bridge.start();
  await doomed.startWorker(name, { kind: 'hang' }, { ...compat, lockDuration: 1000, stalledInterval: 500 });
  const job = await queue.add('stall', { n: 1 });
  await until(async () => (await job.getState()) === 'active');
  await doomed.kill();
  nodeWorker(async j => `node ${j.data.n}`, { stalledInterval: 500, lockDuration: 1000 });
  assert.equal(await job.waitUntilFinished(events, 15000), 'node 1');
});

test("a killed Node worker's job is taken over by Java", async () => {
  const job = await queue.add('stall', { n: 2 });
  const script = `
    const { Worker } = require('bullmq');
    new Worker(${JSON.stringify(name)}, () => new Promise(() => {}),
      { connection: ${JSON.stringify(connection)}, lockDuration: 1000, stalledInterval: 500 });`;
  const doomed = spawn(process.execPath, ['-e', script], { cwd: folder });
  await until(async () => (await job.getState()) === 'active');
  doomed.kill('SIGKILL');
  await javaWorker({ kind: 'echo' }, { stalledInterval: 500, lockDuration: 1000 });
  assert.deepEqual(await job.waitUntilFinished(events, 15000), { n: 2 });
  const done = await queue.getJob(job.id);
  assert.equal(done.stalledCounter ?? 1, 1);
});

test('many jobs through workers of both languages run once each', async () => {
  const seen = new Map();
  const count = (id) => seen.set(id, (seen.get(id) ?? 0) + 1);
  const onJava = (_, id) => count(id);
  java.on('worker.completed', onJava);
  nodeWorker(async job => count(job.id), { concurrency: 10 });
  await javaWorker({ kind: 'noop' }, { concurrency: 10 });
  await queue.addBulk(Array.from({ length: 2000 }, () => ({ name: 'j', data: {} })));
  await until(() => seen.size === 2000, 30000);
  java.off('worker.completed', onJava);
  assert.ok([...seen.values()].every(times => times === 1));
});
