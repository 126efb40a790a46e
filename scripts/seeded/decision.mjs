const DECIDER = 'src/decision/decider.ts';
/** What decides on tokens, and what reads for it. */
export const DECISION_FAULTS = [
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
    from: 'if (stored.record.revoked) return',
    to: 'if (stored.record.revoked && stored.record.jti) return',
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
    from: "verdict !== undefined && !('rejected' in verdict)",
    to: 'verdict !== undefined',
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
];
