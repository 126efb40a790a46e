import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../app/environment/environment.js';
import { expectFailure, runServer } from '../support/programs.js';

const DATABASE_URL = 'postgres://user:password@database.example/introspection';

describe('the environment', () => {
  it('has a default for every variable', () => {
    expect(readEnvironment({})).toEqual({
      databaseUrl: undefined,
      poolSize: 10,
      readTimeout: 2000,
      workers: 1,
      dataDir: resolve('.data'),
      host: '127.0.0.1',
      port: 3000,
      tls: undefined,
      allowPlainHttp: false,
      publishedAddress: undefined,
      metrics: undefined,
      issuer: 'http://localhost:3000',
      jwks: undefined,
      limits: 'memory',
      trustedProxies: [],
      logLevel: 'info',
    });
  });

  it.each([
    [{ PORT: '8080' }, { port: 8080, issuer: 'http://localhost:8080' }],
    [{ PORT: '0' }, { port: 0 }],
    [{ PORT: ' 8080 ' }, { port: 8080 }],
    [{ PORT: '' }, { port: 3000 }],
    [{ HOST: '0.0.0.0' }, { host: '0.0.0.0' }],
    [{ HOST: '::1' }, { host: '::1' }],
    [
      { TLS_CERT_FILE: '/cert.pem', TLS_KEY_FILE: '/key.pem' },
      { tls: { certFile: '/cert.pem', keyFile: '/key.pem' } },
    ],
    [{ ALLOW_PLAIN_HTTP: 'true' }, { allowPlainHttp: true }],
    [{ ALLOW_PLAIN_HTTP: 'false' }, { allowPlainHttp: false }],
    [{ PUBLISHED_ADDRESS: '[::1]:3000' }, { publishedAddress: '[::1]:3000' }],
    [{ METRICS_PORT: '9464' }, { metrics: { host: '127.0.0.1', port: 9464 } }],
    [{ METRICS_PORT: '0', METRICS_HOST: '0.0.0.0' }, { metrics: { host: '0.0.0.0', port: 0 } }],
    [{ METRICS_HOST: '0.0.0.0' }, { metrics: undefined }],
    [{ DATABASE_URL }, { databaseUrl: DATABASE_URL }],
    [{ DATABASE_URL: 'postgresql://h/d?sslmode=require' }, {}],
    [{ DATABASE_URL, NODE_ENV: 'production' }, { databaseUrl: DATABASE_URL }],
    [{ DATABASE_POOL_SIZE: '3' }, { poolSize: 3 }],
    [{ READ_TIMEOUT: '500' }, { readTimeout: 500 }],
    [{ WORKERS: '64' }, { workers: 64 }],
    [{ WORKERS: 'auto' }, { workers: Math.min(availableParallelism(), 64) }],
    [{ DATA_DIR: '/data' }, { dataDir: '/data' }],
    [{ ISSUER: 'https://sts.example.com/a' }, { issuer: 'https://sts.example.com/a' }],
    [{ JWKS_FILE: '/keys.json' }, { jwks: { file: '/keys.json' } }],
    [{ JWKS_URI: 'https://a.example/jwks' }, { jwks: { url: 'https://a.example/jwks' } }],
    [{ LIMITS: 'postgres' }, { limits: 'postgres' }],
    [{ LIMITS: 'off' }, { limits: 'off' }],
    [
      { TRUSTED_PROXIES: '10.0.0.0/8, fd00::/8,192.0.2.1' },
      { trustedProxies: ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'] },
    ],
    [{ LOG_LEVEL: 'silent' }, { logLevel: 'silent' }],
  ])('takes %j', (variables, expected) => {
    expect(readEnvironment(variables)).toMatchObject(expected);
  });

  it.each([
    [{ PORT: 'http' }, 'PORT must be a whole number from 0 to 65535'],
    [{ PORT: '65536' }, 'PORT must be'],
    [{ PORT: '-1' }, 'PORT must be'],
    [{ PORT: '80.5' }, 'PORT must be'],
    [{ PORT: '1e3' }, 'PORT must be'],
    [{ HOST: 'a b' }, 'HOST must be an IP address or a host name'],
    [{ HOST: 'http://localhost' }, 'HOST must be'],
    [{ TLS_CERT_FILE: 'a' }, 'TLS_CERT_FILE and TLS_KEY_FILE must be set together'],
    [{ TLS_KEY_FILE: 'a' }, 'TLS_CERT_FILE and TLS_KEY_FILE must be set together'],
    [{ ALLOW_PLAIN_HTTP: 'yes' }, 'ALLOW_PLAIN_HTTP must be true or false'],
    [{ PUBLISHED_ADDRESS: 'a b' }, 'PUBLISHED_ADDRESS must be an address and a port'],
    [{ METRICS_PORT: 'many' }, 'METRICS_PORT must be a whole number from 0 to 65535'],
    [{ METRICS_HOST: 'a b' }, 'METRICS_HOST must be an IP address or a host name'],
    [{ DATABASE_URL: 'localhost:5432' }, 'DATABASE_URL must be a postgres:// URL'],
    [{ DATABASE_URL: 'mysql://localhost/x' }, 'DATABASE_URL must be'],
    [{ NODE_ENV: 'production' }, 'DATABASE_URL must be set when NODE_ENV is production'],
    [{ DATABASE_POOL_SIZE: '0' }, 'DATABASE_POOL_SIZE must be a whole number from 1 to 1000'],
    [{ READ_TIMEOUT: '0' }, 'READ_TIMEOUT must be a whole number of milliseconds from 1 to 10000'],
    [{ READ_TIMEOUT: '10001' }, 'READ_TIMEOUT must be'],
    [{ READ_TIMEOUT: '2s' }, 'READ_TIMEOUT must be'],
    [{ WORKERS: '0' }, 'WORKERS must be a whole number from 1 to 64, or auto'],
    [{ WORKERS: '65' }, 'WORKERS must be'],
    [{ WORKERS: '-1' }, 'WORKERS must be'],
    [{ WORKERS: '1.5' }, 'WORKERS must be'],
    [{ WORKERS: 'many' }, 'WORKERS must be'],
    [{ WORKERS: 'auto 2' }, 'WORKERS must be'],
    [{ ISSUER: 'sts' }, 'ISSUER must be an http:// or https:// URL'],
    [{ ISSUER: 'https://sts.example.com?a' }, 'ISSUER must be'],
    [{ ISSUER: 'https://sts.example.com/#a' }, 'ISSUER must be'],
    [{ JWKS_URI: 'file:///keys' }, 'JWKS_URI must be an http:// or https:// URL'],
    [
      { JWKS_FILE: 'a', JWKS_URI: 'https://a.example' },
      'JWKS_FILE and JWKS_URI must not be set together',
    ],
    [{ LIMITS: 'on' }, 'LIMITS must be one of memory, postgres, off'],
    [{ TRUSTED_PROXIES: '10.0.0.0/33' }, 'TRUSTED_PROXIES must be addresses or CIDR blocks'],
    [{ TRUSTED_PROXIES: 'proxy.example' }, 'TRUSTED_PROXIES must be'],
    [{ TRUSTED_PROXIES: '10.0.0.1,,10.0.0.2' }, 'TRUSTED_PROXIES must be'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal'],
  ])('refuses %j', (variables, message) => {
    expect(() => readEnvironment(variables)).toThrow(message);
  });

  it('is refused in one line that names every variable that is wrong, and repeats no value', async () => {
    const outcome = await runServer([], {
      DATABASE_URL: 'mysql://user:pa55word@localhost/x',
      HOST: 'a b',
      PORT: 'eighty',
      ISSUER: 'sts',
      JWKS_FILE: 'x',
      JWKS_URI: 'y',
      DATABASE_POOL_SIZE: 'many',
      LOG_LEVEL: 'loud',
    });
    expectFailure(
      outcome,
      /^Environment: .*DATABASE_URL.*PORT.*JWKS_URI.*DATABASE_POOL_SIZE.*HOST.*ISSUER.*LOG_LEVEL.*JWKS_FILE and JWKS_URI/,
    );
    expect(outcome.stderr).not.toMatch(/pa55word|eighty|loud/);
  });
});
