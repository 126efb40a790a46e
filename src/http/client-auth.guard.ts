import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import {
  InvalidClientError,
  InvalidRequestError,
  UnauthorizedClientError,
} from '../model/oauth-error.js';
import { refusalTime } from './arrival.js';
import type { FormParameters } from './form-parameters.js';
import { rawRequest } from './raw-request.js';
import type { HttpRequest } from './raw-request.js';
import { formOf } from './request-body.js';
import { IntrospectionService } from '../decision/introspection.service.js';
import { startAhead } from './request-ahead.js';
import { IntrospectionSettings } from '../config/settings.js';
import { setCaller } from './caller.js';
import { ClientBasicStrategy } from './client-basic.strategy.js';
import type { Client } from '../model/client.js';
import { runStrategy } from './run-strategy.js';

/** Lets a request pass whose client is authenticated, by HTTP Basic alone, and may introspect. */
@Injectable()
export class ClientAuthGuard implements CanActivate {
  constructor(
    private readonly strategy: ClientBasicStrategy,
    private readonly settings: IntrospectionSettings,
    private readonly introspection: IntrospectionService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.admit(context.switchToHttp().getRequest<HttpRequest>());
    return true;
  }

  /** Keeps the client on the request as its caller. @throws OAuthError when it must not pass. */
  async admit(request: HttpRequest): Promise<void> {
    if (rawRequest(request).headers.authorization) startAhead(request, this.introspection);
    const client = await runStrategy<Client>(this.strategy, request);
    if (!client) {
      await refusalTime(request);
      throw new InvalidClientError(this.settings.realm);
    }
    setCaller(request, client);
    if (!client.mayIntrospect) throw new UnauthorizedClientError();
    const form = await formOf(rawRequest(request), this.settings.bodyLimit);
    refuseSecondMethod(form, client);
  }
}

/** RFC 6749 §2.3: a client uses one method of authentication in each request. */
function refuseSecondMethod(form: FormParameters, client: Client): void {
  const clientId = form.single('client_id');
  if (form.single('client_secret') || form.single('client_assertion')) {
    throw new InvalidRequestError('The client authenticates twice: in the header and in the body.');
  }
  if (clientId !== undefined && clientId !== client.clientId) {
    throw new InvalidRequestError('The client_id in the body is not the authenticated client.');
  }
}
