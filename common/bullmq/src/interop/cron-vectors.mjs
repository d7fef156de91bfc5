// Writes what cron-parser makes of cron expressions, for CronTest. Run it in this folder after
// `npm ci` in bullmq-6:
//   node cron-vectors.mjs >../test/resources/dev/millrace/bullmq/cron-vectors.json
import { createRequire } from 'node:module';

const require = createRequire(new URL('bullmq-6/', import.meta.url));
const { CronExpressionParser } = require('cron-parser');
const { version } = require('cron-parser/package.json');
const VECTORS = 1600;

// When clocks change.
const changes = {
  'Europe/Madrid': ['2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z'],
  'America/New_York': ['2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z'],
  'Australia/Sydney': ['2026-04-04T16:00:00Z', '2026-10-03T16:00:00Z'],
  'Africa/Cairo': ['2026-04-23T22:00:00Z', '2026-10-29T21:00:00Z'],
  'Europe/London': ['2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z'],
  'America/Santiago': ['2026-04-05T03:00:00Z', '2026-09-06T04:00:00Z'],
  'America/Sao_Paulo': ['2018-11-04T03:00:00Z', '2018-02-18T02:00:00Z'],
};
const zones = [...Object.keys(changes), 'UTC', 'Asia/Kolkata', 'Pacific/Apia'];
const special = [
  '@yearly', '@annually', '@monthly', '@weekly', '@daily', '@hourly', '@minutely', '@secondly',
  '@weekdays', '@weekends', '* * *', '5 5', '5 5 5 5', '*', '0 0 29 2 *', '0 0 * 2 5#5',
  '0 0 13 * 5', '0 0 */2 * 1', '0 0 1-31 * 1', '0 0 31 4,6 *', '0 0 31 4 1', '0 0 31 2 5L',
  '0 0 30,L 2 *', '0 0 * * 1,5L', '0 0 * * 1L,1', '0 0 * * 1/2', '0 0 * * 7/2', '0 0 * * 0-7',
  '0 0 * * 5-7', '*/61 * * * *', '5/70 * * * *', '0 3 * * 1-5',
];
const daily = [
  '30 0 * * *', '0 0 * * *', '30 1 * * *', '0 1 * * *', '30 2 * * *', '0 2 * * *', '30 3 * * *',
  '*/20 2 * * *', '0 2,3 * * *', '0 1-4 * * *', '0 */2 * * *', '30 * * * *', '0 0-22 * * *',
  '*/30 * * * *', '* * 2 * * *', '30 23 * * *', '15 2 * * 0', '10 2,5 * * *',
];
const wrong = [
  ' ', '* * * * * * *', '0 0 30 2 *', '0 0 31 4 *', '0 0 LW * *', '0 0 15W * *', '0 0 L-3 * *',
  '0 0 * * L', '0 0 * * 5#6', '0 0 * * 5#0', '0 0 * * 1#1,3#2', '0 0 * * 1-3#1', '0 0 * * FRI-MON',
  '0 0 * * Friday', '0 0 1 january *', '0 22-2 * * *', '*/0 * * * *', '*/-1 * * * *',
  '1,2,, * * * *', '*/2/3 * * * *', '60 * * * *', '-1 * * * *', '1.5 * * * *', 'a * * * *',
  '0 24 * * *', '0 0 0 * *', '0 0 32 * *', '0 0 1 13 *', '0 0 1 0 *', '0 0 * * 8', '*,5 * * * *',
  '** * * * *', '+5 * * * *', '5,5,5 * * * *', '*/5,5 * * * *', '1-5,3 * * * *', '0 0 * * 0,7',
  '0 0 L,L * *', '0 0 * * 5L,5L', '0 0 l * *', '0 0 * * 5l', '0 0 L L *', 'L * * * *', '@midnight',
  '@reboot', '@Daily', ' @daily', '5/ * * * *', '/5 * * * *', '1- * * * *', '0 0 * * 5#', 'nope',
];

let seed = 20261122;
function random(bound) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor(seed / 2147483648 * bound);
}
const pick = list => list[random(list.length)];

function item(min, max, names) {
  const some = () => min + random(max - min + 1);
  const show = value => (names && random(3) === 0 ? names[value] : String(value));
  const [from, to] = [some(), some()].sort((a, b) => a - b);
  switch (random(5)) {
    case 0: return `${show(from)}-${show(to)}`;
    case 1: return `*/${1 + random(max)}`;
    case 2: return `${show(from)}-${show(to)}/${1 + random(5)}`;
    case 3: return `${show(from)}/${1 + random(7)}`;
    default: return show(from);
  }
}

function field(min, max, wildcards, names) {
  if (random(100) < wildcards) return random(8) ? '*' : '?';
  const length = random(4) ? 1 : 1 + random(3);
  return Array.from({ length }, () => item(min, max, names)).join(',');
}

const months = [, 'JAN', 'feb', 'Mar', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'mon', 'TUE', 'WED', 'Thu', 'FRI', 'SAT'];

function expression() {
  const day = [field(1, 31, 55), 'L', `L,${1 + random(28)}`][[0, 0, 0, 0, 0, 1, 2][random(7)]];
  const weekday = random(5)
    ? field(0, 6, 60, weekdays)
    : pick([`${pick(['1', '5', 'FRI', '7', 'sun'])}L`, `${random(8)}#${1 + random(5)}`]);
  const second = random(3) ? [] : [field(0, 59, 20)];
  return [...second, field(0, 59, 20), field(0, 23, 45), day, field(1, 12, 65, months), weekday].join(' ');
}

// ms since 1970; null if never again; undefined if the expression is refused.
function next(text, after, tz) {
  try {
    return CronExpressionParser.parse(text, { currentDate: new Date(after), tz }).next().getTime();
  } catch (error) {
    return error.message.includes('loop limit') ? null : undefined;
  }
}

const iso = time => time === null ? null : new Date(time).toISOString().replace('.000Z', 'Z');
const vectors = [];
const refused = new Set(wrong.filter(text => next(text, Date.now(), 'UTC') === undefined));

function add(text, from, tz, count) {
  const times = [];
  for (let at = from; times.length < count && at !== null; times.push(at)) {
    at = next(text, at, tz);
    if (at === undefined) {
      if (refused.size < 200) refused.add(text);
      return;
    }
  }
  vectors.push([text, tz, iso(from), ...times.map(iso)]);
}

special.forEach(text => add(text, Date.parse('2026-01-01T00:00:00Z'), 'UTC', 4));
for (const [tz, times] of Object.entries(changes)) {
  for (const change of times) {
    for (const text of daily) {
      for (const hours of [-20, -0.3, 0.3]) add(text, Date.parse(change) + hours * 3600000, tz, 3);
    }
  }
}
while (vectors.length < VECTORS) {
  const tz = pick(zones);
  const from = changes[tz] && random(2)
    ? Date.parse(pick(changes[tz])) + (random(72 * 60) - 36 * 60) * 60000 + random(60000)
    : Date.parse('2024-01-01T00:00:00Z') + random(2000000000) * 60;
  add(expression(), from, tz, 3);
}

const lines = list => list.map(value => JSON.stringify(value)).join(',\n');
console.log(`{"by": "cron-parser ${version}, Node ${process.version} with tz ${process.versions.tz}",
"columns": "expression, zone, after, then one time after the other; null: never again",
"next": [
${lines(vectors)}
],
"refused": [
${lines([...refused])}
]}`);
