// Flows and the work of administrators, begun on one side and ended on the other.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { connection } from './bridge.mjs';
import {
  require, major, compat, java, name, queue, q, closing, own, javaWorker, nodeWorker, until,
} from './fixture.mjs';

const { FlowProducer, Queue, UnrecoverableError, WaitingChildrenError, Worker } = require('bullmq');

const javaFlows = () => java.call('flow.open', undefined, name, { connection, ...compat });
const nodeFlows = () => own(new FlowProducer({ connection }));

const inState = (id, state) => until(async () => (await queue.getJobState(id)) === state);

function tree(children, opts = {}) {
  return { name: 'parent', queueName: name, data: 'p', opts: { jobId: 'parent', ...opts }, children };
}

function child(n, opts = {}) {
  return { name: `child${n}`, queueName: name, data: n, opts: { jobId: `child${n}`, ...opts } };
}

const grandchildren = () => tree([{ ...child(1), children: [child(11), child(12)] }, child(2)]);

test("Java's flow runs on Node and Node reads it", async () => {
  const flow = await java.call('flow.add', await javaFlows(), grandchildren());
  assert.equal(flow.children[0].children.length, 2);
  assert.equal(await queue.getJobState('parent'), 'waiting-children');
  const read = await nodeFlows().getFlow({ queueName: name, id: 'parent' });
  assert.deepEqual(read.children.map(node => node.job.id).sort(), ['child1', 'child2']);
  assert.equal(read.children.find(node => node.job.id === 'child1').children.length, 2);

  nodeWorker(async job => {
    const values = Object.values(await job.getChildrenValues());
    return values.length ? values.flat().sort() : job.data;
  });
  await inState('parent', 'completed');
  assert.deepEqual((await queue.getJob('parent')).returnvalue, [11, 12, 2]);
});

test("Node's flow runs on Java and Java reads it", async () => {
  await nodeFlows().add(grandchildren());
  const read = await java.call('flow.get', await javaFlows(), name, 'parent');
  assert.deepEqual(read.children.map(node => node.job.id).sort(), ['child1', 'child2']);
  assert.equal(read.children.find(node => node.job.id === 'child1').children.length, 2);
  await javaWorker({ kind: 'children' });
  await inState('parent', 'completed');
  assert.deepEqual((await queue.getJob('parent')).returnvalue, [2, [11, 12]]);
});

test('a flow of Java crosses queues with workers of both languages', async () => {
  const other = own(new Queue(`${name}-2`, { connection }));
  await java.call('flow.add', await javaFlows(), tree([{ ...child(1), queueName: other.name }, child(2)]));
  own(new Worker(other.name, async job => `node ${job.data}`, { connection, drainDelay: 1 }));
  await javaWorker({ kind: 'children' });
  await inState('parent', 'completed');
  assert.deepEqual((await queue.getJob('parent')).returnvalue, ['node 1', 2].sort().reverse());
});

for (const [policy, since] of [
  ['failParentOnFailure', 5], ['ignoreDependencyOnFailure', 5], ['removeDependencyOnFailure', 5],
  // 5.45.2 does not know it yet.
  ['continueParentOnFailure', 6],
]) {
  for (const [producer, worker] of [['Java', 'Node'], ['Node', 'Java']]) {
    test(`${policy}: ${producer} adds, ${worker} fails the child`, { skip: major < since }, async () => {
      const flow = tree([child(1, { [policy]: true })]);
      await (producer === 'Java'
        ? java.call('flow.add', await javaFlows(), flow) : nodeFlows().add(flow));
      if (worker === 'Java') {
        await javaWorker({ kind: 'failNamed', name: 'child1' });
      } else {
        nodeWorker(async job => {
          if (job.name === 'child1') throw new UnrecoverableError('boom');
          return 'ran';
        });
      }
      await inState('child1', 'failed');
      const parent = () => queue.getJob('parent');
      if (policy === 'failParentOnFailure') {
        await inState('parent', 'failed');
        assert.match((await parent()).failedReason, /^child .*:child1 failed$/);
        return;
      }
      await inState('parent', 'completed');
      const ignored = await java.call('queue.getIgnoredChildrenFailures', q, 'parent');
      const expected = policy === 'removeDependencyOnFailure' ? {} : { [`bull:${name}:child1`]: 'boom' };
      assert.deepEqual(ignored, expected);
      assert.deepEqual({ ...(await (await parent()).getFailedChildrenValues()) }, expected);
    });
  }
}

test('a child without a policy keeps its parent waiting until it is retried by the other side', async () => {
  await nodeFlows().add(tree([child(1)]));
  const failing = await javaWorker({ kind: 'failNamed', name: 'child1' });
  await inState('child1', 'failed');
  assert.equal(await queue.getJobState('parent'), 'waiting-children');
  await java.call('worker.stop', failing, 1000);
  await java.call('job.retry', q, 'child1', 'failed');
  assert.equal(await queue.getJobState('child1'), 'waiting');
  nodeWorker(async job => job.data);
  await inState('parent', 'completed');
});

test('a Java processor waits for the children it adds', async () => {
  await javaWorker({ kind: 'addChildren' }, { concurrency: 2 });
  const job = await queue.add('parent', 'p');
  await inState(job.id, 'completed');
  const done = await queue.getJob(job.id);
  assert.deepEqual(done.returnvalue, [1, 2]);
  assert.equal(done.attemptsMade, 1);
});

