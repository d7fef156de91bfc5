// A schema that either side has made is one for both.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  compatibility, db, java, jobs, nodeMigrate, nodeOnce, nodeUtils, openJava, revision, rows,
} from './fixture.mjs';

const catalogue = {
  columns: `
    SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default, is_identity,
      identity_generation, is_generated, generation_expression
    FROM information_schema.columns WHERE table_schema = $1 AND table_name <> 'migrations' ORDER BY 1, 3`,
  attributes: `
    SELECT c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnum
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = $1::regnamespace AND a.attnum > 0 AND c.relname <> 'millrace_queue_index'
    ORDER BY 1, 5`,
  constraints: `
    SELECT conrelid::regclass::text AS table, conname, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE connamespace = $1::regnamespace AND contype <> 'n' ORDER BY 1, 2`,
  indexes: `
    SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = $1 AND indexname <> 'millrace_queue_index' ORDER BY 1`,
  functions: `
    SELECT proname, pg_get_function_arguments(oid) AS arguments, pg_get_function_result(oid) AS result,
      provolatile, proisstrict, prosecdef
    FROM pg_proc WHERE pronamespace = $1::regnamespace
      AND pg_get_function_identity_arguments(oid) <> 'identifier text, payload json, options json'
    ORDER BY 1, 2`,
  security: `
    SELECT relname, relrowsecurity FROM pg_class
    WHERE relnamespace = $1::regnamespace AND relkind = 'r' ORDER BY 1`,
  migrations: 'SELECT id, breaking FROM graphile_worker.migrations ORDER BY id',
};

async function read() {
  const found = {};
  for (const [name, query] of Object.entries(catalogue)) {
    found[name] = await rows(query, ...(query.includes('$1') ? ['graphile_worker'] : []));
  }
  return found;
}

test('is the same whoever makes it', async () => {
  await nodeMigrate();
  const theirs = await read();
  await rows('DROP SCHEMA graphile_worker CASCADE');
  await java.call('migrate', await openJava());
  const ours = await read();
  for (const name of Object.keys(catalogue)) assert.deepEqual(ours[name], theirs[name], name);
});

test('of Java serves Node', async () => {
  const h = await openJava();
  await java.call('migrate', h);
  await nodeMigrate();
  const utils = await nodeUtils();
  await utils.addJob('a', { n: 1 });
  await java.call('add', h, { task: 'a', payload: { n: 2 } });
  await nodeOnce(['a']);
  assert.deepEqual(await jobs(), []);
  assert.equal((await rows('SELECT FROM runs')).length, 2);
});

test('of Node serves Java', async () => {
  await nodeMigrate();
  const utils = await nodeUtils();
  await utils.addJob('a', { n: 1 });
  const h = await openJava();
  await java.call('migrate', h);
  await java.call('add', h, { task: 'a', payload: { n: 2 }, queueName: 'q' });
  assert.deepEqual(await java.call('runOnce', h, ['a'], {}), { completed: 2, failed: 0 });
  assert.deepEqual(await jobs(), []);
  const [{ max }] = await rows('SELECT max(id) FROM graphile_worker.migrations');
  assert.equal(max, revision);
});

test('of Node is migrated forward with its jobs', async () => {
  await nodeMigrate();
  const utils = await nodeUtils();
  await utils.addJob('a', { n: 1 }, { jobKey: 'k', queueName: 'q' });
  const h = await java.call('open', undefined, { ...db, compatibility: 'V0_18' });
  await java.call('migrate', h);
  assert.deepEqual(
    (await rows('SELECT id FROM graphile_worker.migrations WHERE id > 17 ORDER BY 1')).map(r => r.id), [18, 19, 20]);
  await java.call('add', h, { task: 'a', payload: { n: 2 }, jobKey: 'k' });
  assert.deepEqual(await java.call('runOnce', h, ['a'], {}), { completed: 1, failed: 0 });
});

test('is made once however many begin at once', async () => {
  const handles = await Promise.all(Array.from({ length: 6 }, () => openJava()));
  await Promise.all([
    ...handles.map(h => java.call('migrate', h)),
    // Node itself does not bear that another creates the schema in the same instant.
    ...Array.from({ length: 6 }, () => nodeMigrate().catch(error => {
      assert.equal(error.code, '23505');
      return nodeMigrate();
    })),
  ]);
  const found = await rows('SELECT id FROM graphile_worker.migrations ORDER BY id');
  assert.deepEqual(found.map(row => row.id), Array.from({ length: revision }, (_, i) => i + 1));
  await java.call('add', handles[0], { task: 'a' });
  await nodeOnce(['a']);
  assert.deepEqual(await jobs(), []);
});

test('that breaks with us is refused', async () => {
  await nodeMigrate();
  await rows('INSERT INTO graphile_worker.migrations (id, breaking) VALUES (21, true)');
  const h = await openJava();
  await assert.rejects(java.call('migrate', h), {
    name: 'SchemaVersionException', message: /^Database is using Graphile Worker schema revision 21/,
  });
});

test(`says ${compatibility} where Java stops`, async () => {
  await java.call('migrate', await openJava());
  const [{ max }] = await rows('SELECT max(id) FROM graphile_worker.migrations');
  assert.equal(max, revision);
});
