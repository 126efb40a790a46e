import { Injectable } from '@nestjs/common';
import type { IntrospectionResponse } from '../decision/introspection-response.js';
import type { Client } from '../model/client.js';
import { isLater } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import { CallerAuthentication } from './caller-authentication.js';
import { EndpointSteps } from './endpoint-steps.js';
import type { Exchange } from './exchange.js';
import type { HttpResponse } from './send.js';
import { requestFrom } from './token-introspection-request.pipe.js';

/**
 * The endpoint's steps straight one after the other, for a request whose body was read. Nest's own way
 * from step to step serves a host's enhancers; this one is for hosts that have none.
 *
 * When the rows are there, everything is done at once, together with all others whose rows came with
 * them. What is known only later (a chosen secret not seen before, keys to fetch, a host's own port)
 * goes on by itself for that one request.
 */
@Injectable()
export class StraightWay {
  constructor(
    private readonly steps: EndpointSteps,
    private readonly callers: CallerAuthentication,
  ) {}

  /** Answers through `response`, and never throws. */
  go(exchange: Exchange, response: HttpResponse): void {
    exchange.response = response;
    exchange.onRows = this.authenticate;
    exchange.onFailure = this.refuse;
    try {
      this.steps.plan(exchange);
      this.steps.read(exchange);
    } catch (failure) {
      this.refuse(exchange, failure);
    }
  }

  private readonly authenticate = (exchange: Exchange): void =>
    this.next(exchange, this.callers.authenticate(exchange), this.introspect);

  private readonly introspect = (exchange: Exchange, client: Client): void => {
    const form = this.steps.admit(exchange, client);
    this.next(exchange, this.steps.introspect(exchange, requestFrom(form)), this.answer);
  };

  private readonly answer = (exchange: Exchange, answer: IntrospectionResponse): void =>
    this.steps.answer(exchange, exchange.response!, answer);

  private readonly refuse = (exchange: Exchange, failure: unknown): void =>
    this.steps.refuse(exchange, exchange.response!, failure);

  /** The next step, now where that can be. What a step throws now is caught by who gave it its rows. */
  private next<T>(
    exchange: Exchange,
    soon: Soon<T>,
    step: (exchange: Exchange, known: T) => void,
  ): void {
    if (!isLater(soon)) return step(exchange, soon);
    soon
      .then((known) => step(exchange, known))
      .then(undefined, (failure: unknown) => this.refuse(exchange, failure));
  }
}
