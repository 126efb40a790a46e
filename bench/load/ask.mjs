import { Agent, request } from 'node:http';
import { AUTHORIZATION, tokenText } from '../fixtures.mjs';
import { Problem } from '../problem.mjs';

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** One introspection. `bytes` is the length of the whole answer on the wire. */
export function ask({ url }, token, hint) {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/introspect`, {
      agent,
      method: 'POST',
      headers: {
        authorization: AUTHORIZATION,
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    let [connection, before] = [];
    asked.on('socket', (socket) => ([connection, before] = [socket, socket.bytesRead]));
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => {
        const { statusCode: status, headers } = response;
        resolve({ status, headers, text, bytes: connection.bytesRead - before });
      });
    });
    asked.end(new URLSearchParams({ token_type_hint: hint, token }).toString());
  });
}

/** Asks, and insists on what the answer says. */
export async function expectAnswer(server, token, hint, expected) {
  const answer = await ask(server, token, hint);
  const said = answer.status === 200 ? JSON.parse(answer.text) : {};
  for (const [member, value] of Object.entries(expected)) {
    if (said[member] === value) continue;
    throw new Problem(
      `${server.name} should answer ${member}: ${value}, and said ${answer.status} ${answer.text}`,
    );
  }
  return answer;
}

/**
 * Asks about some tokens drawn at random, each with its own subject.
 * @returns {Promise<number>} the length of such an answer on the wire, which is the same for all
 */
export async function expectRightAnswers(server, tokens, samples = 20) {
  let answer;
  for (let sample = 0; sample < samples; sample++) {
    const number = Math.floor(Math.random() * tokens);
    answer = await expectAnswer(server, tokenText(number), 'access_token', {
      active: true,
      sub: server.subjectOf(number),
    });
  }
  return answer.bytes;
}
