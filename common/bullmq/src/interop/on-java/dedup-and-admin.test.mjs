// Deduplication in all its modes; pausing, draining, cleaning, obliterating, reviving.
import {
  addAll, assert, bullmq, drainInOrder, event, key, manual, name, onJava, openEvents, openQueue, openWorker, queue,
  redis, sleep, stream, test, until,
} from './fixture.mjs';

const take = (worker, token = 'token') => worker.getNextJob(token, { block: false });
const finish = async (worker, error) => {
  const job = await take(worker);
  return error ? job.moveToFailed(error, 'token') : job.moveToCompleted(1, 'token', false);
};
const add = (deduplication, data = 1, opts = {}) => queue.add('j', data, { deduplication, ...opts });

onJava('deduplication', () => {
  test('until the job has finished', async () => {
    const first = await add({ id: 'd' });
    const second = await add({ id: 'd' }, 2);
    assert.equal(second.id, first.id);
    assert.equal(await queue.getDeduplicationJobId('d'), '1');
    assert.deepEqual(
      await stream('deduplicated'),
      [['event', 'deduplicated', 'jobId', '1', 'deduplicationId', 'd', 'deduplicatedJobId', '2']]);
    await finish(manual());
    assert.equal(await queue.getDeduplicationJobId('d'), null);
    assert.equal((await add({ id: 'd' })).id, '3');
  });

  test('a failure frees the id too', async () => {
    await add({ id: 'd' });
    await finish(manual(), new Error('x'));
    assert.equal((await add({ id: 'd' })).id, '2');
  });

  test('for a time, also after the job has finished', async () => {
    await add({ id: 'd', ttl: 60000 });
    await finish(manual());
    assert.equal((await add({ id: 'd', ttl: 60000 })).id, '1');
    assert.ok(await redis.pttl(key('de:d')) > 50000);
  });

  test('the time runs out', async () => {
    await add({ id: 'd', ttl: 80 });
    await sleep(120);
    assert.equal((await add({ id: 'd', ttl: 80 })).id, '2');
  });

  test('each refused job makes the time longer', async () => {
    await add({ id: 'd', ttl: 60000, extend: true });
    await redis.pexpire(key('de:d'), 5000);
    await add({ id: 'd', ttl: 60000, extend: true });
    assert.ok(await redis.pttl(key('de:d')) > 50000);
  });

  test('without extend it does not', async () => {
    await add({ id: 'd', ttl: 60000 });
    await redis.pexpire(key('de:d'), 5000);
    await add({ id: 'd', ttl: 60000 });
    assert.ok(await redis.pttl(key('de:d')) <= 5000);
  });

  test('a new job replaces one that is delayed', async () => {
    const mode = { id: 'd', ttl: 60000, extend: true, replace: true };
    await add(mode, 1, { delay: 5000 });
    const second = await add(mode, 2, { delay: 5000 });
    assert.equal(second.id, '2');
    assert.deepEqual((await queue.getDelayed()).map(job => job.data), [2]);
    assert.deepEqual((await stream('removed', 'deduplicated')).map(([, what, , id]) => [what, id]),
      [['removed', '1'], ['deduplicated', '2']]);
  });

  test('but not one that waits', async () => {
    await add({ id: 'd', replace: true });
    assert.equal((await add({ id: 'd', replace: true }, 2)).id, '1');
  });

  test('the last job runs after an active one', async () => {
    const worker = manual();
    const mode = { id: 'd', keepLastIfActive: true };
    await add(mode, 1);
    const active = await take(worker);
    await add(mode, 2);
    await add(mode, 3);
    assert.equal(await queue.getWaitingCount(), 0);
    await active.moveToCompleted(1, 'token', false);
    const next = await take(worker);
    assert.deepEqual(next.data, 3);
    assert.equal(await queue.getDeduplicationJobId('d'), next.id);
  });

  test('while none is active, the first counts', async () => {
    const mode = { id: 'd', keepLastIfActive: true };
    await add(mode, 1);
    await add(mode, 2);
    assert.deepEqual(await drainInOrder(job => job.data), [1]);
  });

  test('the id can be freed', async () => {
    await add({ id: 'd' });
    assert.equal(await queue.removeDeduplicationKey('d'), 1);
    assert.equal(await queue.removeDeduplicationKey('d'), 0);
    assert.equal((await add({ id: 'd' })).id, '2');
  });

  test('a job frees only an id that is its own', async () => {
    const job = await add({ id: 'd' });
    assert.equal(await job.removeDeduplicationKey(), true);
    assert.equal(await job.removeDeduplicationKey(), false);
    await add({ id: 'd' });
    assert.equal(await job.removeDeduplicationKey(), false);
  });

  test('removing the job frees the id', async () => {
    const job = await add({ id: 'd' });
    await job.remove();
    assert.equal(await queue.getDeduplicationJobId('d'), null);
  });

  test('an owner that is gone without a trace does not block', async () => {
    await add({ id: 'd' });
    await redis.del(key('1'));
    assert.equal((await add({ id: 'd' })).id, '2');
  });

  test('a refused job can move the delayed one', async () => {
    await add({ id: 'd' }, 1, { delay: 60000 });
    await add({ id: 'd', reschedule: true }, 2, { delay: 600000 });
    const [job] = await queue.getDelayed();
    assert.deepEqual([job.id, job.data, job.delay], ['1', 1, 600000]);
    const [, score] = await redis.zrange(key('delayed'), 0, 0, 'WITHSCORES');
    assert.ok(score / 4096 - Date.now() > 500000);
  });

  test('in a bulk', async () => {
    const opts = { deduplication: { id: 'd' } };
    const jobs = await queue.addBulk([1, 2, 3].map(data => ({ name: 'j', data, opts })));
    assert.deepEqual(jobs.map(job => job.id), ['1', '1', '1']);
  });

  test('together with a parent', async () => {
    const parent = await queue.add('parent');
    await assert.rejects(
      add({ id: 'd' }, 1, { parent: { id: parent.id, queue: queue.qualifiedName } }), /cannot be used together/);
  });
});

