import { Injectable, Optional } from '@nestjs/common';
import type { IntrospectionResponse } from '../decision/introspection-response.js';
import { IntrospectionService } from '../decision/introspection.service.js';
import { Observers } from '../events/observers.js';
import type { Client } from '../model/client.js';
import {
  InvalidRequestError,
  OAuthError,
  UnauthorizedClientError,
  oauthErrorOf,
} from '../model/oauth-error.js';
import type { Soon } from '../model/soon.js';
import type { TokenIntrospectionRequest } from '../model/token-introspection-request.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { NO_ROWS } from '../persistence/rows.js';
import { CallerAuthentication } from './caller-authentication.js';
import { ClientAddress } from './client-address.js';
import type { Exchange } from './exchange.js';
import { FormParameters } from './form-parameters.js';
import { send } from './send.js';
import type { HttpResponse } from './send.js';

const INACTIVE_JSON = '{"active":false}';

/**
 * The steps of the endpoint, in their order, with {@link CallerAuthentication} between `read` and
 * `admit`. Each is called once for a request: by the straight way, or by Nest's guard,
 * controller and filter.
 */
@Injectable()
export class EndpointSteps {
  constructor(
    private readonly callers: CallerAuthentication,
    private readonly address: ClientAddress,
    private readonly introspection: IntrospectionService,
    private readonly observers: Observers,
    @Optional() private readonly reader?: BatchedReader,
  ) {}

  /**
   * Finds out what has to be read: the client that the credentials are of, and the token, unless the
   * caller is blocked. What is wrong with the form is said later, to authenticated callers alone.
   */
  plan(exchange: Exchange): void {
    this.callers.plan(exchange);
    if (!exchange.candidates || exchange.block) return;
    const { form } = exchange;
    const token = form instanceof FormParameters ? form.peek('token') : undefined;
    if (token === undefined) return;
    const hint = (form as FormParameters).peek('token_type_hint');
    exchange.lookUp = this.introspection.lookUpIfSupported(token, hint);
  }

  /** Reads it, in one batch with what others ask in the same turn; `onRows` or `onFailure` goes on. */
  read(exchange: Exchange): void {
    if (this.reader) this.reader.read(exchange);
    else exchange.answered(NO_ROWS);
  }

  /** Lets an authenticated client go on. @returns its form @throws OAuthError, for the client or the form */
  admit(exchange: Exchange, client: Client): FormParameters {
    exchange.caller = client;
    if (!client.mayIntrospect) throw new UnauthorizedClientError();
    const { form } = exchange;
    if (form instanceof OAuthError) throw form;
    refuseSecondMethod(form, client);
    return form;
  }

  /** Decides. @throws OAuthError */
  introspect(
    exchange: Exchange,
    request: Readonly<TokenIntrospectionRequest>,
  ): Soon<IntrospectionResponse> {
    const { lookUp, rows, caller } = exchange;
    // It was begun from the same form; a pipe of the host's may have changed the request since.
    return lookUp?.token === request.token && lookUp.hint === request.token_type_hint
      ? this.introspection.answer(lookUp, rows, caller!, exchange)
      : this.introspection.introspect(request, caller!, exchange);
  }

  /** Answers. An inactive answer waits until its time tells nothing. */
  answer(exchange: Exchange, response: HttpResponse, answer: IntrospectionResponse): void {
    if (answer.active) return sendOnce(exchange, response, 200, JSON.stringify(answer));
    exchange.departure.wait(() => sendOnce(exchange, response, 200, INACTIVE_JSON));
  }

  /** Answers with an error; a failure of ours is 503. */
  refuse(exchange: Exchange, response: HttpResponse, failure: unknown): void {
    if (exchange.isAnswered) return;
    const error = oauthErrorOf(failure);
    this.observers.refused({
      error,
      address: this.address.of(exchange.raw),
      fault: exchange.caller ? undefined : exchange.fault?.fault,
      claimedClientId: exchange.caller ? undefined : exchange.fault?.clientId,
      callerId: exchange.caller?.clientId,
      requestId: exchange.requestId,
      durationMs: exchange.durationMs,
    });
    sendOnce(exchange, response, error.status, errorJson(error), error.headers);
  }
}

function sendOnce(
  exchange: Exchange,
  response: HttpResponse,
  status: number,
  json: string,
  headers?: Readonly<Record<string, string>>,
): void {
  exchange.isAnswered = true;
  send(response, exchange.requestId, status, json, headers);
}

/** The JSON body of an error answer (RFC 6749 §5.2). */
function errorJson(error: OAuthError): string {
  return JSON.stringify({ error: error.code, error_description: error.message });
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
