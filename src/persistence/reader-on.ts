import type { DataSource } from 'typeorm';
import { READ_TIMEOUT_MS } from '../config/settings.js';
import { BatchedReader } from './batched-reader.js';
import { Connections } from './connections.js';
import { statementsOn } from './statements.js';

/** A reader of its own, for a repository that is made by hand and not by the module. */
export function readerOn(dataSource: DataSource): BatchedReader {
  return new BatchedReader(statementsOn(new Connections(dataSource)), READ_TIMEOUT_MS);
}
