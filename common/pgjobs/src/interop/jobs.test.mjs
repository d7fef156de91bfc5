// Jobs that one side adds are done by the other, with all that may be said about them.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { Bridge } from './bridge.mjs';
import {
  java, jobs, nodeMigrate, nodeOnce, nodeUtils, nodeWorker, openJava, own, rows, until, untilEmpty,
} from './fixture.mjs';

const spec = {
  payload: { n: 1, text: 'ü💥', big: 12345678901234 }, queueName: 'q', maxAttempts: 3, priority: -2, flags: ['x', 'y'],
  jobKey: 'k',
};

async function both() {
  await nodeMigrate();
  const h = await openJava();
  await java.call('migrate', h);
  return { h, utils: await nodeUtils() };
}

const stripped = (job) => ({
  ...job, id: 0, run_at: 0, created_at: 0, updated_at: 0,
});

test('are the same rows whoever adds them', async () => {
  const { h, utils } = await both();
  const { payload, ...rest } = spec;
  await utils.addJob('a', payload, rest);
  const [theirs] = await jobs();
  const [stored] = await rows('SELECT payload::text FROM graphile_worker._private_jobs');
  await rows('TRUNCATE graphile_worker._private_jobs');
  await java.call('add', h, { task: 'a', ...spec });
  const [ours] = await jobs();
  assert.deepEqual(stripped(ours), stripped(theirs));
  assert.deepEqual(await rows('SELECT payload::text FROM graphile_worker._private_jobs'), [stored]);
});

test('of Node are done by Java', async () => {
  const { h, utils } = await both();
  const { payload, ...rest } = spec;
  await utils.addJob('a', payload, rest);
  await utils.addJob('batch', [{ n: 1 }], { jobKey: 'b' });
  await utils.addJob('batch', [{ n: 2, failUntil: 1 }], { jobKey: 'b' });
  await utils.addJob('theirs', {});
  assert.deepEqual(await java.call('runOnce', h, ['a', 'batch'], {}), { completed: 1, failed: 1 });
  const [run] = await rows("SELECT * FROM runs WHERE task = 'a'");
  assert.deepEqual([run.payload, run.queue, run.attempt], [payload, 'q', 1]);
  const left = await rows(
    'SELECT payload, last_error FROM graphile_worker._private_jobs j WHERE last_error IS NOT NULL');
  assert.deepEqual(left, [{ payload: [{ n: 2, failUntil: 1 }], last_error: '1 of 2 items failed: item 2' }]);
});

test('of Java are done by Node', async () => {
  const { h } = await both();
  await java.call('add', h, { task: 'a', ...spec });
  await java.call('addAll', h, [
    { task: 'a', payload: { n: 2 } }, { task: 'a', payload: { n: 3, failUntil: 1 }, jobKey: 'x' },
    { task: 'batch', payload: [{ n: 1 }, { n: 2, failUntil: 1 }] }]);
  await nodeOnce(['a', 'batch']);
  const runs = await rows("SELECT payload->>'n' AS n, queue FROM runs WHERE task = 'a' ORDER BY 1");
  assert.deepEqual(runs, [{ n: '1', queue: 'q' }, { n: '2', queue: null }, { n: '3', queue: null }]);
  assert.deepEqual((await jobs()).map(job => [job.task_identifier, job.attempts]).sort(), [['a', 1], ['batch', 1]]);
});

test('that failed in one wait as long and are done by the other', async () => {
  const { h, utils } = await both();
  for (const first of ['java', 'node']) {
    await utils.addJob('a', { failUntil: 1 });
    if (first === 'java') await java.call('runOnce', h, ['a'], {});
    else await nodeOnce(['a']);
    const [job] = await jobs();
    assert.equal(job.last_error, 'fails until attempt 1');
    const delay = (job.run_at - job.updated_at) / 1000;
    assert.ok(Math.abs(delay - Math.E) < 0.5, `${first}: ${delay}`);
    await rows("UPDATE graphile_worker._private_jobs SET run_at = now() - interval '1 second'");
    if (first === 'java') await nodeOnce(['a']);
    else await java.call('runOnce', h, ['a'], {});
    assert.deepEqual(await jobs(), []);
  }
});

