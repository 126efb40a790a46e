/** The token of the data source that the module's repositories work on, whatever the host calls it. */
export const INTROSPECTION_DATA_SOURCE = Symbol('INTROSPECTION_DATA_SOURCE');
