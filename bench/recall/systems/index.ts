/** Everything that can be measured, in the order of the report. */

import type { SystemSpec } from '../system.ts';
import { ablations, lociSystems } from './loci.ts';
import { mem0 } from './mem0.ts';
import { minisearch } from './minisearch.ts';
import { orama } from './orama.ts';

export const SYSTEMS: readonly SystemSpec[] = [...lociSystems, mem0, orama, minisearch];
/** Measured where they are asked for. */
export const ABLATIONS = ablations;
export const SYSTEM_NAMES = [...SYSTEMS, ...ABLATIONS].map(({ name }) => name);
