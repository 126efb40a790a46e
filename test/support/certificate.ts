import { generate } from 'selfsigned';
import type { Certificate } from '../../app/server/tls.js';

export interface Pem {
  cert: string;
  private: string;
}

/** The same as the server has it. */
export async function certificateForTest(): Promise<Certificate> {
  const pem = await selfSigned();
  return { cert: Buffer.from(pem.cert), key: Buffer.from(pem.private) };
}

/** A certificate of its own for this machine. */
export function selfSigned(): Promise<Pem> {
  const names = [
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
  ];
  return generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: names }],
  });
}
