// Job schedulers, metrics and worker lists of either side, used by the other.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { major, java, name, queue, q, javaWorker, nodeWorker, until } from './fixture.mjs';

// The runs of a scheduler that made `count` of them: steady ones are intervals apart, more than one
// if a worker was late. (5.45.2 goes over to multiples of the interval, whatever its phase was.)
async function assertRuns(id, every, count, data, steady = true) {
  const jobs = (await queue.getJobs(['completed'], 0, -1, true)).filter(job => job.id.startsWith(`repeat:${id}:`));
  assert.equal(jobs.length, count);
  const times = jobs.map(job => Number(job.id.slice(job.id.lastIndexOf(':') + 1))).sort((a, b) => a - b);
  times.forEach((time, i) => {
    assert.ok(i === 0 || time > times[i - 1], `${times}`);
    if (steady) assert.equal((time - times[0]) % every, 0, `${times}`);
  });
  const numbers = jobs.map(job => job.opts.repeat.count).sort((a, b) => a - b);
  assert.deepEqual(numbers, times.map((_, i) => i + 1));
  for (const job of jobs) assert.deepEqual(job.data, data);
}

test("Java's scheduler runs on Node's worker", async () => {
  await java.call('scheduler.upsert', q, 'schedule:abc', { every: 250, limit: 4 },
    { name: 'tick', data: { n: [] }, opts: { attempts: 2, removeOnFail: 10 } });
  const seen = [];
  nodeWorker(async job => { seen.push([job.name, job.opts.attempts]); });
  await until(async () => (await queue.getCompletedCount()) === 4);
  await sleep(400);
  await assertRuns('schedule:abc', 250, 4, { n: [] }, major > 5);
  assert.deepEqual(seen, Array(4).fill(['tick', 2]));
  assert.equal((await java.call('scheduler.get', q, 'schedule:abc')).iterationCount, 4);
});

test("Node's scheduler runs on Java's workers", async () => {
  await javaWorker({ kind: 'echo' });
  await javaWorker({ kind: 'echo' });
  await queue.upsertJobScheduler('every', { every: 250, limit: 4 }, { name: 'tick', data: { n: 1 }, opts: { attempts: 2 } });
  await until(async () => (await queue.getCompletedCount()) === 4);
  await sleep(400);
  await assertRuns('every', 250, 4, { n: 1 }, major > 5);
});

test('workers of both languages continue one chain', async () => {
  await java.call('scheduler.upsert', q, 'both', { every: 100, limit: 20 }, { data: { n: 1 } });
  let node = 0;
  nodeWorker(async () => { node++; });
  await javaWorker({ kind: 'noop' });
  await until(async () => (await queue.getCompletedCount()) === 20);
  await sleep(200);
  await assertRuns('both', 100, 20, { n: 1 }, false);
  assert.equal((await queue.getDelayedCount()) + (await queue.getWaitingCount()), 0);
});

test('a cron expression goes on on the other side', async () => {
  await queue.upsertJobScheduler('node', { pattern: '* * * * * *', tz: 'Europe/Madrid', limit: 2 }, { data: { n: 1 } });
  await java.call('scheduler.upsert', q, 'java', { pattern: '* * * * * *', tz: 'Asia/Kolkata', limit: 2 }, { data: { n: 1 } });
  await javaWorker({ kind: 'noop' });
  nodeWorker(async () => {});
  await until(async () => (await queue.getCompletedCount()) === 4);
  await assertRuns('node', 1000, 2, { n: 1 });
  await assertRuns('java', 1000, 2, { n: 1 });
});

test('both sides see the same schedulers', async () => {
  const tz = 'America/New_York';
  await queue.upsertJobScheduler('n1', { pattern: '0 30 4 1 1 *', tz, endDate: 4102444800000 }, { data: { a: 1 } });
  await queue.upsertJobScheduler('n2', { every: 60000, limit: 9 }, { name: 'x', opts: { attempts: 3 } });
  await java.call('scheduler.upsert', q, 'j1', { pattern: '0 30 4 1 1 *', tz, limit: 5 }, { data: { b: 2 } });
  await java.call('scheduler.upsert', q, 'j2', { every: 60000 }, { name: 'y', opts: { attempts: 2 } });
  const strip = list => list
    .map(s => JSON.parse(JSON.stringify({ ...s, every: s.every && Number(s.every) })))
    .sort((a, b) => a.key.localeCompare(b.key));
  const ofNode = strip(await queue.getJobSchedulers(0, -1, true));
  // 5.45.2 does not know of offsets.
  if (major === 5) ofNode.forEach(s => delete s.offset);
  const ofJava = strip(await java.call('scheduler.list', q, 0, -1, true));
  if (major === 5) ofJava.forEach(s => { delete s.offset; delete s.limit; delete s.endDate; });
  if (major === 5) ofNode.forEach(s => { delete s.limit; delete s.endDate; });
  assert.deepEqual(ofJava, ofNode);
  assert.equal(ofJava[0].next, ofJava[2].next);
});

