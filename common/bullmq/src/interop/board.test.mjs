// The dashboard bull-board shows a queue that only Java has worked on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connection } from './bridge.mjs';
import { require, compat, java, name, queue, q, javaWorker, until } from './fixture.mjs';

function installed() {
  try {
    return { ...require('@bull-board/api'), ...require('@bull-board/api/bullMQAdapter') };
  } catch {
    return null;
  }
}
const board = installed();

/** Returns what calls the API of a dashboard of the test's queue, as a browser would through a web server. */
function open() {
  let queues;
  let routes;
  const server = {
    setQueues: value => { queues = value; return server; },
    setApiRoutes: value => { routes = value; return server; },
    setViewsPath: () => server,
    setStaticPath: () => server,
    setUIConfig: () => server,
    setEntryRoute: () => server,
    setErrorHandler: () => server,
  };
  board.createBullBoard({ queues: [new board.BullMQAdapter(queue)], serverAdapter: server });
  const is = (value, one) => [value].flat().includes(one);
  return async (method, route, params = {}, { query = {}, body = {} } = {}) => {
    const found = routes.find(r => is(r.method, method) && is(r.route, route));
    assert.ok(found, `no ${method} ${route}`);
    const request = { queues, uiConfig: {}, headers: {}, params: { queueName: name, ...params }, query, body };
    const { status = 200, body: answer } = await found.handler(request);
    assert.ok(status < 300, `${method} ${route}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  };
}

test('bull-board shows and changes what Java made', { skip: !board && 'not installed beside this version' }, async () => {
  const call = open();
  const worker = await javaWorker({ kind: 'failN', n: 1 }, { name: 'a-worker', metrics: { maxDataPoints: 60 } });
  const failed = await java.call('queue.add', q, 'fails', { a: 'ü' }, { attempts: 1 });
  await until(async () => (await queue.getJobState(failed.id)) === 'failed');
  const flows = await java.call('flow.open', undefined, name, { connection, ...compat });
  await java.call('flow.add', flows, {
    name: 'parent', queueName: name, data: 'p', opts: { jobId: 'parent', delay: 60000 },
    children: [{ name: 'child', queueName: name, data: 1, opts: { jobId: 'child', delay: 60000, attempts: 2 } }],
  });
  await java.call('queue.add', q, 'later', { n: 1 }, { delay: 60000 });
  await java.call('scheduler.upsert', q, 'nightly', { pattern: '0 3 * * *', tz: 'Europe/Madrid' },
    { name: 'report', data: { n: 2 }, opts: { attempts: 2 } });

  const page = await call('get', '/api/queues', {},
    { query: { activeQueue: name, status: 'failed', page: '1', jobsPerPage: '10' } });
  const shown = page.queues.find(one => one.name === name);
  assert.equal(shown.counts.failed, 1);
  assert.equal(shown.counts['waiting-children'], 1);
  assert.equal(shown.counts.delayed, 3);
  assert.deepEqual(shown.jobs.map(job => [job.id, job.name, job.data]), [[failed.id, 'fails', { a: 'ü' }]]);
  assert.ok(Array.isArray(shown.jobs[0].stacktrace) && shown.jobs[0].stacktrace.length === 1);

  const one = await call('get', '/api/queues/:queueName/:jobId', { jobId: failed.id });
  assert.equal(one.status, 'failed');
  assert.ok(one.job.failedReason);
  const { workers } = await call('get', '/api/queues/:queueName/workers');
  assert.equal(workers.length, 1);
  const flow = await call('get', '/api/queues/:queueName/:jobId/flow', { jobId: 'parent' });
  assert.ok(JSON.stringify(flow).includes('"child"'));
  const schedulers = JSON.stringify(await call('get', '/api/job-schedulers'));
  assert.ok(schedulers.includes('nightly') && schedulers.includes('Europe/Madrid'), schedulers);
  assert.ok(JSON.stringify(await call('get', '/api/queues/:queueName/:jobId/logs', { jobId: failed.id })));

  await call('put', '/api/queues/:queueName/:jobId/retry', { jobId: failed.id, queueStatus: 'failed' });
  await until(async () => (await queue.getJobState(failed.id)) === 'completed');
  await call('put', '/api/queues/:queueName/pause');
  assert.equal(await java.call('queue.isPaused', q), true);
  await call('put', '/api/queues/:queueName/resume');
  assert.equal(await java.call('queue.isPaused', q), false);
  await call('put', '/api/queues/:queueName/promote');
  await until(async () => (await queue.getJobState('parent')) !== 'waiting-children');
  await java.call('worker.stop', worker, 0);
});
