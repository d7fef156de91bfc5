// The same random operations, done once by Node's Redis code and once by Java, leave the same keys after each.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { javaBackend } from './backend.mjs';
import { Bridge, connection } from './bridge.mjs';
import { operation } from './differential.mjs';
import { dump, forget } from './dump.mjs';

const require = createRequire(`${process.env.BULLMQ_FOLDER}/`);
const bullmq = require('bullmq');
const IORedis = require('ioredis');
const sequences = Number(process.env.DIFFERENTIAL_SEQUENCES ?? 500);
const first = Number(process.env.DIFFERENTIAL_FIRST ?? 1);
const length = 40;
/** As many sequences run at the same time, so that neither side waits for the other. */
const abreast = 4;

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

describe('Node and Java leave the same keys', {
  skip: !bullmq.createRedisBackend && 'no backends before 6.x',
}, () => {
  let java;
  let redis;
  before(async () => {
    java = await Bridge.start();
    redis = new IORedis(connection);
  });
  after(async () => {
    redis.disconnect();
    await java.end();
  });

  test(`${sequences} sequences of ${length} operations`, { timeout: 600000 }, async () => {
    const factories = { node: bullmq.createRedisBackend, java: javaBackend(java, bullmq) };
    let failed = false;
    const lanes = await Promise.allSettled(Array.from({ length: abreast }, async (_, lane) => {
      for (let seed = first + lane; seed < first + sequences && !failed; seed += abreast) {
        await sequence(factories, seed).catch(error => {
          failed = true;
          throw error;
        });
      }
    }));
    for (const { reason } of lanes) if (reason) throw reason;
  });

  async function sequence(factories, seed) {
    const name = `diff-${randomUUID()}`;
    const sides = await Promise.all(Object.entries(factories).map(([prefix, factory]) => open(name, prefix, factory)));
    const done = [];
    const r = random(seed);
    try {
      for (let i = 0; i < length; i++) {
        const { name: what, run } = operation(r, bullmq);
        done.push(what);
        const where = `seed ${seed}, after ${done.join(' ')}`;
        const [expected, actual] = await Promise.all(sides.map(side => outcome(run, side)));
        assert.deepEqual(actual, expected, `result, ${where}`);
        const now = Date.now();
        const [keys, ours] = await Promise.all(sides.map(side => dump(redis, `${side.prefix}:${name}:`, now)));
        assert.deepEqual(ours, keys, `keys, ${where}`);
      }
    } finally {
      for (const side of sides) {
        await Promise.all([side.worker.close(true), side.queue.close(), side.flows.close()]);
        await forget(redis, `${side.prefix}:${name}:`);
      }
    }
  }

  async function open(name, prefix, factory) {
    const opts = { connection, prefix };
    const queue = new bullmq.Queue(name, { ...opts, skipMetasUpdate: true }, factory);
    const worker = new bullmq.Worker(
      name, null, { ...opts, skipStalledCheck: true, metrics: { maxDataPoints: 5 } }, factory);
    const flows = new bullmq.FlowProducer(opts, factory);
    for (const emitter of [queue, worker, flows]) emitter.on('error', () => {});
    await queue.waitUntilReady();
    await redis.hset(`${prefix}:${name}:meta`, 'opts.maxLenEvents', 10000, 'version', 'bullmq:6');
    return { prefix, queue, worker, flows, name, held: [] };
  }

  async function outcome(run, side) {
    try {
      return { value: plain(await run(side)) ?? null };
    } catch (error) {
      return { error: plain(error.message), code: error.code };
    }
  }

  const plain = value => value && JSON.parse(JSON.stringify(value).replaceAll(/java:|node:/g, ''));
});
