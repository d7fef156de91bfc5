// What the suites share: a Java program for the whole file, and for each test a queue of its own, seen from
// both sides, with everything that was opened for it closed at its end.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach } from 'node:test';
import { Bridge, connection } from './bridge.mjs';

export const folder = process.env.BULLMQ_FOLDER;
export const require = createRequire(`${folder}/`);
const { Queue, Worker } = require('bullmq');
export const major = Number(require('bullmq/package.json').version.split('.')[0]);
export const compat = major === 5 ? { compat: 'V5', eagerFail: true } : { compat: 'V6' };

export let java;
export let name;
export let queue;
export let q;
export let closing;

before(async () => { java = await Bridge.start(); });
after(async () => { await java.end(); });

beforeEach(async () => {
  name = `interop-${randomUUID()}`;
  closing = [];
  queue = own(new Queue(name, { connection }));
  await queue.waitUntilReady();
  q = await java.openQueue(name, compat);
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

export function own(closable) {
  closing.push(() => closable.close());
  return closable;
}

export async function javaWorker(processor, options = {}) {
  const h = await java.startWorker(name, processor, { ...compat, ...options });
  closing.push(() => java.call('worker.stop', h, 0));
  return h;
}

export function nodeWorker(processor, options = {}) {
  return own(new Worker(name, processor, { connection, drainDelay: 1, ...options }));
}

export async function until(condition, limit = 15000) {
  const end = Date.now() + limit;
  while (!(await condition())) {
    assert.ok(Date.now() < end, 'waited too long');
    await sleep(20);
  }
}
