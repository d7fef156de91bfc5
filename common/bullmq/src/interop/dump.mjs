// A queue's keys in a form in which two queues that went through the same can be compared.

/** What differs between any two runs: times, versions, tokens, the prefix. */
const TIMES = new Set(['timestamp', 'processedOn', 'finishedOn']);

export async function dump(redis, base) {
  const shown = {};
  for (const key of (await redis.keys(`${base}*`)).sort()) {
    const suffix = key.slice(base.length);
    shown[suffix] = await value(redis, key, suffix, base);
  }
  return shown;
}

async function value(redis, key, suffix, base) {
  switch (await redis.type(key)) {
    case 'string':
      return suffix.endsWith(':lock') ? 'locked' : await redis.get(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return (await redis.smembers(key)).map(member => member.replace(base, '')).sort();
    case 'hash':
      return hash(await redis.hgetall(key), base);
    case 'zset':
      return zset(await redis.zrange(key, 0, -1, 'WITHSCORES'), suffix);
    case 'stream':
      return (await redis.xrange(key, '-', '+')).map(([, fields]) => event(fields));
    default:
      return 'gone meanwhile';
  }
}

function hash(fields, base) {
  const shown = {};
  for (const [name, text] of Object.entries(fields)) {
    if (name === 'version') continue;
    if (TIMES.has(name)) shown[name] = 'time';
    else if (name === 'opts') shown[name] = options(JSON.parse(text));
    else if (['data', 'returnvalue', 'progress', 'stacktrace', 'parent'].includes(name)) {
      shown[name] = JSON.parse(text);
    } else shown[name] = text.replace(base, '');
  }
  return shown;
}

/** A number says the same as an object with a count. */
function options(opts) {
  for (const name of ['removeOnComplete', 'removeOnFail']) {
    if (typeof opts[name] === 'number') opts[name] = { count: opts[name] };
  }
  if ('timestamp' in opts) opts.timestamp = 'time';
  return opts;
}

/** Scores that are times tell the order, and the delayed ones the minute. */
function zset(flat, suffix) {
  const shown = [];
  for (let i = 0; i < flat.length; i += 2) {
    const score = Number(flat[i + 1]);
    if (suffix === 'prioritized') shown.push([flat[i], score]);
    else if (suffix === 'marker') shown.push([flat[i], score === 0 ? 0 : 'time']);
    else if (suffix === 'delayed') shown.push([flat[i], Math.round((score / 4096 - Date.now()) / 60000)]);
    else shown.push([flat[i], 'time']);
  }
  return ['completed', 'failed'].includes(suffix) ? shown.sort() : shown;
}

function event(fields) {
  const shown = [];
  for (let i = 0; i < fields.length; i += 2) {
    const [name, text] = [fields[i], fields[i + 1]];
    shown.push(name, name === 'delay' ? Math.round((Number(text) - Date.now()) / 60000) : text);
  }
  return shown;
}
