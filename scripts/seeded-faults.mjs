// Plants one fault at a time in a copy of the decision path and runs the tests that should catch it.
// A fault that survives means that a test is missing. Usage: npm run test:seeded [name …]
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HTTP_FAULTS } from './seeded/http.mjs';
import { KEY_FAULTS } from './seeded/keys.mjs';
import { LIMIT_FAULTS } from './seeded/limits.mjs';

const DECIDER = 'src/decision/decider.ts';
const FAULTS = [
  {
    name: 'expiry',
    file: DECIDER,
    from: 'now >= exp',
    to: 'now > exp',
    tests: 'd-answers',
  },
  { name: 'nbf', file: DECIDER, from: 'now < nbf', to: 'now <= nbf', tests: 'd-answers' },
  {
    name: 'audience',
    file: 'src/decision/audience-policy.ts',
    from: 'token.aud.some((audience) => caller.audiences.includes(audience))',
    to: 'token.aud.some((audience) => caller.audiences.some((own) => own.startsWith(audience)))',
    tests: 's-product-rules',
  },
  {
    name: 'another issuer’s client with the id of one of ours',
    file: 'src/decision/audience-policy.ts',
    from: "token.origin === 'own' && ",
    to: '',
    tests: 's-product-rules',
  },
  {
    name: 'revocation',
    file: 'src/tokens/opaque-token.strategy.ts',
    from: 'if (stored.record.revoked) return REVOKED;',
    to: 'if (stored.record.revoked && stored.record.jti) return REVOKED;',
    tests: 'd-answers',
  },
  {
    name: 'revocation of a JWT',
    file: 'src/jwt/revocation-hash.ts',
    from: "['jws', signingInput]",
    to: "['jws', claims['sub']]",
    tests: 'json-web-tokens',
  },
  {
    name: 'the end of a revocation that nobody has signed',
    file: 'src/jwt/revocation-end.ts',
    from: 'return isCovered ?',
    to: 'return isCovered || exp ?',
    tests: 'd-revocations',
  },
  {
    name: 'client disabled',
    file: DECIDER,
    from: "if (state === 'disabled') return 'client_disabled';",
    to: "if (state === 'disabled' && origin === 'own') return 'client_disabled';",
    tests: 'd-answers',
  },
  {
    name: 'a JWT of a client that was deleted',
    file: 'src/jwt/jwt-plan.ts',
    from: 'iat === undefined || iat < client.tokensFrom',
    to: 'iat !== undefined && iat < client.tokensFrom',
    tests: 'd-answers',
  },
  {
    name: 'a client id with NUL',
    file: 'src/clients/typeorm-client.repository.ts',
    from: "clientId.includes('\\0')",
    to: 'false',
    tests: 'd-answers',
  },
  {
    name: 'signature',
    file: 'src/jwt/jwt-verifier.ts',
    from: "if (!key) return { rejected: 'bad_signature' };",
    to: "if (!key && keys.length === 0) return { rejected: 'bad_signature' };",
    tests: 'f-json-web-tokens',
  },
  {
    name: 'issuer',
    file: 'src/jwt/configured-key-source.ts',
    from: 'this.#byIssuer.get(issuer)',
    to: 'this.#byIssuer.get(issuer) ?? [...this.#byIssuer.values()][0]',
    tests: 'f-json-web-tokens',
  },
  {
    name: 'a key for encryption',
    file: 'src/jwt/key-set.ts',
    from: 'if (operations === undefined) return true;',
    to: 'return true;',
    tests: 'key-sets',
  },
  {
    name: 'extension override',
    file: 'src/decision/introspection-response.ts',
    from: 'isReserved(name) ||',
    to: "name === '__proto__' ||",
    tests: 's-product-rules',
  },
  {
    name: 'secret compare',
    file: 'src/clients/secret-hash.ts',
    from: 'return a.length === b.length && timingSafeEqual(a, b);',
    to: 'return a.length === b.length && timingSafeEqual(a.subarray(0, 8), b.subarray(0, 8));',
    tests: 'b-client-authentication',
  },
  {
    name: 'hint order',
    file: 'src/decision/strategy-registry.ts',
    from: '[strategy, ...this.#all.filter((other) => other !== strategy)]',
    to: '[strategy]',
    tests: 's-product-rules',
  },
  {
    name: 'hinted strategy first',
    file: 'src/decision/strategy-registry.ts',
    from: '[strategy, ...this.#all.filter((other) => other !== strategy)]',
    to: 'this.#all',
    tests: 'extending',
  },
  {
    name: 'strategies of another module of the application',
    file: 'src/decision/strategy-registry.ts',
    from: 'others.has(wrapper.host) ? undefined : hintOf(wrapper)',
    to: 'hintOf(wrapper)',
    tests: 'two-modules',
  },
  {
    name: 'the routes of another module of the application',
    file: 'src/http/adapters/fastify.ts',
    from: 'route.config?.introspectionEndpoint !== location',
    to: '!route.config?.introspectionEndpoint',
    tests: 'two-modules',
  },
  {
    name: 'a disabled client as a caller in process',
    file: 'src/decision/introspection.service.ts',
    from: 'if (!client?.enabled) throw',
    to: 'if (!client) throw',
    tests: 'module/options',
  },
  {
    name: 'a set of keys that is older than the clock says',
    file: 'src/jwt/key-set-url.ts',
    from: 'Math.max(Date.now() - fetchedAtMs, performance.now() - fetchedAtTick)',
    to: 'Date.now() - fetchedAtMs',
    tests: 'key-set-urls',
  },
  {
    name: 'a guard of the host passed by',
    file: 'src/http/adapters/adapter.ts',
    from: '/[:*]/.test(url) || bound.some(({ length }) => length > 0)',
    to: '/[:*]/.test(url)',
    tests: 'surroundings',
  },
  {
    name: 'a question that joins after the SQL was sent',
    file: 'src/persistence/batched-reader.ts',
    from: 'this.#gathering = new Batch();\n    if',
    to: 'setTimeout(() => (this.#gathering = new Batch()), 1);\n    if',
    tests: 'freshness batches',
  },
  {
    name: 'rows of the last second',
    file: 'src/persistence/batched-reader.ts',
    from: 'this.run(statement, batch.since + this.timeoutMs, ',
    to: 'lately(this.run)(statement, batch.since + this.timeoutMs, ',
    and: `const kept = new Map();
      function lately(run) {
        return (statement, deadline, done) => {
          const name = JSON.stringify([statement.name, statement.values]);
          const answer = kept.get(name);
          if (answer) return setImmediate(done, undefined, answer);
          run(statement, deadline, (failure, row) => {
            if (row) kept.set(name, row);
            setTimeout(() => kept.delete(name), 1000);
            done(failure, row);
          });
        };
      }`,
    tests: 'freshness',
  },
  {
    name: 'clients of the last second',
    file: 'src/clients/client-rows.ts',
    from: 'found: (row: ClientRow) => ({',
    to: 'found: (row: ClientRow) => lately(row.key, {',
    and: `const kept = new Map();
      function lately(key, client) {
        if (kept.has(key)) return kept.get(key);
        kept.set(key, client);
        setTimeout(() => kept.delete(key), 1000);
        return client;
      }`,
    tests: 'freshness',
  },
  {
    name: 'the expiry clock read before the rows',
    file: DECIDER,
    from: 'caller: Caller): Soon<Decision> {',
    to: 'caller: Caller, now = Date.now() / 1000): Soon<Decision> {',
    also: [
      [DECIDER, 'timeFault(token, Date.now() / 1000)', 'timeFault(token, now)'],
      [
        'src/decision/look-up.ts',
        '#starter: RegisteredStrategy | undefined;',
        '#starter: RegisteredStrategy | undefined;\n  readonly now = Date.now() / 1000;',
      ],
      [
        'src/decision/introspection.service.ts',
        'this.decider.decide(finding, caller)',
        'this.decider.decide(finding, caller, lookUp.now)',
      ],
    ],
    tests: 'd-answers',
  },
  {
    name: 'a neighbour in the batch that throws',
    file: 'src/persistence/batch.ts',
    from: 'for (const question of this.#questions) give(question, this.#rows);',
    to: 'for (const question of this.#questions) question.answered(this.#rows);',
    tests: 'batches e-errors extending',
  },
  {
    name: 'a rotation that leaves a longer overlap as it is',
    file: 'src/clients/typeorm-client.repository.ts',
    from: '[IsNull(), MoreThan(until)]',
    to: '[IsNull()]',
    tests: 'repositories',
  },
  {
    name: 'connections from before a failure',
    file: 'src/persistence/connections.ts',
    from: '=== this.#failures',
    to: '<= this.#failures',
    tests: 'e-failures',
  },
  {
    name: 'an answer that comes after a failure',
    file: 'src/persistence/connections.ts',
    from: 'if (!this.isTrusted(client)) return giveUp(new OutdatedError());',
    to: '',
    tests: 'e-failures',
  },
  {
    name: 'a Postgres that shuts down is no failure',
    file: 'src/persistence/connections.ts',
    from: "&& !GOING_AWAY.test(error.code ?? '')",
    to: '',
    tests: 'e-failures',
  },
  {
    name: 'an idle connection that breaks is no failure',
    file: 'src/persistence/connections.ts',
    from: "pool.on('error', (error) => this.notice(error));",
    to: '',
    tests: 'e-failures',
  },
  {
    name: 'a connection that was idle for too long is a failure',
    file: 'src/persistence/connections.ts',
    from: '/^57P0[1-4]$/',
    to: '/^57P/',
    tests: 'e-failures',
  },
  {
    name: 'a refusal of Postgres is a failure',
    file: 'src/persistence/connections.ts',
    from: 'if (!isAnswer(failure)) this.#failures++;',
    to: 'this.#failures++;',
    tests: 'e-failures',
  },
  {
    name: 'no time limit unless the host sets one',
    file: 'src/config/settings.ts',
    from: 'options.readTimeout ?? READ_TIMEOUT_MS',
    to: 'options.readTimeout ?? 60_000',
    tests: 'e-failures',
  },
  {
    name: 'the deadline counted from sending',
    file: 'src/persistence/batched-reader.ts',
    from: 'batch.since + this.timeoutMs',
    to: 'performance.now() + this.timeoutMs',
    tests: 'batches',
  },
  {
    name: 'a value that Postgres cannot take fails its neighbours',
    file: 'src/persistence/batched-reader.ts',
    from: "code.startsWith('22')",
    to: "code.startsWith('23')",
    tests: 'batches encoding',
  },
  {
    name: 'every failure is asked again in halves',
    file: 'src/persistence/batched-reader.ts',
    from: "typeof code === 'string' && code.startsWith('22')",
    to: 'code !== null',
    tests: 'batches',
  },
  {
    name: 'a half with a deadline of its own',
    file: 'src/persistence/batch.ts',
    from: 'half.#since = this.#since;',
    to: '',
    tests: 'batches',
  },
  {
    name: 'a database that is not in UTF8',
    file: 'src/persistence/encoding.ts',
    from: "if (encoding === 'UTF8') return undefined;",
    to: "if (encoding !== 'SQL_ASCII') return undefined;",
    tests: 'encoding',
  },
  ...LIMIT_FAULTS,
  ...HTTP_FAULTS,
  ...KEY_FAULTS,
];

