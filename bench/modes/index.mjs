import { opaque } from './opaque.mjs';

/** By the name that --mode takes. */
export const modes = { opaque };