test('wake an idle worker of the other side at once', async () => {
  const { h, utils } = await both();
  const r = await java.call('start', h, ['java'], { pollInterval: 60000 });
  own(() => java.call('stop', r));
  await nodeWorker(['node'], { pollInterval: 60000 });
  await sleep(500);
  for (let i = 0; i < 5; i++) {
    const before = Date.now();
    await utils.addJob('java', {});
    await java.call('add', h, { task: 'node' });
    await untilEmpty(5000);
    assert.ok(Date.now() - before < 5000);
  }
});

test('flags that one side forbids are left for the other', async () => {
  const { h, utils } = await both();
  await utils.addJob('a', { n: 1 }, { flags: ['gpu'] });
  await utils.addJob('a', { n: 2 }, { flags: ['cpu'] });
  await java.call('runOnce', h, ['a'], { forbiddenFlags: ['gpu'] });
  assert.equal((await jobs()).length, 1);
  await nodeOnce(['a'], { forbiddenFlags: ['cpu'] });
  assert.deepEqual(await jobs(), []);
});

test('of a Java program that was killed are done by another within its lease', async () => {
  const { h, utils } = await both();
  const doomed = await Bridge.start();
  own(() => doomed.end());
  await doomed.call('start', await openJava({}, doomed), ['a'], { name: 'doomed' });
  await utils.addJob('a', { sleep: 30000 }, { queueName: 'q' });
  await until(async () => (await rows('SELECT FROM runs')).length === 1);
  await doomed.signal('SIGKILL');
  await rows(`UPDATE graphile_worker._private_jobs SET payload = '{}'`);
  const before = Date.now();
  const r = await java.call('start', h, ['a'], {});
  own(() => java.call('stop', r));
  await untilEmpty(15000);
  assert.ok(Date.now() - before < 15000);
  assert.deepEqual((await rows('SELECT worker, attempt FROM runs ORDER BY began')),
    [{ worker: 'doomed', attempt: 1 }, { worker: 'java', attempt: 2 }]);
});

test('leave no lock when a Java program is told to end', async () => {
  const { utils } = await both();
  for (const localQueue of [undefined, 50]) {
    const program = await Bridge.start();
    own(() => program.end());
    await program.call('start', await openJava({}, program), ['a'],
      { name: 'ending', stopOnShutdown: true, localQueue, concurrency: 2 });
    for (let i = 0; i < 20; i++) await utils.addJob('a', { sleep: 300 });
    await utils.addJob('a', { sleep: 300 }, { queueName: 'q' });
    await until(async () => (await rows('SELECT FROM runs WHERE ended IS NULL')).length > 0);
    await program.signal('SIGTERM');
    assert.deepEqual((await jobs()).filter(job => job.locked_at), []);
    assert.deepEqual(await rows('SELECT * FROM graphile_worker._private_job_queues WHERE locked_at IS NOT NULL'), []);
    assert.deepEqual(await rows('SELECT FROM runs WHERE ended IS NULL'), []);
    await rows('TRUNCATE graphile_worker._private_jobs');
  }
});

test('of workers that are gone are freed by hand on either side', async () => {
  const { h, utils } = await both();
  const worker = await nodeWorker(['a'], {}, 'doomed');
  await java.call('add', h, { task: 'a', payload: { sleep: 30000 }, queueName: 'q' });
  await until(async () => (await rows('SELECT FROM runs')).length === 1);
  await worker.signal('SIGKILL');
  await rows(`UPDATE graphile_worker._private_jobs SET payload = '{}'`);
  await utils.forceUnlockWorkers?.(worker.ids);
  if (!utils.forceUnlockWorkers) await rows('SELECT graphile_worker.force_unlock_workers($1)', worker.ids);
  assert.deepEqual(await java.call('runOnce', h, ['a'], {}), { completed: 1, failed: 0 });
});
