import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import proxyAddr from 'proxy-addr';
import { IntrospectionSettings } from '../config/settings.js';

/** Tells where a request comes from. */
@Injectable()
export class ClientAddress {
  readonly #isTrusted: IntrospectionSettings['isTrustedProxy'];

  constructor({ isTrustedProxy }: IntrospectionSettings) {
    this.#isTrusted = isTrustedProxy;
  }

  /**
   * The socket's address, or, where that is a trusted proxy's, the last one in `X-Forwarded-For`
   * that is not. A sender that is not trusted can write anything into that header.
   *
   * @returns an IPv4 address, or an IPv6 network of 64 bits: a host has a whole one to itself, and
   *   could take a new address for each attempt
   */
  of(request: IncomingMessage): string {
    const nearest = request.socket.remoteAddress;
    const sender = this.#isTrusted ? proxyAddr(request, this.#isTrusted) : nearest;
    return networkOf(sender) ?? networkOf(nearest) ?? 'unknown';
  }
}

function networkOf(address: string | undefined): string | undefined {
  if (address === undefined || !ipaddr.isValid(address)) return undefined;
  // A socket that takes both families shows IPv4 addresses as ::ffff:a.b.c.d.
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
