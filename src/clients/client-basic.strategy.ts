import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { BasicStrategy } from 'passport-http';
import { headerValues, rawRequest } from '../http/raw-request.js';
import type { HttpRequest } from '../http/raw-request.js';
import { parseBasicCredentials } from './basic-credentials.js';
import type { BasicCredentials } from './basic-credentials.js';
import { ClientAuthenticator } from './client-authenticator.js';
import type { Client } from './client.js';

/** A header that passport-http can only read in one way. */
const WELL_FORMED = `Basic ${Buffer.from('client:secret').toString('base64')}`;

interface StrictlyParsed {
  readonly headers: { readonly authorization: string };
  readonly credentials: BasicCredentials;
}

/**
 * passport-http's Basic strategy behind a strict reading of the header. On its own it splits the
 * credentials at every colon, takes `XBasicX` for Basic, never form-decodes and accepts broken
 * base64; so it is handed a well-formed header and the credentials that we parsed.
 */
@Injectable()
export class ClientBasicStrategy extends PassportStrategy(BasicStrategy) {
  constructor(private readonly authenticator: ClientAuthenticator) {
    super({ passReqToCallback: true });
  }

  override authenticate(request: HttpRequest): void {
    const headers = headerValues(rawRequest(request), 'authorization');
    const credentials = headers.length === 1 ? parseBasicCredentials(headers[0]!) : undefined;
    if (!credentials) return (this as unknown as { fail(status: number): void }).fail(401);
    const parsed: StrictlyParsed = { headers: { authorization: WELL_FORMED }, credentials };
    super.authenticate(parsed as never);
  }

  /** Passport's verify callback. */
  async validate(parsed: StrictlyParsed): Promise<Client | false> {
    return (await this.authenticator.authenticate(parsed.credentials)) ?? false;
  }

  /** Keeps the host's own strategy named "basic" from being replaced by ours. */
  getPassportInstance() {
    return new passport.Passport();
  }
}
