const { stderr } = process;

/** What is being done: one line that changes on a terminal, a line each time elsewhere. */
export function progress(text) {
  stderr.write(
    stderr.isTTY ? `\r\u001b[K${text.slice(0, (stderr.columns ?? 80) - 1)}` : `${text}\n`,
  );
}

export function progressDone() {
  if (stderr.isTTY) stderr.write('\r\u001b[K');
}
