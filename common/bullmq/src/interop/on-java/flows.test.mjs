// Flows: trees over several queues, what a child's end means to its parent, reading trees back.
import {
  assert, bullmq, event, key, manual, name, onJava, openEvents, openFlows, openQueue, openWorker, prefix, queue, redis,
  stream, test, until,
} from './fixture.mjs';

const take = (worker, token = 'token') => worker.getNextJob(token, { block: false });
const kid = (child, opts = {}, more = {}) => ({ name: child, queueName: name, data: { child }, opts, ...more });
const parent = (children, opts = {}, more = {}) =>
  ({ name: 'parent', queueName: name, data: {}, opts, children, ...more });
const boom = new bullmq.UnrecoverableError('boom');

/** Processes jobs until none is ready; those whose name begins with "bad" fail. */
async function run(worker = manual()) {
  const names = [];
  for (let job = await take(worker); job; job = await take(worker)) {
    names.push(job.name);
    if (job.deferredFailure) await job.moveToFailed(new bullmq.UnrecoverableError(job.deferredFailure), 'token');
    else if (job.name.startsWith('bad')) await job.moveToFailed(boom, 'token');
    else await job.moveToCompleted(`${job.name} done`, 'token', false);
  }
  return names;
}

onJava('flows', () => {
  test('a parent runs after its children, and has their values', async () => {
    const tree = await openFlows().add(parent([kid('a'), kid('b')]));
    assert.equal(tree.children.length, 2);
    assert.equal(await tree.job.getState(), 'waiting-children');
    assert.equal(await queue.getWaitingChildrenCount(), 1);
    assert.deepEqual(await run(), ['a', 'b', 'parent']);
    assert.deepEqual(Object.values(await tree.job.getChildrenValues()).sort(), ['a done', 'b done']);
    assert.equal(await tree.job.getState(), 'completed');
  });

  test('what is stored of a family', async () => {
    const { job, children: [child] } = await openFlows().add(parent([kid('a', { failParentOnFailure: true })]));
    const hash = await redis.hgetall(key(child.job.id));
    assert.equal(hash.parentKey, key(job.id));
    assert.deepEqual(JSON.parse(hash.parent), { id: job.id, queueKey: `${prefix}:${name}`, fpof: true });
    assert.deepEqual(JSON.parse(hash.opts).parent, { id: job.id, queue: `${prefix}:${name}` });
    assert.deepEqual(await redis.smembers(`${key(job.id)}:dependencies`), [key(child.job.id)]);
    assert.deepEqual((await stream('waiting-children')), [['event', 'waiting-children', 'jobId', job.id]]);
  });

  test('children in other queues', async () => {
    const other = openQueue({}, `${name}-other`);
    await openFlows().add(parent([{ name: 'far', queueName: `${name}-other` }]));
    const worker = openWorker(async () => 'far done', {}, `${name}-other`);
    openWorker(async job => job.getChildrenValues());
    await until(async () => await queue.getCompletedCount() === 1);
    assert.deepEqual(Object.values((await queue.getCompleted())[0].returnvalue), ['far done']);
    await worker.close();
    await other.obliterate({ force: true });
  });

  test('grandchildren', async () => {
    await openFlows().add(parent([kid('c', {}, { children: [kid('g1'), kid('g2')] })]));
    assert.deepEqual(await run(), ['g1', 'g2', 'c', 'parent']);
  });

  test('ids of the caller’s own', async () => {
    const { job } = await openFlows().add(parent([kid('a', { jobId: 'kid' })], { jobId: 'dad' }));
    assert.equal(job.id, 'dad');
    assert.equal((await queue.getJob('kid')).parentKey, key('dad'));
  });

  test('priorities and delays of parents count when they are released', async () => {
    await openFlows().add(parent([kid('a')], { priority: 5 }));
    await openFlows().add(parent([kid('b')], { delay: 60000 }));
    assert.deepEqual(await run(), ['a', 'b', 'parent']);
    assert.equal(await queue.getDelayedCount(), 1);
  });

  test('default options of a flow’s queues', async () => {
    const { job } = await openFlows().add(
      parent([kid('a')]), { queuesOptions: { [name]: { defaultJobOptions: { attempts: 7 } } } });
    assert.equal((await queue.getJob(job.id)).opts.attempts, 7);
  });

  test('many flows at once', async () => {
    const trees = await openFlows().addBulk([parent([kid('a')]), parent([kid('b'), kid('c')])]);
    assert.deepEqual(trees.map(tree => tree.children.length), [1, 2]);
    assert.equal(await queue.getWaitingChildrenCount(), 2);
    assert.deepEqual((await run()).sort(), ['a', 'b', 'c', 'parent', 'parent']);
  });

  test('a flow without children', async () => {
    const { job } = await openFlows().add({ name: 'alone', queueName: name });
    assert.equal(await job.getState(), 'waiting');
  });

  test('a flow below a job that exists', async () => {
    const dad = await queue.add('dad');
    const worker = manual();
    const active = await take(worker);
    await openFlows().add(kid('late', { parent: { id: dad.id, queue: queue.qualifiedName } }));
    assert.equal(await active.moveToWaitingChildren('token'), true);
    assert.deepEqual(await run(worker), ['late', 'dad']);
  });

  test('a root whose parent is missing', async () => {
    const opts = { parent: { id: 'none', queue: queue.qualifiedName } };
    await assert.rejects(openFlows().add(kid('x', opts)), error => {
      assert.equal(error.code, -5);
      assert.equal(error.message, `Missing key for parent job ${key('none')}. addJob`);
      return true;
    });
  });

  test('deduplication on a job with children', async () => {
    await assert.rejects(
      openFlows().add(parent([kid('a')], { deduplication: { id: 'x' } })), /cannot be used on flow nodes/);
  });

  test('a child that has completed already', async () => {
    await queue.add('done', {}, { jobId: 'kid' });
    await run();
    const { job } = await openFlows().add(parent([kid('kid', { jobId: 'kid' })]));
    assert.equal(await job.getState(), 'waiting');
    assert.deepEqual(await job.getChildrenValues(), { [key('kid')]: 'done done' });
  });

  test('the parent fails with its child', async () => {
    const { job } = await openFlows().add(parent([kid('bad', { failParentOnFailure: true }), kid('good')]));
    assert.deepEqual(await run(), ['bad', 'parent', 'good']);
    const failed = await queue.getJob(job.id);
    assert.match(failed.failedReason, /^child .* failed$/);
    assert.deepEqual(await failed.getDependenciesCount(), { processed: 1, unprocessed: 0, ignored: 0, failed: 1 });
  });

  test('a chain of parents fails', async () => {
    const opts = { failParentOnFailure: true };
    await openFlows().add(parent([kid('mid', opts, { children: [kid('bad', opts)] })]));
    await run();
    assert.equal(await queue.getFailedCount(), 3);
  });

  test('a failed child that is ignored', async () => {
    const { job, children } = await openFlows().add(
      parent([kid('bad', { ignoreDependencyOnFailure: true }), kid('good')]));
    assert.deepEqual(await run(), ['bad', 'good', 'parent']);
    assert.deepEqual(await job.getIgnoredChildrenFailures(), { [key(children[0].job.id)]: 'boom' });
  });

  test('a failed child that is taken from its parent', async () => {
    const { job } = await openFlows().add(parent([kid('bad', { removeDependencyOnFailure: true })]));
    assert.deepEqual(await run(), ['bad', 'parent']);
    assert.deepEqual(await job.getDependenciesCount(), { processed: 0, unprocessed: 0, ignored: 0, failed: 0 });
  });

  test('the parent goes on at the first failure', async () => {
    await openFlows().add(parent([kid('bad', { continueParentOnFailure: true }), kid('good', { priority: 9 })]));
    const worker = manual();
    await (await take(worker)).moveToFailed(boom, 'token');
    const dad = await take(worker);
    assert.equal(dad.name, 'parent');
    // It cannot complete before it has dealt with the others.
    await assert.rejects(dad.moveToCompleted(1, 'token', false), { code: -4 });
    await dad.removeUnprocessedChildren();
    await dad.moveToCompleted(1, 'token', false);
    assert.deepEqual(Object.values(await dad.getIgnoredChildrenFailures()), ['boom']);
  });

  test('without a policy the parent waits', async () => {
    const { job } = await openFlows().add(parent([kid('bad')]));
    assert.deepEqual(await run(), ['bad']);
    assert.equal(await job.getState(), 'waiting-children');
  });

  test('a failed child that is retried counts again', async () => {
    const { job, children: [child] } = await openFlows().add(parent([kid('bad', { ignoreDependencyOnFailure: true }),
      kid('slow', { delay: 60000 })]));
    await run();
    await (await queue.getJob(child.job.id)).retry();
    assert.deepEqual(await job.getDependenciesCount(), { processed: 0, unprocessed: 2, ignored: 0, failed: 0 });
  });

  test('completing with a failed child', async () => {
    const dad = await queue.add('dad');
    const worker = manual();
    const active = await take(worker);
    await queue.add('bad', {}, {
      parent: { id: dad.id, queue: queue.qualifiedName }, failParentOnFailure: true,
    });
    await (await take(worker)).moveToFailed(boom, 'token');
    await assert.rejects(active.moveToCompleted(1, 'token', false), error => {
      assert.equal(error.code, -9);
      assert.ok(error instanceof bullmq.UnrecoverableError);
      assert.match(error.message, /^Cannot complete job 1 because it has at least one failed child\. moveToFinished$/);
      return true;
    });
    await assert.rejects(active.moveToWaitingChildren('token'), { code: -9 });
  });

  test('removing a parent removes its children', async () => {
    const { job, children } = await openFlows().add(parent([kid('a'), kid('b')]));
    await job.remove();
    for (const child of children) assert.equal(await queue.getJob(child.job.id), undefined);
    assert.equal(await queue.count(), 0);
  });

  test('removing a parent alone', async () => {
    const { job } = await openFlows().add(parent([kid('a')]));
    await job.remove({ removeChildren: false });
    assert.equal(await queue.getWaitingCount(), 1);
  });

  test('a parent whose child is active stays', async () => {
    const { job } = await openFlows().add(parent([kid('a')]));
    await take(manual());
    await assert.rejects(job.remove(), /could not be removed/);
  });

  test('removing the last child frees the parent', async () => {
    const { job, children: [child] } = await openFlows().add(parent([kid('a')]));
    await child.job.remove();
    assert.equal(await job.getState(), 'waiting');
  });

  test('removing the children that have not run', async () => {
    const { job, children } = await openFlows().add(parent([kid('a'), kid('b'), kid('c')]));
    const worker = manual();
    await (await take(worker)).moveToCompleted('x', 'token', false);
    await take(worker);
    await job.removeUnprocessedChildren();
    assert.equal(await queue.getJobState(children[2].job.id), 'unknown');
    assert.equal(await queue.getJobState(children[1].job.id), 'active');
    assert.equal(await queue.getJobState(children[0].job.id), 'completed');
  });

  test('a child leaves its parent', async () => {
    const { job, children: [a] } = await openFlows().add(parent([kid('a')]));
    const child = await queue.getJob(a.job.id);
    assert.equal(await child.removeChildDependency(), true);
    assert.equal(await job.getState(), 'waiting');
    assert.equal((await queue.getJob(a.job.id)).parentKey, undefined);
  });

  test('leaving a parent that is gone', async () => {
    const { job, children: [a] } = await openFlows().add(parent([kid('a')]));
    await redis.del(key(job.id));
    await assert.rejects(
      (await queue.getJob(a.job.id)).removeChildDependency(), {
        code: -5, message: `Missing key for parent job ${key(job.id)}. removeChildDependency`,
      });
  });

  test('waiting for one child only', async () => {
    const dad = await queue.add('dad');
    const active = await take(manual());
    const of = { parent: { id: dad.id, queue: queue.qualifiedName } };
    const child = await queue.add('kid', {}, of);
    assert.equal(
      await active.moveToWaitingChildren('token', { child: { id: 'other', queue: queue.qualifiedName } }), false);
    assert.equal(
      await active.moveToWaitingChildren('token', { child: { id: child.id, queue: queue.qualifiedName } }), true);
  });

  test('reading a tree', async () => {
    const flows = openFlows();
    const { job } = await flows.add(parent([kid('a', {}, { children: [kid('g')] }), kid('b')]));
    const tree = await flows.getFlow({ id: job.id, queueName: name });
    assert.equal(tree.job.id, job.id);
    assert.deepEqual(tree.children.map(child => child.job.name).sort(), ['a', 'b']);
    assert.deepEqual(tree.children.find(child => child.job.name === 'a').children.map(c => c.job.name), ['g']);
    assert.equal((await flows.getFlow({ id: job.id, queueName: name, depth: 1 })).children, undefined);
    assert.equal(await flows.getFlow({ id: 'none', queueName: name }), undefined);
  });

  test('reading a tree after everything has ended', async () => {
    const flows = openFlows();
    const { job } = await flows.add(
      parent([kid('good'), kid('bad', { ignoreDependencyOnFailure: true }), kid('bad2', { removeOnFail: true,
        ignoreDependencyOnFailure: true })]));
    await run();
    const tree = await flows.getFlow({ id: job.id, queueName: name });
    assert.deepEqual(tree.children.filter(child => child).map(child => child.job.name).sort(), ['bad', 'good']);
  });

  test('dependencies, all of them', async () => {
    const { job } = await openFlows().add(
      parent([kid('a'), kid('bad', { ignoreDependencyOnFailure: true }), kid('late', { delay: 60000 })]));
    await run();
    const { processed, unprocessed, ignored, failed } = await job.getDependencies();
    assert.deepEqual(Object.values(processed), ['a done']);
    assert.deepEqual(Object.values(ignored), ['boom']);
    assert.equal(unprocessed.length, 1);
    assert.deepEqual(failed, []);
    assert.deepEqual(
      await job.getDependenciesCount({ processed: true, ignored: true }), { processed: 1, ignored: 1 });
  });

  test('dependencies, page by page', async () => {
    const children = Array.from({ length: 60 }, (_, n) => kid(`k${n}`, {}, { data: 'x'.repeat(70) }));
    const { job } = await openFlows().add(parent(children));
    const seen = new Set();
    let cursor = 0;
    do {
      const page = await job.getDependencies({ unprocessed: { cursor, count: 20 } });
      page.unprocessed.forEach(child => seen.add(child));
      cursor = page.nextUnprocessedCursor;
    } while (cursor !== 0);
    assert.equal(seen.size, 60);
    await run();
    const page = await job.getDependencies({ processed: { cursor: 0, count: 200 } });
    assert.equal(Object.keys(page.processed).length, 60);
    assert.equal(page.nextProcessedCursor, 0);
  });

  test('pages of a queue’s dependencies', async () => {
    const children = Array.from({ length: 25 }, (_, n) => kid(`k${n}`));
    const { job } = await openFlows().add(parent(children));
    const page = await queue.getDependencies(job.id, 'pending', 0, 9);
    assert.equal(page.items.length, 10);
    assert.equal(page.total, 25);
    assert.ok(page.items.every(item => item.id.startsWith(`${prefix}:${name}:`)));
    assert.equal(page.jobs.length, 10);
    await run();
    const processed = await queue.getDependencies(job.id, 'processed', 0, -1);
    assert.equal(processed.items.length, 25);
    assert.match(processed.items[0].v, /^k\d+ done$/);
  });

  test('a parent that fails is told in the events', async () => {
    const events = await openEvents();
    const told = event(events, 'failed', ({ failedReason }) => failedReason.startsWith('child'));
    const { job } = await openFlows().add(parent([kid('bad', { failParentOnFailure: true })]));
    openWorker(async () => { throw boom; });
    assert.equal((await told)[0].jobId, job.id);
  });
});
