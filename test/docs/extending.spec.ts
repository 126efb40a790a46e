import type { DynamicModule, Type } from '@nestjs/common';
import type { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InvalidClientError } from '../../src/index.js';
import type { DecisionEvent, IntrospectionStrategy } from '../../src/index.js';
import { AUDIENCE, expectActive, expectInactive, inAnHour, startWorld } from '../support/world.js';
import { sample } from './sample.js';

describe('What docs/extending.md shows', () => {
  it('introspects another kind of token', async () => {
    const { Federation, SamlStrategy } = await sample<{
      Federation: Type;
      SamlStrategy: Type<IntrospectionStrategy>;
    }>('extending/saml-strategy');
    const verify = async (token: string) =>
      token.startsWith('<Assertion')
        ? {
            subject: 'alice',
            audiences: [AUDIENCE],
            notOnOrAfter: inAnHour(),
            withdrawn: token.includes('withdrawn'),
          }
        : undefined;
    const world = await startWorld('express', {
      module: { providers: [SamlStrategy, { provide: Federation, useValue: { verify } }] },
    });
    expect(expectActive(await world.introspect('<Assertion/>'))['sub']).toBe('alice');
    expectInactive(await world.introspect('<Assertion withdrawn/>'));
    expectInactive(await world.introspect('something else'));
    await world.stop();
  });

  it('tells several observers of each decision', async () => {
    const { decisions, introspection } = await sample<{
      decisions: Subject<DecisionEvent>;
      introspection: DynamicModule;
    }>('extending/observers');
    // What the host binds is the last of the module's providers.
    const world = await startWorld('express', {
      introspection: { providers: introspection.providers!.slice(-1) },
    });
    const heard: boolean[] = [];
    decisions.subscribe(({ active }) => heard.push(active));
    expectActive(await world.introspect(await world.issue()));
    expectInactive(await world.introspect('unknown'));
    await world.stop();
    expect(heard).toEqual([true, false]);
  });

  it('introspects in process, as a client', async () => {
    const { Gateway } = await sample<{
      Gateway: Type<{ isActive(token: string, clientId: string): Promise<boolean> }>;
    }>('extending/in-process');
    const world = await startWorld('express', {
      module: {
        providers: [Gateway],
      },
    });
    const gateway = world.app.get(Gateway);
    const token = await world.issue();
    expect(await gateway.isActive(token, 'rs')).toBe(true);
    expect(await gateway.isActive(token, 'outsider')).toBe(false);
    await world.clients.setEnabled('rs', false);
    await expect(gateway.isActive(token, 'rs')).rejects.toThrow(InvalidClientError);
    await world.close();
  });
});
