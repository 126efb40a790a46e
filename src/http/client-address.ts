import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import proxyAddr from 'proxy-addr';
import { IntrospectionSettings } from '../config/settings.js';
import { addressOf, networkOf } from './network-address.js';

/**
 * Has Node find out the addresses of connections when they begin: when one was reset, nobody can tell any
 * more where it came from, and it would be counted for everybody who did the same.
 */
export function rememberAddresses(server: Server): void {
  const remember = (socket: Socket) => void socket.remoteAddress;
  server.on('connection', remember);
  server.on('secureConnection', remember);
}

/** Tells where a request comes from. */
@Injectable()
export class ClientAddress {
  readonly #isTrusted: IntrospectionSettings['isTrustedProxy'];

  constructor({ isTrustedProxy }: IntrospectionSettings) {
    this.#isTrusted = isTrustedProxy;
  }

  /**
   * The socket's address, or, where that is a trusted proxy's, the last one in `X-Forwarded-For`
   * that is not. A sender that is not trusted can write anything into that header. An entry that names no
   * address stands for nobody: what is behind it counts for the proxy that has added it.
   *
   * @returns an IPv4 address, or an IPv6 network of 64 bits: a host has a whole one to itself, and
   *   could take a new address for each attempt
   */
  of(request: IncomingMessage): string {
    let nearest = addressOf(request.socket.remoteAddress ?? '');
    if (this.#isTrusted && nearest !== undefined) {
      const [, ...forwarded] = proxyAddr.all(request);
      for (const [hop, entry] of forwarded.entries()) {
        if (!this.#isTrusted(nearest, hop)) break;
        const next = addressOf(entry);
        if (next === undefined) break;
        nearest = next;
      }
    }
    return nearest === undefined ? 'unknown' : networkOf(nearest);
  }
}
