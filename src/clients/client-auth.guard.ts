import { Injectable } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  InvalidClientError,
  InvalidRequestError,
  UnauthorizedClientError,
} from '../errors/oauth-error.js';
import type { FormParameters } from '../http/form-parameters.js';
import { rawRequest } from '../http/raw-request.js';
import type { HttpRequest } from '../http/raw-request.js';
import { formOf } from '../http/request-body.js';
import { IntrospectionSettings } from '../introspection/settings.js';
import { setCaller } from './caller.js';
import { ClientBasicStrategy } from './client-basic.strategy.js';
import type { Client } from './client.js';

/** Lets a request pass whose client is authenticated, by HTTP Basic alone, and may introspect. */
@Injectable()
export class ClientAuthGuard extends AuthGuard() {
  constructor(
    strategy: ClientBasicStrategy,
    private readonly settings: IntrospectionSettings,
  ) {
    super({ defaultStrategy: strategy.passportName, session: false });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    const request = context.switchToHttp().getRequest<HttpRequest & { user: Client }>();
    const client = request.user;
    setCaller(request, client);
    if (!client.mayIntrospect) throw new UnauthorizedClientError();
    const form = await formOf(rawRequest(request), this.settings.bodyLimit);
    refuseSecondMethod(form, client);
    return true;
  }

  override handleRequest<TUser = Client>(failure: unknown, client: TUser | false): TUser {
    if (failure) throw failure;
    if (!client) throw new InvalidClientError(this.settings.realm);
    return client;
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
