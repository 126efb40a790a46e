// Asks about active tokens, PER_SECOND times on average, at random times, until it is ended.
import { tokenText } from '../fixtures.mjs';
import { ask } from '../load/ask.mjs';

const { URL: url, PER_SECOND, TOKENS } = process.env;

function next() {
  // Of the tokens' first few, some are inactive.
  const number = 10 + Math.floor(Math.random() * (Number(TOKENS) - 10));
  void ask({ url }, tokenText(number), 'access_token');
  setTimeout(next, (-Math.log(1 - Math.random()) / Number(PER_SECOND)) * 1000);
}
next();
