// The same SQL does the same in a schema that Node has made and in one that Java has made: rows, SQLSTATEs
// and notifications.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { java, nodeMigrate, openJava, pool, rows } from './fixture.mjs';

const AT = "'2040-01-01T00:00:00Z'::timestamptz";
const spec = (...values) => `(${values.join(', ')})::graphile_worker.job_spec`;
const state = (assignments, key = 'k') =>
  `UPDATE graphile_worker._private_jobs SET ${assignments} WHERE key = '${key}'`;
const locked = "locked_at = now(), locked_by = 'w', attempts = 1";
const modes = ['replace', 'preserve_run_at', 'unsafe_dedupe'];
const states = {
  available: 'attempts = 0',
  'waiting for retry': "attempts = 2, last_error = 'boom'",
  running: locked,
  dead: "attempts = max_attempts, last_error = 'boom'",
  abandoned: "locked_at = '2026-01-01', locked_by = 'w', attempts = 3",
};
const add = (args) => `SELECT * FROM graphile_worker.add_job(${args})`;

const scripts = {
  'add_job with nothing': [add("'a'")],
  'add_job with everything': [
    add(`'a', '{"b": 1.50, "b": 2}', 'q', ${AT}, 3, 'k', -4, array['x', 'y', 'x'], 'preserve_run_at'`)],
  'add_job with nulls': [add("'a', null, null, null, null, null, null, null, null")],
  'add_job with names': [add("identifier => 'a', job_key => 'k', flags => '{}'")],
  'add_job with odd names': [add("'', queue_name => ''"), add("'é', queue_name => '💥'")],
  'payloads that are no objects': [add("'a', '[1]'"), add("'a', 'null'"), add("'a', '\"x\"'")],
  'wrong arguments': [
    add('null'), add("repeat('x', 129)"), add("'a', queue_name => repeat('x', 129)"), add("'a', job_key => ''"),
    add("'a', job_key => repeat('x', 513)"), add("'a', job_key => repeat('x', 512)"), add("'a', max_attempts => 0"),
    add("'a', max_attempts => 32768"), add("'a', priority => -32769"), add("'a', job_key => 'k', job_key_mode => 'x'"),
    add("'a', job_key_mode => 'x'"), add("'a', job_key => 'k', job_key_mode => null"),
  ],
  'arrays of one key': [
    add("'a', '[1, {\"x\": 2}]', job_key => 'k'"), add("'a', '[]', job_key => 'k'"), add("'a', '[3]', job_key => 'k'"),
    add("'a', '{}', job_key => 'k'"), add("'a', '[4]', job_key => 'k'"),
  ],
  'add_jobs': [
    // In which order one call adds jobs with and without keys is nobody's promise.
    `SELECT * FROM graphile_worker.add_jobs(array[
      ${spec("'a'", "'{\"n\": 1}'", "'q'", AT, 3, "'k1'", 2, "array['x']")}])`,
    `SELECT * FROM graphile_worker.add_jobs(array[
      ${spec("'b'", 'null', "'q'", 'null', 'null', 'null', 'null', "'{}'")},
      ${spec("'b'", 'null', "'q'", 'null', 'null', 'null', 'null', "'{}'")}])`,
    'SELECT * FROM graphile_worker.add_jobs(null)',
    "SELECT * FROM graphile_worker.add_jobs('{}')",
    `SELECT * FROM graphile_worker.add_jobs(array[
      ${spec("'a'", 'null', 'null', 'null', 'null', "'k'", 'null', 'null')},
      ${spec("'b'", 'null', 'null', 'null', 'null', "'k'", 'null', 'null')}])`,
    `SELECT * FROM graphile_worker.add_jobs(array[
      ${spec("'a'", 'null', 'null', AT, 'null', "'k1'", 'null', 'null')},
      ${spec("'b'", 'null', 'null', 'null', 'null', "'k2'", 'null', 'null')}], true)`,
    `SELECT * FROM graphile_worker.add_jobs(array[
      ${spec('null', 'null', 'null', 'null', 'null', 'null', 'null', 'null')}])`,
    `SELECT * FROM graphile_worker.add_jobs(array[
      ${spec("'a'", 'null', 'null', 'null', 0, 'null', 'null', 'null')}])`,
  ],
  'administration': [
    ...['k1', 'k2', 'k3', 'k4', 'k5'].map(key => add(`'a', job_key => '${key}', queue_name => 'q'`)),
    state(locked, 'k1'), state(states.abandoned, 'k2'), state(states.dead, 'k3'),
    'SELECT * FROM graphile_worker.permanently_fail_jobs(array[1, 2, 3])',
    "SELECT * FROM graphile_worker.permanently_fail_jobs(array[4], 'enough')",
    `SELECT * FROM graphile_worker.reschedule_jobs(array[1, 2, 3, 4], ${AT}, 7, 0, 9)`,
    'SELECT * FROM graphile_worker.reschedule_jobs(array[5], attempts => 1)',
    'SELECT * FROM graphile_worker.complete_jobs(array[1, 2, 3])',
    "SELECT graphile_worker.force_unlock_workers(array['w', 'x'])",
    'SELECT * FROM graphile_worker.complete_jobs(array[1, 99])',
  ],
  ...Object.fromEntries(Object.entries(states).flatMap(([name, assignments]) => [
    [`remove_job of a job that is ${name}`, [
      add("'a', job_key => 'k'"), state(assignments), "SELECT * FROM graphile_worker.remove_job('k')",
      "SELECT * FROM graphile_worker.remove_job('k')", 'SELECT * FROM graphile_worker.remove_job(null)',
    ]],
    ...modes.flatMap(mode => [
      [`${mode} of a job that is ${name}`, [
        add(`'a', '{"n": 1}', 'q', ${AT}, 5, 'k', 3, array['x']`), state(assignments),
        add(`'b', '{"n": 2}', run_at => ${AT} + interval '1 day', job_key => 'k', job_key_mode => '${mode}'`),
      ]],
    ]),
    ...[true, false].map(preserve => [`add_jobs (${preserve}) over a job that is ${name}`, [
      add(`'a', '{"n": 1}', 'q', ${AT}, 5, 'k', 3, array['x']`), state(assignments),
      `SELECT * FROM graphile_worker.add_jobs(array[
        ${spec("'b'", "'{\"n\": 2}'", 'null', `${AT} + interval '1 day'`, 'null', "'k'", 'null', 'null')}], ${preserve})`,
    ]]),
  ])),
};

