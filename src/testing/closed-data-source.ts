import { DataSource } from 'typeorm';

/** A data source that never connects. Whatever is asked of it fails, and says what to do. */
export class ClosedDataSource extends DataSource {
  constructor() {
    super({ type: 'postgres' });
  }

  override initialize(): never {
    return fail();
  }

  override getMetadata(): never {
    return fail();
  }

  override createQueryBuilder(): never {
    return fail();
  }

  override createQueryRunner(): never {
    return fail();
  }
}

function fail(): never {
  throw new Error(
    'IntrospectionTesting has put a data source that never connects in the place of this one: ' +
      'override the repositories that use it, or the data source itself, after ours.',
  );
}
