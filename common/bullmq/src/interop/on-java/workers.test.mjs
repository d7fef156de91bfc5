// Workers: processing, retries, pausing, closing, limits, stalled jobs, metrics.
import {
  addAll, assert, bullmq, event, key, manual, name, onJava, openEvents, openQueue, openWorker, queue, redis, sleep,
  stream, test, until,
} from './fixture.mjs';

const { DelayedError, RateLimitError, UnrecoverableError, WaitingError } = bullmq;
const take = (worker, token = 'token') => worker.getNextJob(token, { block: false });
const completed = count => until(async () => await queue.getCompletedCount() === count);

onJava('workers', () => {
  test('process jobs and tell of it', async () => {
    const worker = openWorker(async job => job.data * 2);
    const told = event(worker, 'completed');
    await queue.add('j', 21);
    const [job, result, prev] = await told;
    assert.equal(job.returnvalue, 42);
    assert.equal(result, 42);
    assert.equal(prev, 'active');
  });

  test('a job that comes while the worker sleeps is taken at once', async () => {
    const worker = openWorker(async () => {}, { drainDelay: 5 });
    await worker.waitUntilReady();
    await sleep(300);
    const began = Date.now();
    const told = event(worker, 'completed');
    await queue.add('j');
    await told;
    assert.ok(Date.now() - began < 1000, `${Date.now() - began} ms`);
  });

  test('a delayed job is taken when it is due', async () => {
    const worker = openWorker(async () => {}, { drainDelay: 5 });
    await worker.waitUntilReady();
    const told = event(worker, 'completed');
    const job = await queue.add('j', {}, { delay: 400 });
    const [done] = await told;
    const late = done.processedOn - job.timestamp - 400;
    assert.ok(late >= -1 && late < 1000, `${late} ms late`);
  });

  test('delayed jobs run in the order of their times', async () => {
    for (const delay of [300, 100, 200]) await queue.add(String(delay), {}, { delay });
    const seen = [];
    openWorker(async job => { seen.push(job.name); });
    await completed(3);
    assert.deepEqual(seen, ['100', '200', '300']);
  });

  test('as many at once as the concurrency says', async () => {
    let active = 0;
    let most = 0;
    const worker = openWorker(async () => {
      most = Math.max(most, ++active);
      await sleep(20);
      active--;
    }, { concurrency: 4 });
    await queue.addBulk(Array.from({ length: 24 }, () => ({ name: 'j', data: {} })));
    await completed(24);
    assert.equal(most, 4);
    assert.equal(worker.concurrency, 4);
  });

  test('concurrency can be changed', async () => {
    const worker = openWorker(async () => sleep(20));
    worker.concurrency = 10;
    await queue.addBulk(Array.from({ length: 20 }, () => ({ name: 'j', data: {} })));
    await completed(20);
  });

  test('two workers share the jobs, and nothing is done twice', async () => {
    const seen = [];
    const processor = async job => { seen.push(job.id); };
    openWorker(processor, { concurrency: 5 });
    openWorker(processor, { concurrency: 5 });
    await queue.addBulk(Array.from({ length: 200 }, () => ({ name: 'j', data: {} })));
    await completed(200);
    assert.equal(new Set(seen).size, 200);
    assert.equal(seen.length, 200);
  });

  test('retries until it works', async () => {
    openWorker(async job => {
      if (job.attemptsMade < 2) throw new Error(`boom ${job.attemptsMade}`);
      return 'fine';
    });
    await queue.add('j', {}, { attempts: 3 });
    await completed(1);
    const job = await queue.getJob('1');
    assert.deepEqual([job.attemptsMade, job.attemptsStarted, job.returnvalue], [3, 3, 'fine']);
    assert.equal(job.stacktrace.length, 2);
  });

  test('retries with a backoff', async () => {
    const times = [];
    openWorker(async () => {
      times.push(Date.now());
      if (times.length < 3) throw new Error('boom');
    });
    await queue.add('j', {}, { attempts: 3, backoff: { type: 'fixed', delay: 150 } });
    await completed(1);
    assert.ok(times[1] - times[0] >= 145 && times[2] - times[1] >= 145, times.join());
  });

  test('retries with a strategy of the caller’s own', async () => {
    const worker = openWorker(async () => { throw new Error('boom'); }, {
      settings: { backoffStrategy: attempts => attempts === 1 ? 10 : -1 },
    });
    await queue.add('j', {}, { attempts: 5, backoff: { type: 'custom' } });
    await until(async () => await queue.getFailedCount() === 1);
    assert.equal((await queue.getJob('1')).attemptsMade, 2);
    assert.ok(worker.isRunning());
  });

  test('gives up after all attempts', async () => {
    const worker = openWorker(async () => { throw new Error('boom'); });
    const told = event(worker, 'failed', job => job.attemptsMade === 2);
    await queue.add('j', {}, { attempts: 2 });
    const [, error, prev] = await told;
    assert.equal(error.message, 'boom');
    assert.equal(prev, 'active');
    await until(async () => await queue.getFailedCount() === 1);
  });

  test('gives up at once on an unrecoverable error', async () => {
    openWorker(async () => { throw new UnrecoverableError('no'); });
    await queue.add('j', {}, { attempts: 5 });
    await until(async () => await queue.getFailedCount() === 1);
    assert.equal((await queue.getJob('1')).attemptsMade, 1);
  });

  test('results that are no JSON fail the job', async () => {
    openWorker(async () => {
      const circle = {};
      circle.self = circle;
      return circle;
    });
    await queue.add('j');
    await until(async () => await queue.getFailedCount() === 1);
    assert.match((await queue.getJob('1')).failedReason, /circular/i);
  });

  test('steps with delays', async () => {
    openWorker(async (job, token) => {
      if (job.data.step === 1) return 'second';
      await job.updateData({ step: 1 });
      await job.moveToDelayed(Date.now() + 50, token);
      throw new DelayedError();
    });
    await queue.add('j', { step: 0 });
    await completed(1);
    const job = await queue.getJob('1');
    assert.deepEqual([job.returnvalue, job.attemptsStarted, job.attemptsMade], ['second', 2, 1]);
  });

  test('steps that put the job back', async () => {
    openWorker(async (job, token) => {
      if (job.attemptsStarted > 1) return 'second';
      await job.moveToWait(token);
      throw new WaitingError();
    });
    await queue.add('j');
    await completed(1);
    assert.equal((await queue.getJob('1')).attemptsMade, 1);
  });

  test('the processor’s job has its queue and token', async () => {
    const seen = [];
    openWorker(async (job, token) => { seen.push(job.queueName, job.token === token); });
    await queue.add('j');
    await completed(1);
    assert.deepEqual(seen, [name, true]);
  });

  for (const [what, keep, left] of [['true', true, 0], ['a number', 2, 2], ['a count', { count: 1 }, 1],
    ['false', false, 4], ['an age', { age: 3600 }, 4]]) {
    test(`removeOnComplete as ${what}`, async () => {
      openWorker(async () => {});
      const jobs = [];
      for (let n = 0; n < 4; n++) jobs.push(await queue.add('j', n, { removeOnComplete: keep }));
      await until(async () => (await stream('completed')).length === 4);
      assert.equal(await queue.getCompletedCount(), left);
      for (const job of jobs.slice(0, 4 - left)) assert.equal(await redis.exists(key(job.id)), 0);
    });
  }

  test('removeOnFail', async () => {
    openWorker(async () => { throw new Error('x'); });
    for (let n = 0; n < 3; n++) await queue.add('j', n, { removeOnFail: 1 });
    await until(async () => (await stream('failed')).length === 3);
    assert.equal(await queue.getFailedCount(), 1);
  });

  test('the worker’s own policy holds for jobs without one', async () => {
    openWorker(async () => {}, { removeOnComplete: { count: 1 } });
    await queue.add('a');
    await queue.add('b');
    await queue.add('c', {}, { removeOnComplete: false });
    await until(async () => (await stream('completed')).length === 3);
    assert.equal(await queue.getJobState('a'), 'unknown');
    assert.deepEqual((await queue.getCompleted()).map(job => job.name), ['c', 'b']);
  });

  test('a worker can be paused and resumed', async () => {
    const worker = openWorker(async () => {});
    await worker.waitUntilReady();
    await worker.pause();
    assert.equal(worker.isPaused(), true);
    await queue.add('j');
    await sleep(200);
    assert.equal(await queue.getWaitingCount(), 1);
    worker.resume();
    await completed(1);
  });

  test('a worker that closes ends its job', async () => {
    const worker = openWorker(async () => sleep(200));
    const active = event(worker, 'active');
    await queue.add('j');
    await active;
    await queue.add('later');
    await worker.close();
    assert.deepEqual(await queue.getJobCounts('completed', 'wait', 'active'), { completed: 1, wait: 1, active: 0 });
  });

  test('a worker that is closed by force leaves its job', async () => {
    const worker = openWorker(async () => sleep(300), { lockDuration: 200, skipLockRenewal: true });
    const active = event(worker, 'active');
    await queue.add('j');
    await active;
    await worker.close(true);
    assert.equal(await queue.getActiveCount(), 1);
  });

  test('locks of long jobs are renewed', async () => {
    openWorker(async () => sleep(700), { lockDuration: 300, stalledInterval: 200 });
    openWorker(async () => sleep(1), { lockDuration: 300, stalledInterval: 200 });
    await queue.add('j');
    await completed(1);
    const job = await queue.getJob('1');
    assert.deepEqual([job.attemptsStarted, job.stalledCounter], [1, 0]);
  });

  test('a lost job is recovered', async () => {
    const silent = manual({ lockDuration: 200 });
    await queue.add('j', {}, { priority: 3 });
    await take(silent);
    await redis.del(`${key('1')}:lock`);
    const worker = openWorker(async () => 'recovered', { stalledInterval: 100 });
    const told = event(worker, 'stalled');
    await completed(1);
    assert.deepEqual((await told).slice(0, 2), ['1', 'active']);
    assert.equal((await queue.getJob('1')).stalledCounter, 1);
    const events = (await stream('stalled', 'waiting')).map(([, what]) => what);
    assert.deepEqual(events, ['waiting', 'waiting', 'stalled']);
  });

  test('a job that is lost too often fails', async () => {
    await queue.add('j', {}, { attempts: 3 });
    const silent = manual({ lockDuration: 100, stalledInterval: 50, maxStalledCount: 0 });
    await take(silent);
    await redis.del(`${key('1')}:lock`);
    const worker = openWorker(async () => 'never', { stalledInterval: 50, maxStalledCount: 0 });
    const [, error] = await event(worker, 'failed');
    assert.equal(error.message, 'job stalled more than allowable limit');
    assert.equal(await queue.getJobState('1'), 'failed');
  });

  test('a job with a lock is not lost', async () => {
    await queue.add('j');
    await take(manual({ lockDuration: 60000 }));
    const worker = openWorker(async () => 'never', { stalledInterval: 50 });
    await sleep(400);
    assert.equal(await queue.getActiveCount(), 1);
    await worker.close();
  });

  test('too many starts', async () => {
    const worker = openWorker(async () => {}, { maxStartedAttempts: 1 });
    const silent = manual();
    await worker.pause();
    await queue.add('j');
    await (await take(silent)).moveToWait('token');
    worker.resume();
    const [, error] = await event(worker, 'failed');
    assert.equal(error.message, 'job started more than allowable limit');
  });

  test('a worker’s rate limit', async () => {
    const began = Date.now();
    openWorker(async () => {}, { limiter: { max: 1, duration: 200 }, concurrency: 5 });
    await queue.addBulk(Array.from({ length: 4 }, () => ({ name: 'j', data: {} })));
    await completed(4);
    const took = Date.now() - began;
    assert.ok(took >= 590 && took < 5000, `${took} ms`);
  });

  test('workers share a rate limit', async () => {
    const began = Date.now();
    for (let n = 0; n < 3; n++) openWorker(async () => {}, { limiter: { max: 2, duration: 300 } });
    await queue.addBulk(Array.from({ length: 6 }, () => ({ name: 'j', data: {} })));
    await completed(6);
    assert.ok(Date.now() - began >= 590);
  });

  test('a limited queue says for how long', async () => {
    const worker = manual({ limiter: { max: 1, duration: 5000 } });
    await addAll(['a'], ['b']);
    await take(worker);
    const ttl = await queue.getRateLimitTtl(1);
    assert.ok(ttl > 4000 && ttl <= 5000);
    assert.equal(await queue.getRateLimitTtl(2), 0);
    const [job, , limit] = await worker.backend.moveToActive('token', '');
    assert.equal(job, null);
    assert.ok(limit > 4000 && limit <= 5000);
    assert.equal(await queue.removeRateLimitKey(), 1);
    assert.equal(await queue.getRateLimitTtl(), -2);
  });

  test('a processor that meets a limit', async () => {
    const times = [];
    const worker = openWorker(async () => {
      times.push(Date.now());
      if (times.length === 1) {
        await queue.rateLimit(300);
        throw new RateLimitError();
      }
    }, { limiter: { max: 10, duration: 100 } });
    await queue.add('j', {}, { priority: 4 });
    await completed(1);
    assert.ok(times[1] - times[0] >= 280, times.join());
    assert.equal((await queue.getJob('1')).attemptsMade, 1);
    assert.ok(worker.isRunning());
  });

  test('the queue’s own rate limit', async () => {
    await queue.setGlobalRateLimit(1, 200);
    assert.deepEqual(await queue.getGlobalRateLimit(), { max: 1, duration: 200 });
    const began = Date.now();
    openWorker(async () => {});
    await queue.addBulk(Array.from({ length: 3 }, () => ({ name: 'j', data: {} })));
    await completed(3);
    assert.ok(Date.now() - began >= 390);
    await queue.removeGlobalRateLimit();
    assert.equal(await queue.getGlobalRateLimit(), null);
  });

  test('the queue’s own concurrency', async () => {
    await queue.setGlobalConcurrency(1);
    assert.equal(await queue.getGlobalConcurrency(), 1);
    let active = 0;
    let most = 0;
    const processor = async () => {
      most = Math.max(most, ++active);
      await sleep(20);
      active--;
    };
    for (let n = 0; n < 3; n++) openWorker(processor, { concurrency: 3 });
    await queue.addBulk(Array.from({ length: 9 }, () => ({ name: 'j', data: {} })));
    await completed(9);
    assert.equal(most, 1);
    await queue.removeGlobalConcurrency();
    assert.equal(await queue.getGlobalConcurrency(), null);
  });

  test('a full queue says so', async () => {
    await queue.setGlobalConcurrency(1);
    assert.equal(await queue.isMaxed(), false);
    await addAll(['a'], ['b']);
    const worker = manual();
    await take(worker);
    assert.equal(await queue.isMaxed(), true);
    assert.equal(await take(worker), undefined);
  });

  test('a paused queue is not a full one', async () => {
    await queue.pause();
    assert.equal(await queue.isMaxed(), false);
  });

  test('metrics', async () => {
    openWorker(async job => { if (job.data) throw new Error('x'); }, { metrics: { maxDataPoints: 10 } });
    await queue.add('a', 0);
    await queue.add('b', 0);
    await queue.add('c', 1);
    await until(async () => await queue.getCompletedCount() + await queue.getFailedCount() === 3);
    const metrics = await queue.getMetrics('completed');
    assert.equal(metrics.meta.count, 2);
    assert.ok(Math.abs(metrics.meta.prevTS - Date.now()) < 60000);
    assert.deepEqual(metrics.data, []);
    assert.equal((await queue.getMetrics('failed')).meta.count, 1);
    assert.match(await queue.exportPrometheusMetrics(), /bullmq_job_completed_total\{queue="[^"]*"\} 2/);
  });

  test('points of the metrics', async () => {
    const worker = manual({ metrics: { maxDataPoints: 3 } });
    await addAll(['a'], ['b'], ['c']);
    await (await take(worker)).moveToCompleted(1, 'token', false);
    await redis.hset(key('metrics:completed'), 'prevTS', Date.now() - 120000);
    await (await take(worker)).moveToCompleted(1, 'token', false);
    const { data, count } = await queue.getMetrics('completed');
    assert.deepEqual([data.map(Number), count], [[0, 1], 2]);
  });

  test('the worker is told when there is nothing to do', async () => {
    const worker = openWorker(async () => {});
    await event(worker, 'drained');
  });

  test('events of a job’s life, in order', async () => {
    const events = await openEvents({ lastEventId: '0-0' });
    const seen = [];
    for (const what of ['added', 'waiting', 'active', 'progress', 'completed', 'drained']) {
      events.on(what, () => seen.push(what));
    }
    const drained = event(events, 'drained');
    openWorker(async job => job.updateProgress(1));
    await queue.add('j');
    await drained;
    assert.deepEqual(seen, ['added', 'waiting', 'active', 'progress', 'completed', 'drained']);
  });

  test('jobs of another prefix are not seen', async () => {
    const other = openQueue({ prefix: 'other' });
    await other.add('j');
    assert.equal(await queue.count(), 0);
    assert.equal(await other.count(), 1);
    await other.obliterate();
  });

  test('getNextJob waits for a job', async () => {
    const worker = manual();
    assert.equal(await take(worker), undefined);
    const next = worker.getNextJob('token');
    await sleep(50);
    await queue.add('j');
    assert.equal((await next)?.name ?? (await worker.getNextJob('token')).name, 'j');
  });

  test('closing while it waits', async () => {
    const worker = openWorker(async () => {}, { drainDelay: 10 });
    await worker.waitUntilReady();
    await sleep(200);
    const began = Date.now();
    await worker.close();
    assert.ok(Date.now() - began < 2000);
  });

  test('other calls do not wait behind a waiting worker', async () => {
    const worker = openWorker(async () => {}, { drainDelay: 10 });
    await worker.waitUntilReady();
    await sleep(200);
    const began = Date.now();
    await worker.backend.getState('x');
    assert.ok(Date.now() - began < 500);
  });

  test('after an interruption the backend waits again', async () => {
    const { backend } = manual();
    const waiting = backend.waitForJob(5);
    await sleep(100);
    await backend.disconnectBlocking();
    await assert.rejects(waiting, /^Error: Connection is closed\.$/);
    await assert.rejects(backend.waitForJob(0.1), /^Error: Connection is closed\.$/);
    await backend.reconnectBlocking();
    assert.equal(await backend.waitForJob(0.05), null);
    await queue.add('j');
    assert.deepEqual(await backend.waitForJob(5), { member: '0', score: 0 });
  });
});
