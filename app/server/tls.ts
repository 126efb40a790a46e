import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Environment } from '../environment/environment.js';
import { Failure, detailOf } from '../failure.js';

/** A certificate with its chain, and its private key, in PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * The certificate for HTTPS; `undefined` for plain HTTP. Unless the operator allows it, plain HTTP is
 * refused on an address that other machines can reach, because every machine on the way could read
 * secrets and tokens (RFC 7662 §2).
 *
 * @throws Failure when the files cannot be used, or when plain HTTP is not allowed.
 */
export async function transportSecurity(environment: Environment) {
  const { tls, host, publishedAddress, allowPlainHttp } = environment;
  if (tls) return readCertificate(tls);
  if (allowPlainHttp || isLoopback(host) || isPublishedOnLoopback(publishedAddress))
    return undefined;
  const where =
    publishedAddress === undefined ? `HOST is ${host}` : `PUBLISHED_ADDRESS is ${publishedAddress}`;
  throw new Failure(
    `${where}, where plain HTTP would show secrets and tokens to the network: set TLS_CERT_FILE ` +
      'and TLS_KEY_FILE, or, behind a proxy that speaks HTTPS, ALLOW_PLAIN_HTTP=true.',
  );
}

/** @throws Failure when the files cannot be used. */
export async function readCertificate({
  certFile,
  keyFile,
}: NonNullable<Environment['tls']>): Promise<Certificate> {
  const certificate = {
    cert: await readPem('TLS_CERT_FILE', certFile),
    key: await readPem('TLS_KEY_FILE', keyFile),
  };
  try {
    createSecureContext(certificate);
  } catch (error) {
    throw new Failure(
      `TLS_CERT_FILE (${certFile}) and TLS_KEY_FILE (${keyFile}) cannot be used together ` +
        `(${detailOf(error)}): they must be a PEM certificate and its unencrypted private key.`,
      { cause: error },
    );
  }
  return certificate;
}

async function readPem(variable: string, file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    throw new Failure(`${variable}: the file ${file} cannot be read (${detailOf(error)}).`);
  });
}

/** Whether a container is published where only its machine can reach it. A port alone is one on every address. */
function isPublishedOnLoopback(address = ''): boolean {
  const host = address.slice(0, Math.max(address.lastIndexOf(':'), 0));
  return isLoopback(host.replace(/^\[(.*)\]$/, '$1'));
}

/** Whether only this machine can reach the address. On a private network there are other machines. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
