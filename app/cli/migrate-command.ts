import type { Command } from 'commander';
import { YES, confirm } from './confirm.js';
import { print } from './output.js';
import { withDatabase } from './with-database.js';

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('Bring the database up to date.')
    .option('--revert', 'take the newest migration back, with all the data in it')
    .option(...YES)
    .option('--json', 'print one JSON object')
    .action(async (options: { revert?: boolean; yes?: boolean }, command: Command) => {
      const { revert = false } = options;
      const question = 'Take the newest migration back, with all the data in it, for good?';
      if (revert) await confirm(question, options);
      const { migrate, revertMigration } = await import('../environment/migrations.js');
      if (!revert) {
        const { requireUtf8 } = await import('../environment/database.js');
        const applied = await withDatabase(async (dataSource) => {
          await requireUtf8(dataSource);
          return migrate(dataSource);
        });
        const text = applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to apply.';
        return print(command, { applied }, text);
      }
      const reverted = await withDatabase(revertMigration);
      const text = reverted === undefined ? 'Nothing to revert.' : `Reverted ${reverted}.`;
      return print(command, { reverted: reverted ?? null }, text);
    });
}
