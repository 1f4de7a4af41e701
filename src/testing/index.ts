/** What an implementer of a port tests against: contract suites (for Vitest), faults, and a clock and chance of a test's own. */

export { type DamageKind, damageAtRest } from './damage.ts';
export { describeEmbedderContract, type EmbedderContractOptions } from './embedder-contract.ts';
export {
  createRandom,
  createTestEnvironment,
  type TestEnvironment,
  type TestEnvironmentOptions,
} from './environment.ts';
export { type FaultyPlace, failEveryOperation, type ScenarioCall } from './every-fault.ts';
export {
  createFaultyStorage,
  type Fault,
  type FaultKind,
  type Faults,
  type FaultyStorage,
  firstOf,
  quotaSchedule,
  randomSchedule,
  type Schedule,
} from './faulty-storage.ts';
export { describeStorageContract } from './storage-contract.ts';
export { createLosingStorage, type LosingStorage } from './unreadable.ts';
export { describeVectorContract, type VectorContractOptions } from './vector-contract.ts';
