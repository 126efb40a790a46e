/** The token of the data source that the module's repositories work on, under whichever token the host has it. */
export const INTROSPECTION_DATA_SOURCE = Symbol('INTROSPECTION_DATA_SOURCE');
