// Fails when a production dependency has a known vulnerability that is high or critical. Usage: npm run audit
import { spawnSync } from 'node:child_process';
import { root } from './setup.mjs';

const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
if (error) throw error;
const { metadata, vulnerabilities = {}, message, error: refusal } = JSON.parse(stdout || '{}');

if (metadata?.vulnerabilities) {
  for (const { name, severity, range } of Object.values(vulnerabilities)) {
    console.log(`${name} ${range}: ${severity}`);
  }
  const { low, moderate, high, critical } = metadata.vulnerabilities;
  console.log(`Known: ${critical} critical, ${high} high, ${moderate} moderate, ${low} low.`);
  process.exitCode = high + critical > 0 ? 1 : 0;
} else {
  // A mirror of the registry may have no advisories. Then the dependencies are not checked, and nothing fails.
  console.log(
    `NOT CHECKED: the registry has no advisories: ${message ?? refusal?.summary ?? stdout}`,
  );
}
