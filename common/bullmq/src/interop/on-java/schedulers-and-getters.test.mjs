// Job schedulers; and what can be read of queues.
import {
  addAll, assert, bullmq, event, key, manual, name, onJava, openEvents, openWorker, prefix, queue, redis, sleep, stream,
  test, until,
} from './fixture.mjs';
import { mock } from 'node:test';

const take = (worker, token = 'token') => worker.getNextJob(token, { block: false });
const DAY = '0 0 3 * * *';

onJava('job schedulers', () => {
  test('at an interval', async () => {
    const job = await queue.upsertJobScheduler('s', { every: 60000 }, { name: 'tick', data: { a: 1 } });
    assert.match(job.id, /^repeat:s:\d+$/);
    assert.equal(job.repeatJobKey, 's');
    const [scheduler] = await queue.getJobSchedulers();
    assert.deepEqual(
      [scheduler.key, scheduler.name, scheduler.every, scheduler.iterationCount, scheduler.template.data],
      ['s', 'tick', 60000, 1, { a: 1 }]);
    assert.equal(await queue.getJobState(job.id), 'waiting');
    assert.equal((await queue.getJob(job.id)).data.a, 1);
  });

  test('by a cron expression', async () => {
    const endDate = new Date('2030-01-01T00:00:00Z');
    const job = await queue.upsertJobScheduler('s', { pattern: DAY, tz: 'Europe/Madrid', endDate });
    assert.equal(await job.getState(), 'delayed');
    const scheduler = await queue.getJobScheduler('s');
    assert.equal(scheduler.pattern, DAY);
    assert.equal(scheduler.tz, 'Europe/Madrid');
    assert.equal(scheduler.endDate, endDate.getTime());
    assert.equal(job.id, `repeat:s:${scheduler.next}`);
    assert.equal(new Date(scheduler.next).toLocaleTimeString('en-GB', { timeZone: 'Europe/Madrid' }), '03:00:00');
    const { opts } = await queue.getJob(job.id);
    assert.equal(opts.prevMillis, scheduler.next);
    assert.deepEqual([opts.repeat.count, opts.repeat.pattern, opts.repeat.tz], [1, DAY, 'Europe/Madrid']);
  });

  test('again with the same values changes nothing', async () => {
    const first = await queue.upsertJobScheduler('s', { pattern: DAY });
    const second = await queue.upsertJobScheduler('s', { pattern: DAY });
    assert.equal(first.id, second.id);
    assert.equal(await queue.getDelayedCount(), 1);
    assert.equal(await queue.getJobSchedulersCount(), 1);
  });

  test('another expression replaces the run', async () => {
    await queue.upsertJobScheduler('s', { pattern: DAY });
    await queue.upsertJobScheduler('s', { pattern: '0 0 4 * * *' }, { name: 'other', data: 2, opts: { priority: 3 } });
    assert.deepEqual((await queue.getDelayed()).map(job => [job.name, job.data]), [['other', 2]]);
    const { template } = await queue.getJobScheduler('s');
    assert.deepEqual(template, { data: 2, opts: { priority: 3 } });
  });

  test('another interval', async () => {
    await queue.upsertJobScheduler('s', { every: 60000 });
    await queue.upsertJobScheduler('s', { every: 5000 });
    assert.equal(await queue.count(), 1);
    assert.equal((await queue.getJobScheduler('s')).every, 5000);
  });

  test('removing', async () => {
    await queue.upsertJobScheduler('s', { pattern: DAY });
    assert.equal(await queue.removeJobScheduler('s'), true);
    assert.equal(await queue.removeJobScheduler('s'), false);
    assert.equal(await queue.count(), 0);
    assert.equal(await queue.getJobScheduler('s'), undefined);
    assert.deepEqual(await queue.getJobSchedulers(), []);
  });

  test('its next run cannot be removed', async () => {
    const job = await queue.upsertJobScheduler('s', { pattern: DAY });
    await assert.rejects(queue.remove(job.id), {
      code: -8,
      message: `Job ${job.id} belongs to a job scheduler and cannot be removed directly. removeJob`,
    });
  });

  test('ids with colons', async () => {
    const job = await queue.upsertJobScheduler('schedule:7:x', { every: 60000 });
    assert.match(job.id, /^repeat:schedule:7:x:\d+$/);
    assert.equal((await queue.getJobScheduler('schedule:7:x')).key, 'schedule:7:x');
  });

  test('many, in the order of their times', async () => {
    for (const hour of [5, 3, 4]) {
      await queue.upsertJobScheduler(`s${hour}`, { pattern: `0 0 ${hour} 1 1 *`, tz: 'UTC' });
    }
    assert.deepEqual((await queue.getJobSchedulers(0, -1, true)).map(s => s.key), ['s3', 's4', 's5']);
    assert.deepEqual((await queue.getJobSchedulers(0, 0, false)).map(s => s.key), ['s5']);
  });

  test('runs follow each other', async () => {
    const seen = [];
    openWorker(async job => { seen.push(job.id); });
    await queue.upsertJobScheduler('s', { every: 100, limit: 4 });
    await until(() => seen.length === 4);
    await sleep(250);
    assert.equal(new Set(seen).size, 4);
    const times = seen.map(id => Number(id.split(':')[2]));
    for (let n = 1; n < 4; n++) assert.equal((times[n] - times[n - 1]) % 100, 0);
    assert.equal(await queue.count(), 0);
  });

  test('the next run has what the scheduler says now', async () => {
    const worker = manual();
    await queue.upsertJobScheduler('s', { every: 100 }, { name: 'n', data: { v: 1 }, opts: { attempts: 3 } });
    const job = await take(worker);
    const [next] = await queue.getDelayed();
    assert.deepEqual([next.name, next.data, next.opts.attempts], ['n', { v: 1 }, 3]);
    assert.equal((await queue.getJobScheduler('s')).iterationCount, 2);
    assert.equal(next.opts.repeat.count, 2);
    await job.moveToCompleted(1, 'token', false);
  });

  test('a run of a scheduler that is gone has no successor', async () => {
    await queue.upsertJobScheduler('s', { every: 60000 });
    await queue.removeJobScheduler('s');
    await take(manual());
    assert.equal(await queue.count(), 0);
  });

  test('upsert while a run is active', async () => {
    const worker = manual();
    await queue.upsertJobScheduler('s', { every: 60000 });
    await take(worker);
    await queue.upsertJobScheduler('s', { every: 60000 }, { data: 'new' });
    assert.deepEqual((await queue.getDelayed()).map(job => job.data), ['new']);
  });

  test('upsert while the queue is paused', async () => {
    await queue.pause();
    await queue.upsertJobScheduler('s', { every: 60000 });
    await queue.upsertJobScheduler('s', { every: 60000 });
    assert.equal(await queue.count(), 1);
  });

  test('a completed run in the way', async () => {
    const { id } = await queue.upsertJobScheduler('s', { pattern: DAY });
    await queue.removeJobScheduler('s');
    await redis.hset(key(id), 'name', 'stale');
    await assert.rejects(queue.upsertJobScheduler('s', { pattern: DAY }), {
      code: -10, message: 'Cannot create job scheduler iteration - job ID already exists. addJobScheduler',
    });
  });

  test('stale runs of an interval are passed over', async () => {
    mock.timers.enable({ apis: ['Date'], now: new Date('2027-02-07T09:00:00Z') });
    try {
      for (let n = 0; n < 3; n++) await redis.hset(key(`repeat:s:${Date.now() + n * 60000}`), 'name', 'stale');
      const job = await queue.upsertJobScheduler('s', { every: 60000 });
      assert.equal(job.id, `repeat:s:${Date.now() + 180000}`);
    } finally {
      mock.timers.reset();
    }
  });

  test('too many stale runs', async () => {
    mock.timers.enable({ apis: ['Date'], now: new Date('2027-02-07T09:00:00Z') });
    try {
      for (let n = 0; n < 40; n++) await redis.hset(key(`repeat:s:${Date.now() + n * 60000}`), 'name', 'stale');
      await assert.rejects(queue.upsertJobScheduler('s', { every: 60000 }), { code: -11 });
    } finally {
      mock.timers.reset();
    }
  });

  test('an offset', async () => {
    mock.timers.enable({ apis: ['Date'], now: new Date('2027-02-07T09:24:00Z') });
    try {
      await queue.upsertJobScheduler('s', { every: 900000, offset: 180000 });
      const scheduler = await queue.getJobScheduler('s');
      assert.equal(scheduler.next, new Date('2027-02-07T09:33:00Z').getTime());
      assert.equal(scheduler.offset, 180000);
    } finally {
      mock.timers.reset();
    }
  });

  test('on a clock that is years behind, runs come when that clock says so', async () => {
    mock.timers.enable({ apis: ['Date'], now: new Date('2017-02-07T09:24:00Z') });
    try {
      const worker = manual();
      await queue.upsertJobScheduler('s', { every: 60000 });
      const first = await take(worker);
      assert.equal(first.id, `repeat:s:${Date.now()}`);
      await first.moveToCompleted(1, 'token', false);
      assert.equal(await queue.getDelayedCount(), 1);
      const [nothing, , , nextDue] = await worker.backend.moveToActive('token', '');
      assert.equal(nothing, null);
      assert.equal(nextDue, Date.now() + 60000);
      mock.timers.setTime(nextDue);
      const second = await take(worker);
      assert.equal(second.id, `repeat:s:${Date.now()}`);
    } finally {
      mock.timers.reset();
    }
  });

  test('a start in the future, and an end in the past', async () => {
    const startDate = Date.now() + 3600000;
    await queue.upsertJobScheduler('s', { every: 1000, startDate });
    assert.equal((await queue.getJobScheduler('s')).next, startDate);
    await assert.rejects(
      queue.upsertJobScheduler('t', { every: 1000, endDate: Date.now() - 1 }), /End date must be greater/);
  });

  test('an expression that is to run at once', async () => {
    const job = await queue.upsertJobScheduler('s', { pattern: DAY, immediately: true });
    assert.equal(await queue.getJobState(job.id), 'waiting');
    await take(manual());
    assert.equal(await queue.getDelayedCount(), 1);
  });

  test('rules that contradict themselves', async () => {
    await assert.rejects(queue.upsertJobScheduler('s', { every: 1, pattern: DAY }), /^Error: Both \.pattern and \.every/);
    await assert.rejects(queue.upsertJobScheduler('s', {}), /^Error: Either \.pattern or \.every/);
  });

  test('whether an id is a scheduler', async () => {
    await queue.upsertJobScheduler('s', { every: 60000 });
    assert.equal(await queue.backend.isJobScheduler('s'), true);
    assert.equal(await queue.backend.isJobScheduler('t'), false);
    assert.equal((await queue.backend.getJobSchedulerData('s')).every, '60000');
    assert.deepEqual(await queue.backend.getJobSchedulerData('t'), {});
  });

  test('a run can be promoted', async () => {
    const job = await queue.upsertJobScheduler('s', { pattern: DAY });
    await job.promote();
    assert.equal((await take(manual())).id, job.id);
    assert.equal(await queue.getDelayedCount(), 1);
  });
});