test('a Node processor waits for children that run on Java', async () => {
  const there = `${name}-2`;
  const h = await java.startWorker(there, { kind: 'echo' }, compat);
  closing.push(() => java.call('worker.stop', h, 0));
  const children = own(new Queue(there, { connection }));
  nodeWorker(async (job, token) => {
    if (job.data === 'start') {
      await children.add('child', 7, { parent: { id: job.id, queue: job.queueQualifiedName } });
      await job.updateData('wait');
    }
    if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
    return Object.values(await job.getChildrenValues());
  });
  const job = await queue.add('parent', 'start');
  await inState(job.id, 'completed');
  assert.deepEqual((await queue.getJob(job.id)).returnvalue, [7]);
});

test('a Java processor delays its job', async () => {
  await javaWorker({ kind: 'delayOnce' });
  const job = await queue.add('step', 'x');
  await inState(job.id, 'completed');
  const done = await queue.getJob(job.id);
  assert.equal(done.attemptsMade, 1);
  assert.equal(done.attemptsStarted, 2);
});

test('a queue that Java pauses holds jobs of both sides, in order', async () => {
  const order = [];
  await java.call('queue.pause', q);
  await queue.add('a', {});
  await java.call('queue.add', q, 'b', {});
  await java.call('flow.add', await javaFlows(), tree([child(1)]));
  nodeWorker(async job => { order.push(job.name); });
  await sleep(300);
  assert.deepEqual(order, []);
  await queue.resume();
  await inState('parent', 'completed');
  assert.deepEqual(order, ['a', 'b', 'child1', 'parent']);
});

test('what Java cleans, retries and promotes is so for Node', async () => {
  const failing = await javaWorker({ kind: 'failNamed', name: 'bad' });
  const good = await queue.add('good', 1);
  const bad = await queue.add('bad', 1);
  await inState(good.id, 'completed');
  await inState(bad.id, 'failed');
  await java.call('worker.stop', failing, 1000);
  const late = await queue.add('late', 1, { delay: 3600000 });
  const later = await queue.add('later', 1, { delay: 7200000, priority: 3 });

  assert.deepEqual(await java.call('queue.clean', q, 0, 0, 'completed'), [good.id]);
  assert.equal(await queue.getJob(good.id), undefined);
  assert.equal(await java.call('queue.retryJobs', q, 'failed'), 1);
  assert.equal(await queue.getJobState(bad.id), 'waiting');
  await java.call('job.changeDelay', q, late.id, 1000000);
  assert.equal((await queue.getJob(late.id)).delay, 1000000);
  assert.equal(await java.call('queue.promoteJobs', q), 2);
  assert.equal(await queue.getJobState(later.id), 'prioritized');
  await java.call('job.changePriority', q, later.id, 7);
  assert.equal((await queue.getJob(later.id)).priority, 7);
  await java.call('job.updateData', q, late.id, { changed: true });
  const seen = [];
  nodeWorker(async job => { seen.push([job.name, job.data]); });
  await until(() => seen.length === 3);
  assert.deepEqual(seen, [['bad', 1], ['late', { changed: true }], ['later', 1]]);
});

test('what Node cleans, retries and promotes is so for Java', async () => {
  nodeWorker(async job => { if (job.name === 'bad') throw new UnrecoverableError('boom'); });
  const good = await java.call('queue.add', q, 'good', 1);
  const bad = await java.call('queue.add', q, 'bad', 1);
  await inState(good.id, 'completed');
  await inState(bad.id, 'failed');
  await queue.pause();
  const late = await java.call('queue.add', q, 'late', 1, { delay: 3600000 });

  assert.deepEqual(await queue.clean(0, 10, 'completed'), [good.id]);
  assert.equal(await java.call('queue.getJob', q, good.id), null);
  await (await queue.getJob(bad.id)).retry();
  await (await queue.getJob(late.id)).promote();
  assert.equal(await java.call('queue.getState', q, bad.id), 'waiting');
  assert.equal(await java.call('queue.getState', q, late.id), 'waiting');
  const jobs = await java.call('queue.getJobs', q, 'waiting', 0, -1, true);
  assert.deepEqual(jobs.map(job => job.id), [bad.id, late.id]);
  assert.deepEqual((await queue.getJobs(['wait', 'paused'], 0, -1, true)).map(job => job.id), [bad.id, late.id]);
});

test('draining and obliterating leave nothing that the other side trips over', async () => {
  await queue.upsertJobScheduler('every', { every: 3600000 }, { name: 'run' });
  await queue.add('a', {});
  await queue.add('p', {}, { priority: 2 });
  assert.equal(await java.call('queue.drain', q, true), 2);
  assert.equal((await queue.getJobSchedulers()).length, 1);
  const counts = await java.call('queue.getJobCounts', q);
  assert.equal(counts.waiting + counts.delayed, 1);

  await java.call('queue.obliterate', q, true);
  const redis = await (queue.client ?? queue.getBackend().client);
  assert.deepEqual(await redis.keys(`bull:${name}:*`), []);
  const again = await queue.add('again', {});
  assert.equal(again.id, '1');
  assert.equal(await java.call('queue.removeOrphanedJobs', q), 0);
  assert.equal(await queue.getJobState('1'), 'waiting');
});

test('errors have the codes and words of Node', async () => {
  const waiting = await queue.add('w', {});
  const node = await (await queue.getJob(waiting.id)).promote().catch(error => error);
  await assert.rejects(java.call('job.promote', q, waiting.id), { code: -3, message: node.message });
  await assert.rejects(
    java.call('flow.add', await javaFlows(), tree([child(1)], { parent: { id: 'x', queue: `bull:${name}` } })),
    { code: -5 });
  await assert.rejects(java.call('job.updateData', q, 'x', 1), { code: -1 });
  assert.equal((await queue.getJobCounts('waiting-children'))['waiting-children'], 0);
});