test('either side changes and removes what the other made', async () => {
  await queue.upsertJobScheduler('s', { pattern: '0 0 1 1 *' }, { data: { by: 'node' } });
  await java.call('scheduler.upsert', q, 's', { pattern: '0 0 2 1 *' }, { data: { by: 'java' } });
  let delayed = await queue.getDelayed();
  assert.deepEqual(delayed.map(job => job.data), [{ by: 'java' }]);
  await queue.upsertJobScheduler('s', { pattern: '0 0 3 1 *' }, { data: { by: 'node' } });
  delayed = await queue.getDelayed();
  assert.deepEqual(delayed.map(job => job.data), [{ by: 'node' }]);
  await assert.rejects(java.call('queue.remove', q, delayed[0].id), /belongs to a job scheduler/);

  assert.equal(await java.call('scheduler.remove', q, 's'), true);
  assert.equal(await queue.getDelayedCount(), 0);
  await java.call('scheduler.upsert', q, 's', { every: 3600000, startDate: Date.now() + 60000 });
  assert.equal(await queue.removeJobScheduler('s'), true);
  assert.equal(await java.call('scheduler.count', q), 0);
  assert.equal(await java.call('scheduler.remove', q, 's'), false);
});

test('next times are the same on both sides', async () => {
  const patterns = ['0 0 L * *', '0 0 * * 5L', '30 2 * * *', '0 9 13 * 5', '*/7 3-5 1,15 JAN-JUN/2 ?', '0 0 29 2 *', '5 4 * * 1-5'];
  for (const pattern of patterns) {
    for (const tz of ['Europe/Madrid', 'America/New_York', 'Asia/Kolkata']) {
      const id = `${pattern} ${tz}`.replaceAll(/[^\w]/g, '_');
      await queue.upsertJobScheduler(`n${id}`, { pattern, tz });
      await java.call('scheduler.upsert', q, `j${id}`, { pattern, tz });
      const next = async key => (await java.call('scheduler.get', q, key + id)).next;
      assert.equal(await next('j'), await next('n'), `${pattern} in ${tz}`);
    }
  }
});

test("Node's repeatable jobs of version 5 go on", { skip: major !== 5 }, async () => {
  await javaWorker({ kind: 'echo' });
  await queue.add('old', { y: 1 }, { repeat: { every: 300, limit: 3 } });
  await until(async () => (await queue.getCompletedCount()) === 3);
  const jobs = await queue.getCompleted();
  assert.ok(jobs.every(job => job.data.y === 1 && job.name === 'old'));
});

test('metrics are counted and read by both sides', async () => {
  await javaWorker({ kind: 'noop' }, { metrics: 100 });
  await queue.addBulk(Array.from({ length: 5 }, () => ({ name: 'j', data: {} })));
  await until(async () => (await queue.getCompletedCount()) === 5);
  const byNode = await queue.getMetrics('completed');
  assert.equal(byNode.meta.count, 5);
  assert.deepEqual(await java.call('scheduler.metrics', q, 'completed'), byNode);
  if (major > 5) {
    const text = await java.call('scheduler.prometheus', q, { env: 'x"y' });
    assert.equal(text.trim(), (await queue.exportPrometheusMetrics({ env: 'x"y' })).trim());
  }
});

test('workers of both languages are in both lists', async () => {
  await nodeWorker(async () => {}, { name: 'node-1' }).waitUntilReady();
  await javaWorker({ kind: 'noop' }, { name: 'java-1' });
  await until(async () => (await queue.getWorkers()).length === 2);
  const names = (await queue.getWorkers()).map(worker => worker.rawname?.split(':w:')[1]).sort();
  assert.deepEqual((await java.call('scheduler.workers', q)).sort(), ['java-1', 'node-1']);
  if (major > 5) assert.deepEqual(names, ['java-1', 'node-1']);
});
