import { describe, it } from 'vitest';
import { blocks } from '../../scripts/samples.mjs';
import { expectActive, expectInactive, startWorld } from '../support/world.js';

const sql = new Map((await blocks()).map(({ page, name, code }) => [`${page}/${name}`, code]));

describe('What docs/operating.md shows', () => {
  it('revokes every opaque token of a database that was restored', async () => {
    const world = await startWorld('express');
    const tokens = [await world.issue(), await world.issue({ sub: 'another' })];
    for (const token of tokens) expectActive(await world.introspect(token));
    await world.dataSource.query(sql.get('operating/restored')!);
    for (const token of tokens) expectInactive(await world.introspect(token));
    expectActive(await world.introspect(await world.issue()));
    await world.stop();
  });
});
