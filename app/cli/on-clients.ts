import type { DataSource } from 'typeorm';
import type { TypeOrmClientRepository } from '../../src/clients/typeorm-client.repository.js';
import { withDatabase } from './with-database.js';

/** Does some work on the clients in the database that the environment names. */
export async function onClients<T>(
  work: (clients: TypeOrmClientRepository, dataSource: DataSource) => Promise<T>,
): Promise<T> {
  return withDatabase(async (dataSource) => {
    const { TypeOrmClientRepository: Clients } =
      await import('../../src/clients/typeorm-client.repository.js');
    return work(new Clients(dataSource), dataSource);
  });
}
