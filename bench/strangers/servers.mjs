import { Problem } from '../problem.mjs';
import { OTHER, otherServer, ours } from '../targets/checkouts.mjs';
import { connect } from './connection.mjs';
import { CHOSEN_CALLER } from './kinds.mjs';

/** What is measured side by side: this checkout's server, and that of the checkout --against names. */
export function checkouts({ options: { against } }) {
  const all = [{ start: ours, suffix: '' }];
  if (against) all.push({ start: otherServer, suffix: `, ${OTHER}` });
  return all;
}

/** Has the caller whose secret somebody chose let in, so that the server knows that it is right. */
export async function introduceChosen(server) {
  let status;
  const connection = await connect(server, '127.0.0.1', (said) => (status = said));
  await connection.ask(CHOSEN_CALLER, 1);
  connection.end();
  if (status !== 200) throw new Problem(`${server.name} answers a chosen secret with ${status}.`);
}
