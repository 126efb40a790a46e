import type { Logger } from 'pino';
import { openDatabase, requireUtf8 } from '../environment/database.js';
import type { Database } from '../environment/database.js';
import type { Environment } from '../environment/environment.js';
import { migrate, pendingMigrations } from '../environment/migrations.js';
import { readKeySet } from '../environment/key-file.js';
import { forgetIssuer, noteIssuer } from '../environment/served-issuer.js';
import { ownKeys } from '../environment/signing-key.js';
import { startApplication } from './application.js';
import type { Application } from './application.js';
import type { MetricsEndpoint } from './metrics-endpoint.js';
import { demoText, prepareDemo, prepareDemoKeys } from './demo.js';
import { transportSecurity } from './tls.js';
import { startWorkers } from './workers.js';
import type { Workers } from './workers.js';

export interface Server {
  /** Answers the requests in flight, then closes the database. */
  stop(): Promise<void>;
}

/**
 * Starts the parts of the server, each after the parts that it needs.
 * @param demo whether to migrate the database and, on the embedded Postgres, to create demo data and
 *   print how to use it
 * @throws Failure
 */
export async function startServer(
  environment: Environment,
  logger: Logger,
  { demo }: { demo: boolean },
): Promise<Server> {
  // At every LOG_LEVEL: a variable that is misspelt may be LOG_LEVEL.
  const notices = logger.child({}, { level: 'warn' });
  for (const warning of environment.warnings) notices.warn(warning);
  // First, so that wrong TLS settings stop the start before anything is changed; once for all workers.
  await transportSecurity(environment);
  const withDemoData = demo && environment.databaseUrl === undefined;
  if (withDemoData) await prepareDemoKeys(environment);
  const trusted = environment.trustedIssuers.map(({ jwks }) => jwks);
  for (const keys of [environment.jwks, ...trusted]) {
    if (keys && 'file' in keys) await readKeySet(keys.file);
  }
  const database = await openDatabase(environment);
  try {
    await prepareSchema(database, logger, demo);
    const demoData = withDemoData ? await prepareDemo(environment, database.dataSource) : undefined;
    const application = await serve(environment, database, logger);
    const metrics = await measure(environment, application, logger);
    const pids = 'pids' in application ? { worker_pids: application.pids } : {};
    // At every LOG_LEVEL: this line tells the operator, or a script, that the server answers.
    logger.child({}, { level: 'info' }).info(pids, `Listening on ${application.origin}`);
    if (demoData) {
      await noteIssuer(environment);
      const endpoint = application.origin + environment.introspectionPath;
      process.stdout.write(demoText(endpoint, demoData, environment.docs));
    }
    return {
      stop: async () => {
        await application.close();
        await metrics?.close();
        if (demoData) await forgetIssuer(environment);
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Serves in this process, or in workers; this process has prepared the schema, the keys and the demo data. */
function serve(
  environment: Environment,
  database: Database,
  logger: Logger,
): Promise<Application | Workers> {
  if (environment.workers === 1) return startApplication(environment, database.dataSource, logger);
  const jwks = ownKeys(environment);
  return startWorkers({ ...environment, databaseUrl: database.url, jwks }, logger);
}

/** Serves the metrics, where the environment asks for that. */
async function measure(
  { metrics }: Environment,
  application: Application | Workers,
  logger: Logger,
): Promise<MetricsEndpoint | undefined> {
  if (!metrics) return undefined;
  const { serveMetrics } = await import('./metrics-endpoint.js');
  const read = async () =>
    'pids' in application ? application.measures() : application.measures!.registry.metrics();
  try {
    const endpoint = await serveMetrics(metrics, read, logger);
    logger.info(`Metrics on ${endpoint.url}`);
    return endpoint;
  } catch (error) {
    await application.close();
    throw error;
  }
}

async function prepareSchema({ dataSource }: Database, logger: Logger, apply: boolean) {
  await requireUtf8(dataSource);
  if (apply) {
    const applied = await migrate(dataSource);
    if (applied.length > 0) logger.info({ applied }, 'Migrated the database');
    return;
  }
  const pending = await pendingMigrations(dataSource);
  if (pending.length > 0) {
    logger.warn({ pending }, 'Migrations are pending: run the command "migrate"');
  }
}