onJava('administration', () => {
  test('pausing stops workers, resuming starts them', async () => {
    const worker = openWorker(async () => {});
    await queue.pause();
    assert.equal(await queue.isPaused(), true);
    await addAll(['a'], ['b', { priority: 1 }], ['c', { delay: 50 }]);
    await sleep(300);
    // What is due becomes ready all the same.
    assert.deepEqual(
      await queue.getJobCounts('wait', 'prioritized', 'completed'), { wait: 2, prioritized: 1, completed: 0 });
    await queue.resume();
    await until(async () => await queue.getCompletedCount() === 3);
    assert.equal(await queue.isPaused(), false);
    assert.deepEqual((await stream('paused', 'resumed')).map(([, what]) => what), ['paused', 'resumed']);
    assert.ok(worker.isRunning());
  });

  test('jobs left by version 5 while it was paused are resumed', async () => {
    await queue.pause();
    await queue.add('mine');
    await redis.hset(key('old'), 'name', 'old', 'data', '{}', 'opts', '{}', 'timestamp', '1');
    await redis.rpush(key('paused'), 'old');
    await queue.resume();
    assert.deepEqual(await redis.lrange(key('wait'), 0, -1), ['1', 'old']);
  });

  test('draining', async () => {
    await addAll(['a'], ['b', { priority: 1 }], ['c', { delay: 60000 }]);
    await queue.drain();
    assert.equal(await queue.count(), 1);
    await queue.drain(true);
    assert.equal(await queue.count(), 0);
    assert.deepEqual((await redis.keys(key('[0-9]*'))), []);
  });

  test('draining leaves active jobs and the runs of schedulers', async () => {
    await queue.add('a');
    await take(manual());
    await queue.upsertJobScheduler('s', { every: 60000 });
    await queue.drain(true);
    assert.equal(await queue.getActiveCount(), 1);
    assert.equal(await queue.count(), 1);
  });

  test('cleaning completed jobs', async () => {
    const worker = manual();
    await addAll(['a'], ['b'], ['c']);
    for (let n = 0; n < 3; n++) await finish(worker);
    assert.deepEqual(await queue.clean(60000, 0), []);
    await sleep(5);
    assert.deepEqual(await queue.clean(0, 2), ['1', '2']);
    assert.deepEqual((await queue.getCompleted()).map(job => job.id), ['3']);
    assert.deepEqual((await stream('cleaned')).map(fields => fields.at(-1)), ['0', '2']);
  });

  test('cleaning failed jobs', async () => {
    await queue.add('a');
    await finish(manual(), new Error('x'));
    await sleep(5);
    const told = event(queue, 'cleaned');
    assert.deepEqual(await queue.clean(0, 0, 'failed'), ['1']);
    assert.deepEqual(await told, [['1'], 'failed']);
  });

  for (const [type, opts] of [['wait', {}], ['delayed', { delay: 60000 }], ['prioritized', { priority: 2 }]]) {
    test(`cleaning ${type} jobs`, async () => {
      await addAll(['a', opts], ['b', opts]);
      await sleep(5);
      assert.deepEqual((await queue.clean(0, 1, type)), ['1']);
      assert.deepEqual((await queue.clean(60000, 0, type)), []);
      assert.deepEqual((await queue.clean(0, 0, type)), ['2']);
      assert.equal(await queue.count(), 0);
    });
  }

  test('cleaning waiting jobs by their other name', async () => {
    await queue.add('a');
    await sleep(5);
    assert.deepEqual(await queue.clean(0, 0, 'waiting'), ['1']);
  });

  test('cleaning active jobs spares those with a lock', async () => {
    await addAll(['a'], ['b']);
    const worker = manual();
    await take(worker);
    await take(worker);
    await redis.del(`${key('1')}:lock`);
    await sleep(5);
    assert.deepEqual(await queue.clean(0, 0, 'active'), ['1']);
  });

  test('cleaning spares the run of a scheduler', async () => {
    await queue.upsertJobScheduler('s', { every: 60000 });
    await sleep(5);
    assert.deepEqual(await queue.clean(0, 0, 'wait'), []);
    assert.deepEqual(await queue.clean(0, 0, 'delayed'), []);
  });

  test('cleaning very many', async () => {
    for (let n = 0; n < 4; n++) {
      await queue.addBulk(Array.from({ length: 500 }, () => ({ name: 'j', data: {} })));
    }
    await sleep(5);
    assert.equal((await queue.clean(0, 0, 'wait')).length, 2000);
    assert.equal(await queue.count(), 0);
  });

  test('obliterating', async () => {
    await addAll(['a'], ['b', { priority: 1 }], ['c', { delay: 60000 }], ['d', { deduplication: { id: 'x' } }]);
    await queue.upsertJobScheduler('s', { every: 60000 });
    const worker = manual({ metrics: { maxDataPoints: 5 } });
    await finish(worker);
    await queue.obliterate();
    assert.deepEqual(await redis.keys(key('*')), []);
  });

  test('obliterating in small steps', async () => {
    await queue.addBulk(Array.from({ length: 30 }, () => ({ name: 'j', data: {} })));
    await queue.obliterate({ count: 7 });
    assert.deepEqual(await redis.keys(key('*')), []);
  });

  test('obliterating with active jobs', async () => {
    await queue.add('a');
    await take(manual());
    await assert.rejects(queue.obliterate(), /^Error: Cannot obliterate queue with active jobs$/);
    await queue.obliterate({ force: true });
    assert.deepEqual(await redis.keys(key('*')), []);
  });

  test('obliterating a queue that is not paused', async () => {
    await assert.rejects(
      queue.backend.obliterate({ force: false, count: 10 }), /^Error: Cannot obliterate non-paused queue$/);
  });

  test('retrying all failed jobs', async () => {
    await addAll(['a'], ['b'], ['c']);
    const worker = manual();
    for (let n = 0; n < 3; n++) await finish(worker, new Error('x'));
    await queue.retryJobs({ count: 2 });
    assert.equal(await queue.getWaitingCount(), 3);
    assert.deepEqual(await drainInOrder(), ['a', 'b', 'c']);
  });

  test('retrying completed jobs up to a time', async () => {
    await addAll(['a'], ['b']);
    const worker = manual();
    await finish(worker);
    await sleep(5);
    const timestamp = Date.now();
    await sleep(5);
    await finish(worker);
    await queue.retryJobs({ state: 'completed', timestamp });
    assert.deepEqual((await queue.getWaiting()).map(job => job.name), ['a']);
  });

  test('promoting all delayed jobs', async () => {
    await addAll(['a', { delay: 60000 }], ['b', { delay: 50000 }], ['c', { delay: 70000 }]);
    await queue.promoteJobs({ count: 2 });
    assert.deepEqual(await drainInOrder(), ['b', 'a', 'c']);
  });

  test('trimming events', async () => {
    await queue.addBulk(Array.from({ length: 300 }, () => ({ name: 'j', data: {} })));
    assert.ok(await queue.trimEvents(0) > 0);
    assert.ok((await stream()).length < 110);
  });

  test('orphans are removed', async () => {
    await queue.add('a');
    await redis.hset(key('99'), 'name', 'x', 'data', '{}', 'opts', '{}', 'timestamp', '1');
    await redis.rpush(key('99:logs'), 'row');
    assert.equal(await queue.removeOrphanedJobs(), 1);
    assert.equal(await redis.exists(key('99'), key('99:logs')), 0);
    assert.equal(await queue.count(), 1);
  });

  test('the key that old versions left', async () => {
    await redis.set(key('priority'), 'x');
    assert.equal(await queue.removeDeprecatedPriorityKey(), 1);
    assert.equal(await queue.removeDeprecatedPriorityKey(), 0);
  });

  test('settings of the queue', async () => {
    const { backend } = queue;
    assert.equal(await backend.setQueueMeta({ a: 1, b: 'x' }), 2);
    assert.equal(await backend.getQueueMetaField('a'), '1');
    assert.deepEqual(await backend.getQueueMetaFields(['b', 'none', 'a']), ['x', null, '1']);
    assert.equal(await backend.hasQueueMetaField('b'), true);
    assert.equal(await backend.hasQueueMetaField('none'), false);
    assert.equal(await backend.removeQueueMetaFields(['a', 'b', 'c']), 2);
    assert.equal(await backend.getQueueMetaField('a'), null);
  });

  test('what the queue says of itself', async () => {
    await until(async () => await queue.getVersion());
    assert.match(await queue.getVersion(), /^bullmq:6\./);
    await queue.setGlobalConcurrency(3);
    const meta = await queue.getMeta();
    assert.deepEqual([meta.concurrency, meta.maxLenEvents, Boolean(meta.paused)], [3, 10000, false]);
  });

  test('a queue that must not write its settings', async () => {
    const other = openQueue({ skipMetasUpdate: true }, `${name}-quiet`);
    await other.add('j');
    assert.equal(await redis.hget(`bull:${name}-quiet:meta`, 'version'), null);
  });

  test('the length of the stream is the queue’s', async () => {
    const other = openQueue({ streams: { events: { maxLen: 17 } } }, `${name}-short`);
    await other.waitUntilReady();
    await until(async () => await redis.hget(`bull:${name}-short:meta`, 'opts.maxLenEvents') === '17');
    await other.add('j');
    assert.equal(await redis.hget(`bull:${name}-short:meta`, 'opts.maxLenEvents'), '17');
  });

  test('custom events', async () => {
    const events = await openEvents();
    const told = event(events, 'abort');
    await queue.backend.publishEvent({ event: 'abort', who: 'me', n: 3 }, 100);
    const [fields, id] = await told;
    assert.deepEqual(fields, { who: 'me', n: '3' });
    assert.match(id, /^\d+-\d+$/);
  });

  test('events since an id', async () => {
    await queue.add('before');
    const [[last]] = await redis.xrevrange(key('events'), '+', '-', 'COUNT', 1);
    const seen = [];
    const events = await openEvents({ lastEventId: last });
    events.on('added', ({ jobId }) => seen.push(jobId));
    await queue.add('after');
    await until(() => seen.length);
    assert.deepEqual(seen, ['2']);
  });

  test('events between ready and the next read are not lost', async () => {
    const events = await openEvents({ blockingTimeout: 50 });
    const seen = [];
    events.on('added', ({ jobId }) => seen.push(jobId));
    for (let n = 0; n < 10; n++) {
      await queue.add('j');
      await sleep(20);
    }
    await until(() => seen.length === 10);
  });
});
