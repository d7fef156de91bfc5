// Jobs: adding, options, states, changing, removing, retrying, locks.
import {
  addAll, assert, bullmq, drainInOrder, event, key, manual, name, onJava, openEvents, openQueue, openWorker, prefix,
  queue, redis, stream, test, until,
} from './fixture.mjs';

const { Job } = bullmq;
const take = (worker, token = 'token') => worker.getNextJob(token, { block: false });
const rejects = (promise, code, message) => assert.rejects(promise, error => {
  assert.equal(error.code, code);
  if (message) assert.equal(error.message, message);
  return true;
});

onJava('jobs', () => {
  for (const value of [{ a: [1, 'x', null] }, 'text', 0.5, null, false, [], 'Grüße 🌊']) {
    test(`data ${JSON.stringify(value)} comes back as it was`, async () => {
      const job = await queue.add('j', value);
      assert.deepEqual((await queue.getJob(job.id)).data, value);
    });
  }

  test('data that is not given is an empty object', async () => {
    const job = await queue.add('j');
    assert.deepEqual((await queue.getJob(job.id)).data, {});
  });

  test('ids count up, as texts', async () => {
    const jobs = await addAll(['a'], ['b']);
    assert.deepEqual(jobs.map(job => job.id), ['1', '2']);
  });

  test('the hash has what Node writes', async () => {
    await queue.add('std', { a: 1 });
    const hash = await redis.hgetall(key('1'));
    assert.equal(hash.name, 'std');
    assert.equal(hash.data, '{"a":1}');
    assert.deepEqual(JSON.parse(hash.opts), { attempts: 0 });
    assert.equal(hash.delay, '0');
    assert.equal(hash.priority, '0');
    assert.deepEqual(
      await stream(), [['event', 'added', 'jobId', '1', 'name', 'std'], ['event', 'waiting', 'jobId', '1']]);
    assert.deepEqual(await redis.zrange(key('marker'), 0, -1, 'WITHSCORES'), ['0', '0']);
  });

  test('options come back with the names of the API', async () => {
    const opts = {
      attempts: 3, backoff: { type: 'fixed', delay: 1000 }, lifo: true, keepLogs: 3, removeOnComplete: true,
      removeOnFail: { age: 10, count: 5 }, stackTraceLimit: 2, timestamp: 1795335283663, sizeLimit: 1000,
      failParentOnFailure: true, unheardOf: { x: [] },
    };
    const job = await queue.add('j', {}, opts);
    const { opts: read, timestamp } = await queue.getJob(job.id);
    for (const [option, value] of Object.entries(opts)) assert.deepEqual(read[option], value, option);
    assert.equal(timestamp, opts.timestamp);
  });

  test('a number as backoff is a fixed delay', async () => {
    const job = await queue.add('j', {}, { attempts: 2, backoff: 100 });
    assert.deepEqual((await queue.getJob(job.id)).opts.backoff, { type: 'fixed', delay: 100 });
  });

  test('telemetry is kept', async () => {
    const job = await queue.add('j', {}, { telemetry: { metadata: '{"traceparent":"x"}' } });
    assert.equal((await queue.getJob(job.id)).opts.telemetry.metadata, '{"traceparent":"x"}');
    assert.equal(JSON.parse(await redis.hget(key(job.id), 'opts')).tm, '{"traceparent":"x"}');
  });

  test('default options of the queue', async () => {
    const other = openQueue({ defaultJobOptions: { attempts: 4, removeOnComplete: 7 } });
    const job = await other.add('j', {}, { attempts: 5 });
    assert.equal(job.opts.attempts, 5);
    assert.equal((await queue.getJob(job.id)).opts.removeOnComplete, 7);
  });

  test('an id of the caller’s own', async () => {
    assert.equal((await queue.add('j', {}, { jobId: 'own' })).id, 'own');
    assert.equal((await queue.getJob('own')).name, 'j');
  });

  test('a taken id adds nothing and says so', async () => {
    await queue.add('first', {}, { jobId: 'own' });
    await queue.add('second', {}, { jobId: 'own' });
    assert.equal((await queue.getJob('own')).name, 'first');
    assert.equal(await queue.getWaitingCount(), 1);
    assert.deepEqual(await stream('duplicated'), [['event', 'duplicated', 'jobId', 'own']]);
  });

  for (const id of ['12', '0', '0:x', 'a:b']) {
    test(`the id ${id} is not allowed`, async () => {
      await assert.rejects(queue.add('j', {}, { jobId: id }));
    });
  }

  test('data over the size limit is not added', async () => {
    await assert.rejects(
      queue.add('j', { text: 'x'.repeat(50) }, { sizeLimit: 20 }), /exceeds the limit 20 bytes/);
    assert.equal(await queue.count(), 0);
  });

  test('a missing parent refuses the job', async () => {
    const parent = { id: 'none', queue: `${prefix}:${name}` };
    await rejects(
      queue.add('child', {}, { parent }), -5, `Missing key for parent job ${prefix}:${name}:none. addJob`);
    assert.equal(await queue.count(), 0);
  });

  test('a parent that is there waits for jobs added later', async () => {
    const worker = manual();
    const parent = await queue.add('parent');
    const active = await take(worker);
    const child = await queue.add('child', {}, { parent: { id: parent.id, queue: queue.qualifiedName } });
    assert.equal(child.parentKey, key(parent.id));
    assert.deepEqual(await active.getDependenciesCount(), { processed: 0, unprocessed: 1, ignored: 0, failed: 0 });
    await rejects(active.moveToCompleted(1, 'token', false), -4);
    assert.equal(await active.moveToWaitingChildren('token'), true);
    assert.equal(await active.getState(), 'waiting-children');
    await (await take(worker)).moveToCompleted('done', 'token', false);
    const again = await take(worker);
    assert.equal(again.id, parent.id);
    assert.deepEqual(await again.getChildrenValues(), { [key(child.id)]: 'done' });
    assert.equal(await again.moveToWaitingChildren('token'), false);
  });

  test('a child cannot have two parents', async () => {
    const [one, two] = await addAll(['one'], ['two']);
    const of = parent => ({ jobId: 'kid', parent: { id: parent.id, queue: queue.qualifiedName } });
    await queue.add('child', {}, of(one));
    await rejects(queue.add('child', {}, of(two)), -7, `The parent job ${key(two.id)} cannot be replaced. addJob`);
  });

  test('FIFO, LIFO, priorities', async () => {
    await addAll(
      ['p5', { priority: 5 }], ['p1', { priority: 1 }], ['a'], ['b'], ['last in', { lifo: true }],
      ['p5 too', { priority: 5 }]);
    assert.deepEqual(await drainInOrder(), ['last in', 'a', 'b', 'p1', 'p5', 'p5 too']);
  });

  test('scores of priorities', async () => {
    await addAll(['a', { priority: 5 }], ['b', { priority: 5 }], ['c', { priority: 2097151 }]);
    assert.deepEqual(
      await redis.zrange(key('prioritized'), 0, -1, 'WITHSCORES'),
      ['1', '21474836481', '2', '21474836482', '3', '9007194959773699']);
  });

  test('a priority too high or broken', async () => {
    await assert.rejects(queue.add('j', {}, { priority: 2097152 }), /between 0 and 2097151/);
    await assert.rejects(queue.add('j', {}, { priority: 1.5 }), /not be float/);
  });

  test('a delayed job', async () => {
    const before = Date.now();
    const job = await queue.add('late', {}, { delay: 60000 });
    assert.equal(await job.getState(), 'delayed');
    assert.equal(await job.isDelayed(), true);
    const [, score] = await redis.zrange(key('delayed'), 0, 0, 'WITHSCORES');
    assert.equal(Math.floor(score / 4096), job.timestamp + 60000);
    assert.ok(job.timestamp >= before);
    assert.deepEqual(
      await stream('delayed'), [['event', 'delayed', 'jobId', '1', 'delay', String(job.timestamp + 60000)]]);
  });

  test('a delay counts from the timestamp that was given', async () => {
    const timestamp = Date.now() + 100000;
    await queue.add('late', {}, { delay: 1000, timestamp });
    const [, score] = await redis.zrange(key('delayed'), 0, 0, 'WITHSCORES');
    assert.equal(Math.floor(score / 4096), timestamp + 1000);
  });

  test('many at once keep their order', async () => {
    const jobs = await queue.addBulk(Array.from({ length: 300 }, (_, n) => ({ name: `n${n}`, data: n })));
    assert.equal(new Set(jobs.map(job => job.id)).size, 300);
    assert.deepEqual(await drainInOrder(job => job.data), Array.from({ length: 300 }, (_, n) => n));
  });

  test('jobs that are added at the same time keep their order', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, n) => queue.add('j', n)));
    assert.deepEqual(await drainInOrder(job => job.data), Array.from({ length: 50 }, (_, n) => n));
  });

  test('a bulk with other options for each', async () => {
    await queue.addBulk([
      { name: 'a', data: 1, opts: { delay: 5000 } }, { name: 'b', data: 2, opts: { priority: 3 } },
      { name: 'c', data: 3, opts: { jobId: 'c' } }]);
    assert.deepEqual(
      await queue.getJobCounts('delayed', 'prioritized', 'wait'), { delayed: 1, prioritized: 1, wait: 1 });
  });

  test('a bulk of nothing', async () => {
    assert.deepEqual(await queue.addBulk([]), []);
  });

  test('progress', async () => {
    const job = await queue.add('j');
    await job.updateProgress({ at: 42 });
    assert.deepEqual((await queue.getJob(job.id)).progress, { at: 42 });
    assert.deepEqual(await stream('progress'), [['event', 'progress', 'jobId', '1', 'data', '{"at":42}']]);
  });

  test('progress of an unknown job', async () => {
    await rejects(
      new Job(queue, 'x', {}, {}, 'missing').updateProgress(1), -1, 'Missing key for job missing. updateProgress');
  });

  test('data can be replaced', async () => {
    const job = await queue.add('j', { a: 1 });
    await job.updateData({ b: 2 });
    assert.deepEqual((await queue.getJob(job.id)).data, { b: 2 });
    await rejects(
      new Job(queue, 'x', {}, {}, 'missing').updateData(1), -1, 'Missing key for job missing. updateData');
  });

  test('logs', async () => {
    const job = await queue.add('j', {}, { keepLogs: 2 });
    for (const row of ['one', 'two', 'three']) await job.log(row);
    assert.deepEqual(await queue.getJobLogs(job.id), { logs: ['two', 'three'], count: 2 });
    assert.deepEqual((await queue.getJobLogs(job.id, 0, 0, false)).logs, ['three']);
    await job.clearLogs(1);
    assert.deepEqual((await queue.getJobLogs(job.id)).logs, ['three']);
    await job.clearLogs();
    assert.deepEqual(await queue.getJobLogs(job.id), { logs: [], count: 0 });
  });

  test('log says how many rows there are', async () => {
    const job = await queue.add('j');
    assert.equal(await job.log('a'), 1);
    assert.equal(await job.log('b'), 2);
    await rejects(Job.addJobLog(queue, 'missing', 'x'), -1, 'Missing key for job missing. addLog');
  });

  test('promote', async () => {
    const job = await queue.add('late', {}, { delay: 60000 });
    await job.promote();
    assert.equal(await job.getState(), 'waiting');
    assert.equal((await queue.getJob(job.id)).delay, 0);
    assert.deepEqual((await stream('waiting')).at(-1), ['event', 'waiting', 'jobId', '1', 'prev', 'delayed']);
    await rejects(job.promote(), -3, 'Job 1 is not in the delayed state. promote');
  });

  test('promote a job that has a priority', async () => {
    const job = await queue.add('late', {}, { delay: 60000, priority: 9 });
    await job.promote();
    assert.equal(await job.getState(), 'prioritized');
  });

  test('changeDelay', async () => {
    const job = await queue.add('late', {}, { delay: 60000 });
    await job.changeDelay(120000);
    assert.equal((await queue.getJob(job.id)).delay, 120000);
    const [, score] = await redis.zrange(key('delayed'), 0, 0, 'WITHSCORES');
    assert.ok(Math.abs(score / 4096 - Date.now() - 120000) < 2000);
    const other = await queue.add('now');
    await rejects(other.changeDelay(1), -3, `Job ${other.id} is not in the delayed state. changeDelay`);
  });

  test('changePriority', async () => {
    const [a, b, c] = await addAll(['a', { priority: 1 }], ['b', { priority: 2 }], ['c']);
    await b.changePriority({ priority: 0, lifo: true });
    await c.changePriority({ priority: 1, lifo: true });
    await a.changePriority({ priority: 1 });
    assert.equal((await queue.getJob(b.id)).priority, 0);
    assert.deepEqual(await drainInOrder(), ['b', 'c', 'a']);
    await rejects(
      new Job(queue, 'x', {}, {}, 'no').changePriority({ priority: 1 }), -1, 'Missing key for job no. changePriority');
  });

  test('remove', async () => {
    const job = await queue.add('j');
    await job.remove();
    assert.equal(await queue.getJob(job.id), undefined);
    assert.deepEqual(await stream('removed'), [['event', 'removed', 'jobId', '1', 'prev', 'wait']]);
  });

  test('a job that is locked stays', async () => {
    const job = await queue.add('j');
    await take(manual());
    await assert.rejects(job.remove(), /Job 1 could not be removed because it is locked by another worker/);
    assert.equal(await queue.remove(job.id), 0);
    assert.equal(await queue.remove('unknown'), 1);
  });

  test('states', async () => {
    const worker = manual();
    const job = await queue.add('j');
    assert.equal(await job.isWaiting(), true);
    const active = await take(worker);
    assert.equal(await active.isActive(), true);
    await active.moveToCompleted(1, 'token', false);
    assert.equal(await active.isCompleted(), true);
    assert.equal(await active.isFailed(), false);
    assert.equal(await queue.getJobState('unknown'), 'unknown');
  });

  test('taking a job', async () => {
    await queue.add('j');
    const job = await take(manual({ name: 'me' }));
    assert.equal(job.attemptsStarted, 1);
    assert.equal(job.attemptsMade, 0);
    assert.equal(job.token, 'token');
    assert.ok(job.processedOn <= Date.now());
    assert.equal((await queue.getJob(job.id)).processedBy, 'me');
    assert.equal(await redis.get(`${key(job.id)}:lock`), 'token');
  });

  test('completing a job', async () => {
    const worker = manual();
    await addAll(['a'], ['b']);
    const next = await (await take(worker)).moveToCompleted({ out: 1 }, 'token');
    assert.equal(next[1], '2');
    assert.equal(next[0].name, 'b');
    const done = await queue.getJob('1');
    assert.deepEqual(done.returnvalue, { out: 1 });
    assert.equal(done.attemptsMade, 1);
    assert.ok(done.finishedOn >= done.processedOn);
    assert.deepEqual(
      await stream('completed'), [['event', 'completed', 'jobId', '1', 'returnvalue', '{"out":1}', 'prev', 'active']]);
    assert.equal(await redis.exists(`${key('1')}:lock`), 0);
  });

  test('the last job drains the queue', async () => {
    await queue.add('a');
    const result = await (await take(manual())).moveToCompleted(undefined, 'token');
    assert.equal(result?.[0] ?? null, null);
    assert.deepEqual((await stream('drained')), [['event', 'drained']]);
    assert.equal(await redis.hget(key('1'), 'returnvalue'), 'null');
  });

  test('somebody else’s lock', async () => {
    await queue.add('a');
    const job = await take(manual());
    await rejects(
      job.moveToCompleted(1, 'other', false), -6, 'Lock mismatch for job 1. Cmd moveToFinished from active');
    await rejects(job.moveToFailed(new Error('x'), 'other'), -6);
    await redis.del(`${key('1')}:lock`);
    await rejects(job.moveToCompleted(1, 'token', false), -2, 'Missing lock for job 1. moveToFinished');
  });

  test('the token 0 needs no lock', async () => {
    await queue.add('a');
    const job = await take(manual(), '0');
    assert.equal(await redis.exists(`${key('1')}:lock`), 0);
    await job.moveToCompleted(1, '0', false);
    assert.equal(await job.getState(), 'completed');
    await rejects(job.moveToCompleted(1, '0', false), -3, 'Job 1 is not in the active state. moveToFinished');
  });

  test('finishing a job that is gone', async () => {
    await queue.add('a');
    const job = await take(manual());
    await redis.del(key('1'));
    await rejects(job.moveToCompleted(1, 'token', false), -1, 'Missing key for job 1. moveToFinished');
  });

  test('failing', async () => {
    await queue.add('a', {}, { attempts: 1 });
    await (await take(manual())).moveToFailed(new Error('boom'), 'token');
    const job = await queue.getJob('1');
    assert.equal(job.failedReason, 'boom');
    assert.equal(job.stacktrace.length, 1);
    assert.deepEqual(await stream('failed', 'retries-exhausted'), [
      ['event', 'failed', 'jobId', '1', 'failedReason', 'boom', 'prev', 'active'],
      ['event', 'retries-exhausted', 'jobId', '1', 'attemptsMade', '1']]);
  });

  test('failing with attempts left', async () => {
    await queue.add('a', {}, { attempts: 3 });
    const worker = manual();
    await (await take(worker)).moveToFailed(new Error('one'), 'token');
    assert.equal(await queue.getJobState('1'), 'waiting');
    assert.deepEqual((await stream('waiting')).at(-1), ['event', 'waiting', 'jobId', '1', 'prev', 'active']);
    await (await take(worker)).moveToFailed(new Error('two'), 'token');
    const job = await take(worker);
    assert.equal(job.attemptsMade, 2);
    assert.equal(job.attemptsStarted, 3);
    assert.equal(job.stacktrace.length, 2);
  });

  test('failing with a delay before the next attempt', async () => {
    await queue.add('a', {}, { attempts: 3, backoff: { type: 'exponential', delay: 60000 } });
    await (await take(manual())).moveToFailed(new Error('one'), 'token');
    assert.equal(await queue.getJobState('1'), 'delayed');
    assert.equal((await queue.getJob('1')).delay, 60000);
    assert.equal((await queue.getJob('1')).failedReason, 'one');
  });

  test('an unrecoverable error is the last', async () => {
    await queue.add('a', {}, { attempts: 3 });
    await (await take(manual())).moveToFailed(new bullmq.UnrecoverableError('no'), 'token');
    assert.equal(await queue.getJobState('1'), 'failed');
    assert.deepEqual(await stream('retries-exhausted'), []);
  });

  test('stack traces are limited', async () => {
    await queue.add('a', {}, { attempts: 3, stackTraceLimit: 1 });
    const worker = manual();
    await (await take(worker)).moveToFailed(new Error('one'), 'token');
    await (await take(worker)).moveToFailed(new Error('two'), 'token');
    const { stacktrace } = await queue.getJob('1');
    assert.equal(stacktrace.length, 1);
    assert.match(stacktrace[0], /two/);
  });

  test('retrying a failed job', async () => {
    await queue.add('a', {}, { attempts: 1 });
    const worker = manual();
    const job = await take(worker);
    await job.moveToFailed(new Error('x'), 'token');
    await job.retry();
    assert.equal(await job.getState(), 'waiting');
    const hash = await redis.hgetall(key('1'));
    assert.deepEqual([hash.failedReason, hash.finishedOn, hash.processedOn, hash.atm], [undefined, undefined,
      undefined, '1']);
    await rejects(job.retry(), -3, 'Job 1 is not in the failed state. reprocessJob');
  });

  test('retrying a completed job, with fresh attempts', async () => {
    await queue.add('a');
    const worker = manual();
    const job = await take(worker);
    await job.moveToCompleted('v', 'token', false);
    await job.retry('completed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    const hash = await redis.hgetall(key('1'));
    assert.deepEqual([hash.atm, hash.ats, hash.returnvalue], [undefined, undefined, undefined]);
    assert.deepEqual((await stream('waiting')).at(-1), ['event', 'waiting', 'jobId', '1', 'prev', 'completed']);
    await rejects(
      new Job(queue, 'x', {}, {}, 'missing').retry(), -1, 'Missing key for job missing. reprocessJob');
  });

  test('moving an active job to delayed', async () => {
    await queue.add('a');
    const job = await take(manual());
    await job.moveToDelayed(Date.now() + 60000, 'token');
    assert.equal(await job.getState(), 'delayed');
    assert.equal((await queue.getJob('1')).attemptsMade, 0);
    await rejects(job.moveToDelayed(Date.now(), 'token'), -2, 'Missing lock for job 1. moveToDelayed');
  });

  test('moving an active job back to wait', async () => {
    await addAll(['a'], ['b']);
    const worker = manual();
    const job = await take(worker);
    assert.equal(await job.moveToWait('token'), 0);
    assert.equal((await take(worker)).id, '1');
  });

  test('locks are extended by their owner', async () => {
    await queue.add('a');
    const job = await take(manual({ lockDuration: 1000 }));
    assert.equal(await job.extendLock('token', 60000), 1);
    assert.ok(await redis.pttl(`${key('1')}:lock`) > 30000);
    assert.equal(await job.extendLock('other', 60000), 0);
    assert.equal(await new Job(queue, 'x', {}, {}, 'missing').extendLock('token', 1000), 0);
  });

  test('locks are extended together', async () => {
    await addAll(['a'], ['b']);
    const worker = manual();
    await take(worker);
    await take(worker);
    assert.deepEqual(
      await worker.backend.extendLocks(['1', '2', 'x'], ['token', 'wrong', 'token'], 9000), ['2', 'x']);
  });

  test('waiting for the end of a job', async () => {
    const events = await openEvents();
    openWorker(async job => {
      if (job.data === 'bad') throw new Error('bad luck');
      return job.data;
    });
    const good = await queue.add('j', 'good');
    assert.equal(await good.waitUntilFinished(events, 10000), 'good');
    assert.equal(await good.waitUntilFinished(events, 10000), 'good');
    const bad = await queue.add('j', 'bad');
    await assert.rejects(bad.waitUntilFinished(events, 10000), /bad luck/);
    await assert.rejects(
      new Job(queue, 'x', {}, {}, 'missing').waitUntilFinished(events, 1000), /Missing key for job .*isFinished/);
  });

  test('waiting in vain', async () => {
    const events = await openEvents();
    const job = await queue.add('slow');
    await assert.rejects(job.waitUntilFinished(events, 50), /timed out before finishing/);
  });

  test('a Job is read from its id', async () => {
    const job = await queue.add('j', { a: 1 }, { priority: 3 });
    const read = await Job.fromId(queue, job.id);
    assert.deepEqual([read.name, read.data, read.priority], ['j', { a: 1 }, 3]);
    assert.equal(await Job.fromId(queue, 'unknown'), undefined);
  });

  test('an event of the queue tells of progress', async () => {
    const worker = openWorker(async job => job.updateProgress(7));
    const told = event(worker, 'progress');
    await queue.add('j');
    assert.equal((await told)[1], 7);
    await until(async () => await queue.getCompletedCount() === 1);
  });
});