/** Times of now become 'now', so that two runs compare. */
function plain(value) {
  if (value instanceof Date) return Math.abs(value - Date.now()) < 600_000 ? 'now' : value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  }
  return value;
}

const sorted = (list) => [...list].sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

/** Ids that a conflict burns are no job's: how many is nobody's promise. */
const withoutIds = (name, list) => name.startsWith('add_jobs') ? list.map(({ id, ...rest }) => rest) : list;

async function trace(name, script, listener, notes) {
  const steps = [];
  for (const statement of script) {
    notes.length = 0;
    let result;
    try {
      result = sorted(withoutIds(name, plain((await pool.query(statement)).rows)));
    } catch (error) {
      result = error.code;
    }
    await listener.query('SELECT 1');
    await sleep(5);
    await listener.query('SELECT 1');
    // Node notifies of nothing, with nothing, when there is nothing to add.
    const told = notes.filter(note => note.payload)
      .map(({ channel, payload }) => ({ channel, count: JSON.parse(payload).count }));
    steps.push({ statement, result, told });
  }
  const table = withoutIds(name, plain(await rows('SELECT * FROM graphile_worker._private_jobs ORDER BY id')));
  const view = withoutIds(name, plain(await rows('SELECT * FROM graphile_worker.jobs ORDER BY id')));
  const names = await rows('SELECT identifier FROM graphile_worker._private_tasks ORDER BY id');
  const queues = await rows('SELECT queue_name, locked_by FROM graphile_worker._private_job_queues ORDER BY id');
  return { steps, table, view, names, queues };
}

async function traces(make) {
  await rows('DROP SCHEMA IF EXISTS graphile_worker CASCADE');
  await make();
  const listener = await pool.connect();
  try {
    const notes = [];
    listener.on('notification', note => notes.push(note));
    await listener.query('LISTEN "jobs:insert"');
    const found = {};
    for (const [name, script] of Object.entries(scripts)) {
      await rows(`TRUNCATE graphile_worker._private_jobs, graphile_worker._private_tasks,
        graphile_worker._private_job_queues RESTART IDENTITY`);
      found[name] = await trace(name, script, listener, notes);
    }
    return found;
  } finally {
    listener.release(true);
  }
}

test('the functions do the same', async () => {
  const theirs = await traces(() => nodeMigrate());
  const ours = await traces(async () => java.call('migrate', await openJava()));
  for (const name of Object.keys(scripts)) {
    for (const [i, step] of theirs[name].steps.entries()) assert.deepEqual(ours[name].steps[i], step, name);
    assert.deepEqual(ours[name], theirs[name], name);
  }
  console.log(`${Object.keys(scripts).length} scripts do the same`);
});
