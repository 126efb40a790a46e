import type { DataSource } from 'typeorm';
import { READ_TIMEOUT_MS } from '../config/settings.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { Connections } from '../persistence/connections.js';
import { statementsOn } from '../persistence/statements.js';
import { tablePathIn } from './table-paths.js';

/**
 * The reader of a data source's tables.
 * @param timeoutMs how long a read may take, in milliseconds
 */
export function readerOn(
  dataSource: DataSource,
  connections = new Connections(dataSource),
  timeoutMs = READ_TIMEOUT_MS,
): BatchedReader {
  return new BatchedReader(statementsOn(connections), timeoutMs, tablePathIn(dataSource));
}
