/** The injection token under which our repositories get the data source that the option `dataSource` names. */
export const INTROSPECTION_DATA_SOURCE = Symbol('INTROSPECTION_DATA_SOURCE');
