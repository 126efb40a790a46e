import type { IncomingMessage } from 'node:http';
import { parseBasicCredentials } from '../clients/basic-credentials.js';
import type { BasicCredentials } from '../clients/basic-credentials.js';
import { headerValues } from './raw-request.js';

/** What a request's one `Authorization` header says. @returns `undefined` when it cannot be read. */
export function credentialsOf(request: IncomingMessage): BasicCredentials | undefined {
  if (request.headers.authorization === undefined) return undefined;
  const values = headerValues(request, 'authorization');
  return values.length === 1 ? parseBasicCredentials(values[0]!) : undefined;
}
