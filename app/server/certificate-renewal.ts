import type { Server } from 'node:https';
import type { Logger } from 'pino';
import type { Environment } from '../environment/environment.js';
import { oneLine } from '../failure.js';
import { readCertificate } from './tls.js';
import type { Certificate } from './tls.js';

/** How often the files are read, in milliseconds. */
const CERTIFICATE_CHECK_INTERVAL_MS = 5000;

/**
 * Serves new connections with a new certificate when the operator has replaced the files: certificates
 * last for months or weeks, and the server need not restart for each. A certificate that cannot be used
 * is logged, and the server keeps the one before.
 */
export function renewCertificate(
  server: Server,
  files: NonNullable<Environment['tls']>,
  used: Certificate,
  logger: Logger,
): void {
  let fault: string | undefined;
  const check = async () => {
    try {
      const found = await readCertificate(files);
      fault = undefined;
      if (found.cert.equals(used.cert) && found.key.equals(used.key)) return;
      server.setSecureContext(found);
      used = found;
      logger.info('The certificate was renewed');
    } catch (error) {
      // Each fault is logged once: the operator replaces one file first, and the two do not match for a moment.
      if (fault !== oneLine(error)) logger.warn((fault = oneLine(error)));
    }
  };
  const timer = setInterval(() => void check(), CERTIFICATE_CHECK_INTERVAL_MS);
  server.once('close', () => clearInterval(timer));
}
