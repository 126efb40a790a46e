// Asks as each correct caller, RATE times a second, and checks every answer. SIGUSR2 begins what counts;
// SECONDS later it asks no more, and prints a line of JSON when all is answered or takes too long.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { subjectOf, tokenText } from '../fixtures.mjs';
import { AUTHORIZATIONS } from '../strangers/credentials.mjs';
import { TOKENS } from '../strangers/kinds.mjs';

/** How long the last answers may take, in milliseconds. */
const PATIENCE = 30_000;

const { URL: url, RATE, SECONDS, JWT_FILE } = process.env;
const jwts = readFileSync(JWT_FILE, 'utf8').trimEnd().split('\n');
const agent = new Agent({ keepAlive: true });

/** Each asks about the tokens with numbers of its own, so that no JWT is asked about twice. */
const opaque = { hint: 'access_token', tokens: TOKENS, token: tokenText };
const jwt = { hint: 'pct', tokens: jwts.length, token: (number) => jwts[number] };
const callers = [
  { name: 'opaque, generated secret', ...opaque, authorization: AUTHORIZATIONS.generated },
  { name: 'opaque, chosen secret', ...opaque, authorization: AUTHORIZATIONS.chosen },
  { name: 'JWT, generated secret', ...jwt, authorization: AUTHORIZATIONS.generated },
  { name: 'JWT, chosen secret', ...jwt, authorization: AUTHORIZATIONS.chosen },
].map((caller) => ({ ...caller, awaited: new Set(), outcomes: {}, latencies: [] }));

const interval = 1000 / Number(RATE);
let turns = 0;
let [from, to] = [Infinity, Infinity];
const start = performance.now();

const asking = setInterval(() => {
  const now = performance.now();
  for (; start + turns * interval <= now; turns++) {
    // The time counts from when a question was due: one that comes late has waited already.
    const due = start + turns * interval;
    if (due < to) callers.forEach((caller, at) => askAs(caller, turns * callers.length + at, due));
  }
}, 1);

process.once('SIGUSR2', () => {
  from = performance.now();
  to = from + Number(SECONDS) * 1000;
  setTimeout(() => {
    clearInterval(asking);
    setTimeout(report, PATIENCE);
    setInterval(() => callers.every(({ awaited }) => awaited.size === 0) && report(), 10);
  }, to - from);
});
console.log('Asking');

function askAs(caller, turn, due) {
  const number = turn % caller.tokens;
  const question = { due };
  if (due >= from) caller.awaited.add(question);
  const done = (outcome) => {
    if (caller.awaited.delete(question)) note(caller, due, outcome);
  };
  const asked = request(`${url}/introspect`, {
    agent,
    method: 'POST',
    headers: {
      authorization: caller.authorization,
      'content-type': 'application/x-www-form-urlencoded',
    },
  });
  asked.on('error', () => done('broken'));
  asked.on('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    response.on('end', () => done(outcomeOf(response.statusCode, text, subjectOf(number))));
  });
  const token = caller.token(number);
  asked.end(new URLSearchParams({ token_type_hint: caller.hint, token }).toString());
}

function outcomeOf(status, text, subject) {
  if (status !== 200) return String(status);
  const { active, sub } = JSON.parse(text);
  return active === true && sub === subject ? 'right' : 'wrong';
}

function note(caller, due, outcome) {
  caller.outcomes[outcome] = (caller.outcomes[outcome] ?? 0) + 1;
  caller.latencies.push(performance.now() - due);
}

/** Latencies are in milliseconds; a question without an answer has waited until now. */
function report() {
  const said = callers.map(({ name, ...caller }) => {
    for (const { due } of caller.awaited) note(caller, due, 'none');
    const latencies = caller.latencies.sort((a, b) => a - b);
    const quantile = (share) => latencies[Math.floor((latencies.length - 1) * share)];
    const [p50, p99, slowest] = [0.5, 0.99, 1].map(quantile);
    return [name, { asked: latencies.length, outcomes: caller.outcomes, p50, p99, slowest }];
  });
  console.log(JSON.stringify(Object.fromEntries(said)));
  process.exit();
}
