// Plants one fault at a time in a copy of the decision path and runs the tests that should catch it.
// A fault that survives means that a test is missing. Usage: npm run test:seeded [name …]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SERVICE = 'src/decision/introspection.service.ts';
const READ = 'this.#gathering.add(lookup, key)';
const FIND_CLIENT = 'this.#reader.read(CLIENTS, clientId)';
const FAULTS = [
  {
    name: 'expiry',
    file: SERVICE,
    from: 'now >= exp',
    to: 'now > exp',
    tests: 'd-answers',
  },
  { name: 'nbf', file: SERVICE, from: 'now < nbf', to: 'now <= nbf', tests: 'd-answers' },
  {
    name: 'audience',
    file: 'src/decision/access-policy.ts',
    from: 'token.aud.some((audience) => caller.audiences.includes(audience))',
    to: 'token.aud.some((audience) => caller.audiences.some((own) => own.startsWith(audience)))',
    tests: 's-product-rules',
  },
  {
    name: 'revocation',
    file: 'src/tokens/opaque-token.strategy.ts',
    from: 'found.revoked ?',
    to: 'found.revoked && found.jti ?',
    tests: 'd-answers',
  },
  {
    name: 'revocation of a JWT',
    file: 'src/jwt/jwt-claims.ts',
    from: "['jws', signingInput]",
    to: "['jws', claims['sub']]",
    tests: 'json-web-tokens',
  },
  {
    name: 'client disabled',
    file: SERVICE,
    from: "if (state === 'disabled') return 'client_disabled';",
    to: "if (state === 'disabled' && token.origin === 'own') return 'client_disabled';",
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
    file: 'src/jwt/jwt.strategy.ts',
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
    name: 'extension override',
    file: 'src/decision/introspection-response.ts',
    from: 'if (!RESERVED.has(name))',
    to: "if (name !== '__proto__')",
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
    name: 'a guard of the host passed by',
    file: 'src/http/adapters/direct-route.ts',
    from: '/[:*]/.test(url) || bound.some(({ length }) => length > 0)',
    to: '/[:*]/.test(url)',
    tests: 'surroundings',
  },
  {
    name: 'joining a read that was sent',
    file: 'src/persistence/batched-reader.ts',
    from: READ,
    to: remembering(READ, 'lookup.nameOf(key)', 'answer.then(forget, forget)'),
    tests: 'freshness',
  },
  {
    name: 'rows of the last second',
    file: 'src/persistence/batched-reader.ts',
    from: READ,
    to: remembering(READ, 'lookup.nameOf(key)', 'setTimeout(forget, 1000)'),
    tests: 'freshness',
  },
  {
    name: 'clients of the last second',
    file: 'src/clients/typeorm-client.repository.ts',
    from: FIND_CLIENT,
    to: remembering(FIND_CLIENT, 'clientId', 'setTimeout(forget, 1000)'),
    tests: 'freshness',
  },
  {
    name: 'connections from before a failure',
    file: 'src/persistence/connections.ts',
    from: '=== this.#failures',
    to: '<= this.#failures',
    tests: 'e-failures',
  },
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

/** The same expression, which gives its promise again for the same name until it is forgotten. */
function remembering(expression, name, forgetting) {
  return `((name, ask) => {
    const kept = (this.kept ??= new Map());
    if (!kept.has(name)) {
      const answer = ask();
      const forget = () => kept.delete(name);
      kept.set(name, answer);
      ${forgetting};
    }
    return kept.get(name);
  })(${name}, () => ${expression})`;
}

function failuresUnder({ file, from, to, tests }) {
  const copy = mkdtempSync(join(tmpdir(), 'seeded-fault-'));
  try {
    const kept = [
      'app',
      'src',
      'migrations',
      'test',
      'package.json',
      'tsconfig.json',
      'vitest.config.ts',
    ];
    for (const name of kept) cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const source = readFileSync(join(copy, file), 'utf8');
    if (!source.includes(from)) throw new Error(`${file} has no “${from}” any more.`);
    writeFileSync(join(copy, file), source.replace(from, to));
    const report = join(copy, 'report.json');
    spawnSync('npx', ['vitest', 'run', tests, '--reporter=json', `--outputFile=${report}`], {
      cwd: copy,
      stdio: 'ignore',
    });
    return JSON.parse(readFileSync(report, 'utf8')).numFailedTests;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
