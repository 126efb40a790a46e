import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { BasicStrategy } from 'passport-http';
import type { Client } from '../model/client.js';
import { CallerAuthentication } from './caller-authentication.js';
import { exchangeOf } from './exchange.js';
import type { Exchange } from './exchange.js';
import type { HttpRequest } from './raw-request.js';

/** A header that passport-http can only read in one way. */
const WELL_FORMED = `Basic ${Buffer.from('client:secret').toString('base64')}`;

interface StrictlyParsed {
  readonly headers: { readonly authorization: string };
  readonly exchange: Exchange;
}

/**
 * passport-http's Basic strategy behind a strict reading of the header. On its own it splits the
 * credentials at every colon, takes `XBasicX` for Basic, never form-decodes and accepts broken
 * base64; so it is handed a well-formed header, and the exchange with the credentials that we parsed.
 */
@Injectable()
export class ClientBasicStrategy extends PassportStrategy(BasicStrategy) {
  constructor(private readonly callers: CallerAuthentication) {
    super({ passReqToCallback: true });
  }

  override authenticate(request: HttpRequest): void {
    const exchange = exchangeOf(request);
    if (!exchange.credentials) return (this as unknown as { fail(status: number): void }).fail(401);
    const parsed: StrictlyParsed = { headers: { authorization: WELL_FORMED }, exchange };
    super.authenticate(parsed as never);
  }

  /** Passport's verify callback. @throws TooManyRequestsError where too many attempts have failed */
  async validate({ exchange }: StrictlyParsed): Promise<Client | false> {
    return (await this.callers.clientOf(exchange)) ?? false;
  }

  /** Keeps the host's own strategy named "basic" from being replaced by ours. */
  getPassportInstance(): passport.Authenticator {
    return new passport.Passport();
  }
}
