import type { Server } from 'node:https';
import type { Logger } from 'pino';
import type { Environment } from '../environment/environment.js';
import { oneLine } from '../failure.js';
import { readCertificate } from './tls.js';
import type { Certificate } from './tls.js';

/** How often the files are looked at, in milliseconds. */
const CERTIFICATE_CHECK_INTERVAL_MS = 5000;

/**
 * Serves new connections with the certificate that was put in the place of the one in use: they
 * last for months, then weeks, and a restart for each is one too many. One that cannot be used is
 * logged, and the one before stays.
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
      // Said once: the files are written one after the other, and may not fit for a moment.
      if (fault !== oneLine(error)) logger.warn((fault = oneLine(error)));
    }
  };
  const timer = setInterval(() => void check(), CERTIFICATE_CHECK_INTERVAL_MS);
  server.once('close', () => clearInterval(timer));
}
