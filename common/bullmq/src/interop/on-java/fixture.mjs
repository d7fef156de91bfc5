// For the suites that run Node's classes on Java: a bridge for the whole file, and for each test a queue of its
// own, with everything that was opened for it closed at its end.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { javaBackend } from '../backend.mjs';
import { Bridge, connection } from '../bridge.mjs';

const require = createRequire(`${process.env.BULLMQ_FOLDER}/`);
export const bullmq = require('bullmq');
const IORedis = require('ioredis');
export { assert, connection, sleep, test };

export const prefix = 'bull';
export let java;
export let name;
export let queue;
export let redis;
let factory;
let closing;

/** A suite; before version 6 there is no backend to put Java in the place of. */
export function onJava(title, body) {
  describe(title, { skip: !bullmq.createRedisBackend && 'no backends before 6.x' }, () => {
    before(async () => {
      java = await Bridge.start();
      factory = javaBackend(java, bullmq);
      redis = new IORedis(connection);
    });
    after(async () => {
      redis.disconnect();
      await java.end();
    });
    beforeEach(async () => {
      name = `on-java-${randomUUID()}`;
      closing = [];
      queue = openQueue();
      await queue.waitUntilReady();
    });
    afterEach(async () => {
      for (const close of closing.reverse()) await close();
    });
    body();
  });
}

export function own(closable) {
  closing.push(() => closable.close());
  return closable;
}

export function openQueue(options = {}, queueName = name) {
  const opened = own(new bullmq.Queue(queueName, { connection, prefix, ...options }, factory));
  opened.on('error', () => {});
  return opened;
}

export function openWorker(processor, options = {}, queueName = name) {
  const opened = own(new bullmq.Worker(
    queueName, processor, { connection, prefix, drainDelay: 1, ...options }, factory));
  opened.on('error', () => {});
  return opened;
}

/** A worker that takes jobs only when it is told to. */
export function manual(options = {}) {
  return openWorker(null, options);
}

export function openFlows(options = {}) {
  return own(new bullmq.FlowProducer({ connection, prefix, ...options }, factory));
}

export async function openEvents(options = {}) {
  const opened = own(new bullmq.QueueEvents(name, { connection, prefix, ...options }, factory));
  opened.on('error', () => {});
  await opened.waitUntilReady();
  // The first read begins after that; what is added before it is not seen.
  await sleep(30);
  return opened;
}

export const key = suffix => `${prefix}:${name}:${suffix}`;

export async function until(condition, limit = 10000) {
  const end = Date.now() + limit;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `waited too long for ${condition}`);
    await sleep(10);
  }
}

/** Waits for an event of a class. */
export function event(emitter, what, accept = () => true) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no event ${what}`)), 10000);
    emitter.on(what, (...args) => {
      if (accept(...args)) {
        clearTimeout(timer);
        resolve(args);
      }
    });
  });
}

/** Returns the events of the queue's stream, without their ids. */
export async function stream(...names) {
  const entries = await redis.xrange(key('events'), '-', '+');
  return entries.map(([, fields]) => fields).filter(([, what]) => !names.length || names.includes(what));
}

/** Adds jobs in order and returns them. */
export async function addAll(...entries) {
  const jobs = [];
  for (const [jobName, opts] of entries) jobs.push(await queue.add(jobName, {}, opts));
  return jobs;
}

/** Processes all jobs that are ready, one after the other, and returns what a function says of each. */
export async function drainInOrder(of = job => job.name, token = 'drain') {
  const worker = manual();
  const seen = [];
  for (let job = await worker.getNextJob(token, { block: false }); job;
    job = await worker.getNextJob(token, { block: false })) {
    seen.push(of(job));
    await job.moveToCompleted(null, token, false);
  }
  return seen;
}
