// The same random operations, done once by Node's Redis code and once by Java, leave the same keys.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { javaBackend } from './backend.mjs';
import { Bridge, connection } from './bridge.mjs';
import { dump } from './dump.mjs';

const require = createRequire(`${process.env.BULLMQ_FOLDER}/`);
const bullmq = require('bullmq');
const IORedis = require('ioredis');
const sequences = Number(process.env.DIFFERENTIAL_SEQUENCES ?? 12);
const length = 30;

/** A small generator with a seed (mulberry32), so that a failure can be repeated. */
function random(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { below: n => Math.floor(next() * n), pick: list => list[Math.floor(next() * list.length)] };
}

/** Returns one operation, which is told of the side that it is done on. */
function operation(r) {
  const value = r.pick([{ a: 1 }, 'text', null, [1, 2], 'Grüße 🌊', 0]);
  const nth = r.below(12);
  const keep = r.pick([undefined, true, false, 2, { count: 1 }]);
  const held = side => side.held[nth % Math.max(side.held.length, 1)];
  const finish = how => async side => {
    const job = held(side);
    if (!job) return 'nothing held';
    side.held.splice(side.held.indexOf(job), 1);
    return how(job, side);
  };
  const add = opts => async side => (await side.queue.add(`n${nth}`, value, opts)).id;
  const operations = {
    add: add({ removeOnComplete: keep }),
    prioritized: add({ priority: 1 + nth, attempts: 2 }),
    lifo: add({ lifo: true, attempts: 3, backoff: { type: 'fixed', delay: 3600000 }, keepLogs: 2 }),
    delayed: add({ delay: 3600000 + nth * 60000, stackTraceLimit: 1 }),
    custom: add({ jobId: `own-${nth % 4}`, removeOnFail: keep }),
    deduplicated: add({ deduplication: { id: `d${nth % 3}` } }),
    throttled: add({ deduplication: { id: `t${nth % 2}`, ttl: 3600000 } }),
    replaced: add({
      delay: 3600000, deduplication: { id: `r${nth % 2}`, ttl: 3600000, extend: true, replace: true },
    }),
    bulk: async side => (await side.queue.addBulk(
      [1, 2, 3].map(n => ({ name: `b${n}`, data: value, opts: { priority: n === 2 ? 3 : 0 } })))).map(j => j.id),
    pause: side => side.queue.pause(),
    resume: side => side.queue.resume(),
    remove: side => side.queue.remove(String(1 + nth)),
    state: side => side.queue.getJobState(String(1 + nth)),
    counts: side => side.queue.getJobCounts('wait', 'active', 'delayed', 'prioritized', 'completed', 'failed'),
    fetch: async side => {
      const job = await side.worker.getNextJob('token', { block: false });
      if (job) side.held.push(job);
      return job && [job.id, job.name, job.data, job.attemptsStarted];
    },
    progress: async side => held(side)?.updateProgress({ percent: nth }),
    log: async side => held(side)?.log(`row ${nth}`),
    complete: finish((job, side) => job.moveToCompleted(value, 'token', false).then(() => job.id)),
    // The stack is made here so that both sides have the same.
    fail: finish(job => {
      const error = new Error(`boom ${nth}`);
      error.stack = `Error: boom ${nth}\n    at test`;
      return job.moveToFailed(error, 'token', false).then(() => job.id);
    }),
    giveUp: finish(job => {
      const error = new bullmq.UnrecoverableError(`no ${nth}`);
      error.stack = `UnrecoverableError: no ${nth}\n    at test`;
      return job.moveToFailed(error, 'token', false).then(() => job.id);
    }),
    putBack: finish(job => job.moveToWait('token').then(() => job.id)),
  };
  const often = ['fetch', 'fetch', 'fetch', 'complete', 'complete', 'fail', 'resume'];
  const name = r.pick([...Object.keys(operations), ...often]);
  return { name, run: operations[name] };
}

describe('Node and Java leave the same keys', {
  skip: !bullmq.createRedisBackend && 'no backends before 6.x',
}, () => {
  let java;
  before(async () => { java = await Bridge.start(); });
  after(async () => { await java.end(); });

  test('on this Redis', { timeout: 60000 }, () => compare(connection));

  test('on Redis 6.2', { timeout: 60000 }, async () => {
    await compare({ host: '127.0.0.1', port: await java.call('redis.start') });
  });

  async function compare(where) {
    const redis = new IORedis(where);
    try {
      for (let seed = 1; seed <= sequences; seed++) await sequence(redis, where, seed);
    } finally {
      redis.disconnect();
    }
  }

  async function sequence(redis, where, seed) {
    const name = `diff-${randomUUID()}`;
    const node = open(name, where, 'node', bullmq.createRedisBackend);
    const ours = open(name, where, 'java', javaBackend(java, bullmq, where));
    const done = [];
    try {
      // Queues write their meta in the background.
      for (const side of [node, ours]) await side.queue.waitUntilReady();
      while (await redis.exists(`node:${name}:meta`, `java:${name}:meta`) < 2) await sleep(5);
      const r = random(seed);
      for (let i = 0; i < length; i++) {
        const { name: what, run } = operation(r);
        done.push(what);
        const [expected, actual] = [await outcome(run, node), await outcome(run, ours)];
        const where = `seed ${seed}, after ${done.join(' ')}`;
        assert.deepEqual(actual, expected, `result, ${where}`);
        assert.deepEqual(
          await dump(redis, `java:${name}:`), await dump(redis, `node:${name}:`), `keys, ${where}`);
      }
    } finally {
      for (const side of [node, ours]) {
        await side.worker.close(true);
        await side.queue.close();
      }
    }
  }

  function open(name, where, prefix, factory) {
    const opts = { connection: where, prefix };
    const worker = new bullmq.Worker(name, null, { ...opts, skipStalledCheck: true }, factory);
    worker.on('error', () => {});
    return { queue: new bullmq.Queue(name, opts, factory), worker, held: [] };
  }

  async function outcome(run, side) {
    try {
      return { value: (await run(side)) ?? null };
    } catch (error) {
      return { error: error.message.replaceAll(/java:|node:/g, ''), code: error.code };
    }
  }
});
