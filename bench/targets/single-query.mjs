// One query after the other, and nothing else.
import { tokenText } from '../fixtures.mjs';
import { loop } from './loop.mjs';
import { tokenQuery } from './token-query.mjs';

const { DATABASE_URL, TOKENS } = process.env;

const { find, end } = await tokenQuery(DATABASE_URL);
await loop(() => find(tokenText(Math.floor(Math.random() * Number(TOKENS)))));
await end();
