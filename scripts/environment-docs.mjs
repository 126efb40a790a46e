// Writes .env.example and the tables of docs/configuration.md from the description of the server's variables.
// A test fails when they differ. Usage: npm run docs:environment
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = 'docs/configuration.md';
const ENV_EXAMPLE = '.env.example';
const [START, END] = ['<!-- variables: npm run docs:environment -->', '<!-- /variables -->'];
const WIDTH = 100;

/** The two files as they should be, by their paths. @param description app/environment/variables.ts */
export async function environmentDocs(description) {
  const page = await readFile(join(ROOT, PAGE), 'utf8');
  const [before, after] = [page.indexOf(START) + START.length, page.indexOf(END)];
  const text = `${page.slice(0, before)}\n\n${tables(description)}\n\n${page.slice(after)}`;
  const options = { ...(await resolveConfig(join(ROOT, PAGE))), parser: 'markdown' };
  return { [PAGE]: await format(text, options), [ENV_EXAMPLE]: envExample(description) };
}

function tables({ VARIABLE_GROUPS }) {
  const groups = Object.entries(VARIABLE_GROUPS).map(([heading, variables]) => {
    const rows = Object.entries(variables).map(
      ([name, variable]) => `| \`${name}\` | ${variable.what} | ${shownDefault(variable)} |`,
    );
    return [`### ${heading}\n`, '| variable | what it is | default |', '|-|-|-|', ...rows].join(
      '\n',
    );
  });
  return groups.join('\n\n');
}

function shownDefault({ default: value, shownDefault: shown }) {
  if (shown !== undefined) return shown;
  return value === undefined || value.length === 0 ? 'none' : `\`${value}\``;
}

function envExample({ VARIABLE_GROUPS, STACK_VARIABLES }) {
  const head =
    'What docker-compose.yml takes from the environment or from a file .env beside it. All optional. ' +
    'A list has commas between its entries.';
  const groups = Object.entries({ ...VARIABLE_GROUPS, 'The stack': STACK_VARIABLES });
  const paragraphs = groups.flatMap(([heading, variables]) => {
    const entries = Object.entries(variables)
      .map(([name, variable]) =>
        heading === 'The stack' ? { name, ...variable } : taken(name, variable),
      )
      .filter((entry) => entry !== undefined)
      .map(
        ({ name, what, default: value = '' }) => `${comment(sentence(what))}\n#${name}=${value}`,
      );
    return entries.length > 0 ? [`# --- ${heading} ---`, ...entries] : [];
  });
  return `${[comment(head), ...paragraphs].join('\n\n')}\n`;
}

/** A variable of the server, as the stack takes it. */
function taken(name, { what, default: value, inStack }) {
  return inStack && { name, what, default: value, ...inStack };
}

function sentence(what) {
  const plain = what.replaceAll('`', '');
  return `${plain[0].toUpperCase()}${plain.slice(1)}.`;
}

function comment(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    if (lines.at(-1).length + word.length + 3 > WIDTH) lines.push('');
    lines[lines.length - 1] += ` ${word}`;
  }
  return lines.map((line) => `#${line}`).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const description = await import('../dist/app/environment/variables.js');
  for (const [file, text] of Object.entries(await environmentDocs(description))) {
    await writeFile(join(ROOT, file), text);
  }
}