onJava('getters', () => {
  test('counts of all states', async () => {
    await addAll(['a'], ['b'], ['c', { delay: 60000 }], ['d', { priority: 1 }]);
    await take(manual());
    assert.deepEqual(await queue.getJobCounts(), {
      active: 1, completed: 0, delayed: 1, failed: 0, prioritized: 1, waiting: 1, 'waiting-children': 0,
    });
    assert.equal(await queue.count(), 3);
    assert.equal(await queue.getJobCountByTypes('waiting', 'delayed'), 2);
  });

  test('counts by priority', async () => {
    await addAll(['a'], ['b', { priority: 1 }], ['c', { priority: 1 }], ['d', { priority: 2097151 }]);
    assert.deepEqual(await queue.getCountsPerPriority([0, 1, 5, 2097151]), { 0: 1, 1: 2, 5: 0, 2097151: 1 });
  });

  test('delayed jobs that are due before a time', async () => {
    await addAll(['a', { delay: 60000 }], ['b', { delay: 600000 }]);
    const [count] = await queue.backend.getCounts(['delayed'], Date.now() + 120000);
    assert.equal(count, 1);
  });

  for (const [method, opts] of [['getWaiting', {}], ['getDelayed', { delay: 60000 }], ['getPrioritized', { priority: 1 }]]) {
    test(method, async () => {
      await addAll(['a', opts], ['b', opts], ['c', opts]);
      assert.deepEqual((await queue[method]()).map(job => job.name), ['a', 'b', 'c']);
      assert.deepEqual((await queue[method](1, 1)).map(job => job.name), ['b']);
    });
  }

  test('getActive', async () => {
    await addAll(['a'], ['b']);
    const worker = manual();
    await take(worker);
    await take(worker);
    assert.deepEqual((await queue.getActive()).map(job => job.name), ['a', 'b']);
  });

  test('finished jobs, the newest first', async () => {
    await addAll(['a'], ['b'], ['c']);
    const worker = manual();
    for (let n = 0; n < 2; n++) {
      await (await take(worker)).moveToCompleted(n, 'token', false);
      await sleep(3);
    }
    await (await take(worker)).moveToFailed(new Error('x'), 'token');
    assert.deepEqual((await queue.getCompleted()).map(job => job.name), ['b', 'a']);
    assert.deepEqual((await queue.getFailed()).map(job => job.name), ['c']);
  });

  test('ids by ranges', async () => {
    await addAll(['a'], ['b'], ['c'], ['d', { delay: 60000 }]);
    assert.deepEqual(await queue.getRanges(['waiting'], 0, -1, true), ['1', '2', '3']);
    assert.deepEqual(await queue.getRanges(['waiting'], 0, 1, true), ['1', '2']);
    assert.deepEqual(await queue.getRanges(['waiting'], 0, 1, false), ['3', '2']);
    assert.deepEqual(await queue.getRanges(['wait', 'delayed'], 0, -1, true), ['1', '2', '3', '4']);
    assert.deepEqual(await queue.backend.getRanges(['wait', 'delayed'], 0, -1, false), [['3', '2', '1'], ['4']]);
  });

  test('jobs of several states', async () => {
    await addAll(['a'], ['b', { delay: 60000 }], ['c', { priority: 2 }]);
    assert.deepEqual((await queue.getJobs(['waiting', 'delayed', 'prioritized'])).map(job => job.name).sort(), ['a', 'b', 'c']);
    assert.deepEqual((await queue.getJobs()).length, 3);
  });

  test('whether a job is in a state', async () => {
    const job = await queue.add('a');
    const { backend } = queue;
    assert.equal(await backend.isJobInState('waiting', job.id), true);
    assert.equal(await backend.isJobInState('wait', job.id), true);
    assert.equal(await backend.isJobInState('delayed', job.id), false);
    await assert.rejects(backend.isJobInState('nowhere', job.id), /Unknown job state: nowhere/);
  });

  test('whether a job has finished', async () => {
    const { backend } = queue;
    await addAll(['a'], ['b']);
    const worker = manual();
    assert.equal(await backend.isFinished('1'), 0);
    assert.deepEqual(await backend.isFinished('1', true), [0]);
    await (await take(worker)).moveToCompleted({ v: 1 }, 'token', false);
    await (await take(worker)).moveToFailed(new Error('x'), 'token');
    assert.equal(await backend.isFinished('1'), 1);
    assert.deepEqual(await backend.isFinished('1', true), [1, '{"v":1}']);
    assert.deepEqual(await backend.isFinished('2', true), [2, 'x']);
    assert.equal(await backend.isFinished('none'), -1);
    assert.deepEqual(
      await backend.isFinished('none', true), [-1, `Missing key for job ${prefix}:${name}:none. isFinished`]);
  });

  test('what is stored of a job, as JSON', async () => {
    const job = await queue.add('a', { x: 1 }, { keepLogs: 4, deduplication: { id: 'd' } });
    const json = await queue.backend.getJobData(job.id);
    assert.equal(json.data, '{"x":1}');
    assert.deepEqual(json.opts, { attempts: 0, keepLogs: 4, deduplication: { id: 'd' } });
    assert.equal(json.deduplicationId, 'd');
    assert.deepEqual([json.progress, json.attemptsMade, json.stalledCounter], [0, 0, 0]);
    assert.equal(await queue.backend.getJobData('none'), undefined);
  });

  test('workers by name', async () => {
    const worker = openWorker(async () => {}, { name: 'w1' });
    await worker.waitUntilReady();
    await until(async () => (await queue.getWorkers()).length === 1);
    const [{ name: shown, rawname }] = await queue.getWorkers();
    assert.equal(shown, name);
    assert.ok(rawname.endsWith(':w:w1'));
    assert.equal(await queue.getWorkersCount(), 1);
  });

  test('pages of sets and hashes', async () => {
    const { backend } = queue;
    await redis.sadd(key('set'), ...Array.from({ length: 250 }, (_, n) => `m${n}`));
    await redis.hset(key('hash'), { a: '1', b: '{"x":2}', c: 'no json' });
    const all = await backend.paginate(key('set'), { start: 0, end: -1 });
    assert.deepEqual([all.items.length, all.total, all.cursor], [250, 250, '0']);
    const first = await backend.paginate(key('set'), { start: 0, end: 99 });
    const second = await backend.paginate(key('set'), { start: 100, end: 249 });
    assert.equal(new Set([...first.items, ...second.items].map(item => item.id)).size, 250);
    const hash = await backend.paginate(key('hash'), { start: 0, end: 9 });
    assert.deepEqual(hash.items.slice(0, 2), [{ id: 'a', v: 1 }, { id: 'b', v: { x: 2 } }]);
    assert.ok(hash.items[2].err);
    assert.deepEqual((await backend.paginate(key('none'), { start: 0, end: 9 })).items, []);
  });

  test('duplicated jobs are told in the events', async () => {
    const events = await openEvents();
    const told = event(events, 'duplicated');
    await queue.add('a', {}, { jobId: 'x' });
    await queue.add('a', {}, { jobId: 'x' });
    assert.equal((await told)[0].jobId, 'x');
    assert.equal((await stream('added')).length, 1);
    assert.ok(bullmq.QueueEvents);
  });
});
