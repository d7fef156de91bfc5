// A queue's keys in a form in which two queues that went through the same can be compared.

/** What differs between any two runs: times, versions, tokens, the prefix. */
const TIMES = new Set(['timestamp', 'processedOn', 'finishedOn', 'prevTS', 'prevCount']);

/** Reads, or deletes, all keys of a queue in one call. */
const SCRIPT = `
  local found = {}
  for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
    local kind = redis.call('TYPE', key).ok
    local value
    if ARGV[2] == 'delete' then redis.call('UNLINK', key)
    elseif kind == 'string' then value = redis.call('GET', key)
    elseif kind == 'list' then value = redis.call('LRANGE', key, 0, -1)
    elseif kind == 'set' then value = redis.call('SMEMBERS', key)
    elseif kind == 'hash' then value = redis.call('HGETALL', key)
    elseif kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    elseif kind == 'stream' then value = redis.call('XRANGE', key, '-', '+')
    end
    found[#found + 1] = {string.sub(key, #ARGV[1] + 1), kind, value}
  end
  return found`;

/** @param now what times are counted from, the same for both queues: else one may be a minute further */
export async function dump(redis, base, now) {
  const shown = {};
  for (const [suffix, kind, content] of (await redis.eval(SCRIPT, 0, base, 'read')).sort(bySuffix)) {
    // A minute may begin between the two sides.
    if (/^metrics:.*:data$/.test(suffix)) continue;
    // No number was used yet, whether that is written or not.
    if (suffix === 'id' && content === '0') continue;
    shown[suffix] = value(kind, content, suffix, base, now);
  }
  return shown;
}

export async function forget(redis, base) {
  await redis.eval(SCRIPT, 0, base, 'delete');
}

const bySuffix = ([a], [b]) => a < b ? -1 : a > b ? 1 : 0;

function value(kind, content, suffix, base, now) {
  switch (kind) {
    case 'string':
      return suffix.endsWith(':lock') ? 'locked' : suffix === 'limiter' ? 'limited' : content;
    case 'list':
      return content;
    case 'set':
      return content.map(member => member.replace(base, '')).sort();
    case 'hash':
      return hash(content, base);
    case 'zset':
      return zset(content, suffix, base, now);
    default:
      return content.map(([, fields]) => event(fields, base, now));
  }
}

function hash(flat, base) {
  const shown = {};
  for (let i = 0; i < flat.length; i += 2) {
    const [name, text] = [flat[i], flat[i + 1]];
    if (name === 'version') continue;
    if (TIMES.has(name)) shown[name] = 'time';
    // Some delays are counted from the clock, which both sides do not read at the same moment.
    else if (name === 'delay') shown[name] = Math.round(Number(text) / 100) * 100;
    else if (name === 'opts') shown[name] = options(JSON.parse(text));
    else if (['data', 'returnvalue', 'progress', 'stacktrace', 'parent'].includes(name)) {
      // A parent names its queue, without the colon.
      shown[name] = JSON.parse(text.replaceAll(base.slice(0, -1), 'queue'));
    } else shown[name.replace(base, '')] = text.replaceAll(base, '');
  }
  return shown;
}

/** A number says the same as an object with a count. */
function options(opts) {
  for (const name of ['removeOnComplete', 'removeOnFail']) {
    if (typeof opts[name] === 'number') opts[name] = { count: opts[name] };
  }
  if ('timestamp' in opts) opts.timestamp = 'time';
  if (opts.parent) opts.parent = opts.parent.id;
  return opts;
}

/** Scores that are times tell the order, and the delayed ones the minute. */
function zset(flat, suffix, base, now) {
  const shown = [];
  for (let i = 0; i < flat.length; i += 2) {
    const [member, score] = [flat[i].replace(base, ''), Number(flat[i + 1])];
    if (suffix === 'prioritized') shown.push([member, score]);
    else if (suffix === 'marker') shown.push([member, score === 0 ? 0 : 'time']);
    else if (suffix === 'delayed') shown.push([member, Math.round((score / 4096 - now) / 60000)]);
    else shown.push([member, 'time']);
  }
  return ['delayed', 'prioritized', 'marker'].includes(suffix) ? shown : shown.sort();
}

function event(fields, base, now) {
  const shown = [];
  for (let i = 0; i < fields.length; i += 2) {
    const [name, text] = [fields[i], fields[i + 1].replaceAll(base, '')];
    if (shown[1] === 'removed' && name === 'jobId') {
      // Children are removed in the order in which a set holds them, which is none.
      shown.push(name, text.replace(/^(p\d+)-\d$/, '$1-child'));
    } else shown.push(name, name === 'delay' ? Math.round((Number(text) - now) / 60000) : text);
  }
  return shown;
}
