import { besieged } from './besieged.mjs';
import { connections } from './connections.mjs';
import { hosts } from './hosts.mjs';
import { inactive } from './inactive.mjs';
import { jwtFresh } from './jwt-fresh.mjs';
import { jwtRepeated } from './jwt-repeated.mjs';
import { memory } from './memory.mjs';
import { opaque } from './opaque.mjs';
import { profile } from './profile.mjs';
import { purge } from './purge.mjs';
import { sizes } from './sizes.mjs';
import { strangers } from './strangers.mjs';
import { workers } from './workers.mjs';

/** By the name that --mode takes. */
export const modes = {
  opaque,
  'jwt-repeated': jwtRepeated,
  'jwt-fresh': jwtFresh,
  inactive,
  hosts,
  sizes,
  connections,
  purge,
  workers,
  memory,
  profile,
  strangers,
  besieged,
};
