export { quoted, tablePathIn } from '../../migrations/table-names.js';
export type { TablePath } from '../../migrations/table-names.js';
