import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { openPatiently } from './database.js';

/** The URL of a new database without tables. */
export async function emptyDatabase(encoding = 'UTF8'): Promise<string> {
  const server = inject('postgresUrl');
  const name = `empty_${randomBytes(6).toString('hex')}`;
  const admin = await openPatiently({ url: `${server}/postgres`, poolSize: 1 });
  await admin.query(
    `CREATE DATABASE ${name} ENCODING '${encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`,
  );
  await admin.destroy();
  return `${server}/${name}`;
}
