// What the suites share: a Java program with a PostgreSQL for the whole file, and for each test a database
// of its own, seen from both sides, with everything that was opened for it closed at its end.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Bridge } from './bridge.mjs';
import { runsTable, taskList } from './tasks.mjs';

export const folder = process.env.GRAPHILE_FOLDER;
export const require = createRequire(`${folder}/`);
export const graphile = require('graphile-worker');
const { Pool } = require('pg');
const manifest = JSON.parse(readFileSync(`${folder}/node_modules/graphile-worker/package.json`));
const minor = Number(manifest.version.split('.')[1]);
/** The revision at which this version of graphile-worker is at home. */
export const revision = { 16: 18, 17: 19, 18: 20 }[minor];
export const compatibility = `V0_${minor}`;
export const logger = new graphile.Logger(() => () => {});

export let java;
export let db;
export let url;
export let pool;
let closing;

before(async () => { java = await Bridge.start(); });
after(async () => { await java.end(); });

beforeEach(async () => {
  closing = [];
  await newDatabase();
  await pool.query(runsTable);
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

export function own(close) {
  closing.push(close);
}

async function newDatabase() {
  db = await java.call('database');
  url = `postgres://${db.user}:${db.password}@${db.host}:${db.port}/${db.database}`;
  pool = new Pool({ connectionString: url, max: 20 });
  pool.on('error', () => {});
  const closed = pool;
  own(() => closed.end());
}

/** Opens a schema from Java, at the revision that suits this version of graphile-worker. */
export function openJava(options = {}, bridge = java) {
  return bridge.call('open', undefined, { ...db, compatibility, ...options });
}

export const nodeMigrate = (options = {}) =>
  graphile.runMigrations({ connectionString: url, logger, ...options });

export async function nodeUtils(options = {}) {
  const utils = await graphile.makeWorkerUtils({ connectionString: url, logger, ...options });
  own(() => utils.release());
  return utils;
}

export const nodeOnce = (tasks, options = {}) => graphile.runOnce({
  connectionString: url, logger, noHandleSignals: true, taskList: taskList(tasks, 'node'), ...options,
});

export async function nodeWorker(tasks, options = {}, name = 'node', more = {}) {
  const child = spawn(process.execPath, [
    fileURLToPath(new URL('node-worker.mjs', import.meta.url)),
    JSON.stringify({ folder, url, tasks, options, name, ...more }),
  ], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ids = [];
  await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', line => line === 'ready' ? resolve() : ids.push(line));
    child.on('exit', () => reject(new Error('the Node worker ended')));
  });
  const signal = async (name) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(name);
    await exited;
  };
  own(() => signal('SIGKILL'));
  return { ids, signal };
}

export async function rows(text, ...values) {
  return (await pool.query(text, values)).rows;
}

export const jobs = () => rows('SELECT * FROM graphile_worker.jobs ORDER BY id');

export async function until(condition, limit = 20000) {
  const end = Date.now() + limit;
  while (!(await condition())) {
    assert.ok(Date.now() < end, 'waited too long');
    await sleep(25);
  }
}

export const untilEmpty = (limit) => until(async () => (await jobs()).length === 0, limit);
