import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  Injectable,
  Logger,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { IntrospectionResponse } from 'oauth4webapi';
import { AuthorizationServer } from './authorization-server.js';

/** A request whose bearer token is live. */
export interface AuthorizedRequest extends IncomingMessage {
  token: IntrospectionResponse;
}

/** Lets a request pass only with a token that is live at this moment. */
@Injectable()
export class BearerGuard implements CanActivate {
  readonly #logger = new Logger(BearerGuard.name);

  constructor(private readonly authorizationServer: AuthorizationServer) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthorizedRequest>();
    const response = context.switchToHttp().getResponse<ServerResponse>();

    const token = /^bearer +([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
    // RFC 6750 §3.1: a request without a token gets a challenge without an error code.
    if (token === undefined) throw challenge(response, 'Bearer');

    const answer = await this.#introspect(token);
    if (!answer) throw challenge(response, 'Bearer error="invalid_token"');
    request.token = answer;
    return true;
  }

  /** No answer says nothing about the token: that is our failure, not the caller's. */
  async #introspect(token: string): Promise<IntrospectionResponse | undefined> {
    try {
      return await this.authorizationServer.introspect(token);
    } catch (error) {
      this.#logger.error(error);
      throw new ServiceUnavailableException('The token cannot be checked now.');
    }
  }
}

function challenge(response: ServerResponse, value: string): UnauthorizedException {
  response.setHeader('WWW-Authenticate', value);
  return new UnauthorizedException();
}
