import { progress } from '../machine/progress.mjs';
import { Problem } from '../problem.mjs';
import { connect } from './connection.mjs';

/**
 * Asks every question once a round, in an order that is drawn afresh for each.
 * @param {Map<string, Buffer>} questions
 * @returns {Promise<Map<string, Float64Array>>} by question, a time in microseconds for each round
 */
export async function measure(server, title, questions, rounds) {
  const connection = await connect(server);
  const names = [...questions.keys()];
  const samples = new Map(names.map((name) => [name, new Float64Array(rounds)]));
  let answer;
  // The first fifth is for the compiler.
  const warmUp = Math.ceil(rounds / 5);
  for (let round = -warmUp; round < rounds; round++) {
    if (round % 1000 === 0) progress(`${title}: round ${Math.max(round, 0)} of ${rounds} …`);
    for (const name of shuffled(names)) {
      const { said, time } = await connection.ask(questions.get(name));
      answer = sameAs(answer, said, name);
      if (round >= 0) samples.get(name)[round] = time;
    }
  }
  connection.end();
  return samples;
}

/** Answers that are not alike need no clock. */
function sameAs(first, answer, name) {
  const [head, body] = answer.split('\r\n\r\n');
  const comparable = `${head.split('\r\n')[0]} ${body}`;
  if (first !== undefined && comparable !== first) {
    throw new Problem(`“${name}” is answered with ${comparable}, and others with ${first}.`);
  }
  return comparable;
}

function shuffled(items) {
  const all = [...items];
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [all[at], all[other]] = [all[other], all[at]];
  }
  return all;
}
