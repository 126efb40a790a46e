import { Injectable } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  InvalidClientError,
  InvalidRequestError,
  UnauthorizedClientError,
} from '../errors/oauth-error.js';
import { rawRequest } from '../http/raw-request.js';
import type { HttpRequest } from '../http/raw-request.js';
import { formOf } from '../http/request-body.js';
import { IntrospectionSettings } from '../introspection/settings.js';
import { ClientBasicStrategy } from './client-basic.strategy.js';
import type { Client } from './client.js';

type AuthenticatedRequest = HttpRequest & { user: Client };

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
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (!request.user.mayIntrospect) throw new UnauthorizedClientError();
    await this.refuseSecondMethod(request);
    return true;
  }

  override handleRequest<TUser = Client>(failure: unknown, client: TUser | false): TUser {
    if (failure) throw failure;
    if (!client) throw new InvalidClientError(this.settings.realm);
    return client;
  }

  /** RFC 6749 §2.3: a client uses one method of authentication in each request. */
  private async refuseSecondMethod(request: AuthenticatedRequest): Promise<void> {
    const form = await formOf(rawRequest(request), this.settings.bodyLimit);
    const clientId = form.single('client_id');
    if (form.single('client_secret') || form.single('client_assertion')) {
      throw new InvalidRequestError(
        'The client authenticates twice: in the header and in the body.',
      );
    }
    if (clientId !== undefined && clientId !== request.user.clientId) {
      throw new InvalidRequestError('The client_id in the body is not the authenticated client.');
    }
  }
}
