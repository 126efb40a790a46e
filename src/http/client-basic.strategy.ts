import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { BasicStrategy } from 'passport-http';
import { TooManyRequestsError } from '../model/oauth-error.js';
import { headerValues, rawRequest } from './raw-request.js';
import type { HttpRequest } from './raw-request.js';
import { GuessingLimit } from '../limits/guessing-limit.js';
import { parseBasicCredentials } from '../clients/basic-credentials.js';
import type { BasicCredentials } from '../clients/basic-credentials.js';
import { ClientAuthenticator } from '../clients/client-authenticator.js';
import type { Client } from '../model/client.js';

/** A header that passport-http can only read in one way. */
const WELL_FORMED = `Basic ${Buffer.from('client:secret').toString('base64')}`;

interface StrictlyParsed {
  readonly headers: { readonly authorization: string };
  readonly credentials: BasicCredentials;
  readonly request: IncomingMessage;
}

/**
 * passport-http's Basic strategy behind a strict reading of the header. On its own it splits the
 * credentials at every colon, takes `XBasicX` for Basic, never form-decodes and accepts broken
 * base64; so it is handed a well-formed header and the credentials that we parsed.
 */
@Injectable()
export class ClientBasicStrategy extends PassportStrategy(BasicStrategy) {
  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly guessing: GuessingLimit,
  ) {
    super({ passReqToCallback: true });
  }

  override authenticate(httpRequest: HttpRequest): void {
    const request = rawRequest(httpRequest);
    const headers = headerValues(request, 'authorization');
    const credentials = headers.length === 1 ? parseBasicCredentials(headers[0]!) : undefined;
    if (!credentials) return (this as unknown as { fail(status: number): void }).fail(401);
    const parsed: StrictlyParsed = {
      headers: { authorization: WELL_FORMED },
      credentials,
      request,
    };
    super.authenticate(parsed as never);
  }

  /** Passport's verify callback. @throws TooManyRequestsError where too many attempts have failed */
  async validate({ request, credentials }: StrictlyParsed): Promise<Client | false> {
    const block = this.guessing.blockOn(request, credentials);
    const client = await this.authenticator.authenticate(credentials, block?.comparison);
    if (client) return client;
    if (block) throw new TooManyRequestsError(block.seconds);
    await this.guessing.failed(request, credentials);
    return false;
  }

  /** Keeps the host's own strategy named "basic" from being replaced by ours. */
  getPassportInstance() {
    return new passport.Passport();
  }
}