const asked = process.argv.slice(2);
const root = resolve(import.meta.dirname, '..');
const survivors = [];
for (const fault of FAULTS.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  const failed = failuresUnder(fault);
  console.log(`${failed > 0 ? 'caught  ' : 'SURVIVED'} ${fault.name}: ${failed} tests failed`);
  if (failed === 0) survivors.push(fault.name);
}
process.exitCode = survivors.length === 0 ? 0 : 1;

/** `also`: further replacements in files; `and`: text that is added to the end of the file. */
function failuresUnder({ file, from, to, also = [], and = '', tests }) {
  const copy = mkdtempSync(join(tmpdir(), 'seeded-fault-'));
  try {
    const kept = [
      'app',
      'src',
      'migrations',
      'test',
      // The tests of the docs take the samples from them.
      'scripts',
      'docs',
      'README.md',
      'SECURITY.md',
      'CONTRIBUTING.md',
      'package.json',
      'tsconfig.json',
      'vitest.config.ts',
    ];
    for (const name of kept) cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const [path, before, after] of [[file, from, to], ...also]) {
      const source = readFileSync(join(copy, path), 'utf8');
      if (!source.includes(before)) throw new Error(`${path} has no “${before}” any more.`);
      writeFileSync(
        join(copy, path),
        source.replace(before, () => after),
      );
    }
    appendFileSync(join(copy, file), and);
    const report = join(copy, 'report.json');
    spawnSync(
      'npx',
      ['vitest', 'run', ...tests.split(' '), '--reporter=json', `--outputFile=${report}`],
      {
        cwd: copy,
        stdio: 'ignore',
      },
    );
    return JSON.parse(readFileSync(report, 'utf8')).numFailedTests;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
