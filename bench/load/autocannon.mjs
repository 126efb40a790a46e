// The load where there is no wrk: the same environment variables, the same line of JSON on stderr.
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';

const { LOAD_URL, LOAD_CONNECTIONS, LOAD_SECONDS, LOAD_FILE, LOAD_HINT, LOAD_AUTHORIZATION } =
  process.env;
const [first, count] = [Number(process.env.LOAD_FIRST), Number(process.env.LOAD_COUNT)];
const once = process.env.LOAD_ONCE === 'true';
const lines = LOAD_FILE ? readFileSync(LOAD_FILE, 'utf8').trimEnd().split('\n') : [];
let used = 0;

const result = await autocannon({
  url: `${LOAD_URL}/introspect`,
  connections: Number(LOAD_CONNECTIONS),
  duration: Number(LOAD_SECONDS),
  timeout: 30,
  method: 'POST',
  headers: {
    authorization: LOAD_AUTHORIZATION,
    'content-type': 'application/x-www-form-urlencoded',
  },
  requests: [
    {
      setupRequest: (request) => ({
        ...request,
        body: `token_type_hint=${LOAD_HINT}&token=${token()}`,
      }),
    },
  ],
});

process.stderr.write(
  `${JSON.stringify({
    requests: result.requests.total,
    seconds: result.duration,
    bytes: result.throughput.total,
    refused: result.non2xx,
    broken: result.errors + result.timeouts,
    p50: result.latency.p50 * 1000,
    p99: result.latency.p99 * 1000,
    used,
  })}\n`,
);

function token() {
  if (!LOAD_FILE) {
    const number = String(first + Math.floor(Math.random() * count));
    return process.env.LOAD_PREFIX + number.padStart(Number(process.env.LOAD_DIGITS), '0');
  }
  if (!once) return lines[Math.floor(Math.random() * count)];
  return lines[first + used++] ?? 'spent';
}
