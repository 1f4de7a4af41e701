/** A data platform's month of 5,000 jobs, with one incident in its last two days and earlier ones like it. */

import { createIdSource } from '../memory/ids.ts';
import { createRandom, createTestEnvironment } from '../testing/environment.ts';
import type { NewMemory, Priority } from '../types.ts';

const HOUR_MS = 3_600_000;
const MONTH_HOURS = 30 * 24;
const JOBS = 5_000;
const SEED = 48;

/** When the question is asked. */
export const ASKED_AT = Date.UTC(2024, 8, 30, 18);
export const WINDOW_MS = 48 * HOUR_MS;
/** How long before the incident others of its kind were, h: the youngest record of the first lies 51 h back. */
export const EARLIER_BY_HOURS = [50, 120, 300, 490] as const;

const PIPELINES = [
  ...['orders-ingest', 'clicks-sessions', 'inventory-sync', 'payments-ledger', 'ads-attribution'],
  ...['shipping-events', 'returns-intake', 'search-logs', 'email-engagement', 'fraud-scores', 'price-feed'],
  ...['loyalty-points', 'store-traffic', 'supplier-catalog', 'tax-reports', 'support-tickets'],
];
/** Pipelines that only read what orders-ingest writes. */
const DOWNSTREAM = ['revenue-daily', 'churn-features', 'customer-360'];
const CLUSTERS = ['eu-west-2', 'eu-central-1', 'us-east-1', 'ap-south-1'];
const STAGES = ['extract', 'validate', 'transform', 'load', 'publish'];
const TROUBLES = [
  'an executor ran out of memory and was started again',
  'the source answered slowly',
  'two partitions were skewed',
  'a lock on the table was waited for',
  'the schema registry could not be reached at first',
];

/** One record with its id, so that others can link to it. */
export type JobRecord = NewMemory & { readonly id: string; readonly createdAt: number };

export interface Month {
  /** All 5,000, oldest first. */
  readonly records: readonly JobRecord[];
  /** Those of the incident that speak of it, the anomaly among them. */
  readonly planted: readonly JobRecord[];
  /** Jobs that it stopped: they do not speak of it, and are linked with the anomaly. */
  readonly stopped: readonly JobRecord[];
  /** Of earlier incidents, all of them older than the window. */
  readonly earlier: readonly JobRecord[];
}

interface Event {
  /** Hours before the question. */
  readonly hours: number;
  readonly content: string;
  readonly tags: readonly string[];
  readonly priority?: Priority;
  readonly stage: string;
  readonly dataVolumeGb: number;
}

/** The anomaly, the deploy that caused it, and what else was said of it. */
const INCIDENT: readonly Event[] = [
  {
    hours: 10,
    content: 'Anomaly in orders-ingest: the null rate of customer_id rose from 0.1 % to 38 % on eu-west-2.',
    tags: ['anomaly', 'null-rate'],
    priority: 'critical',
    stage: 'validate',
    dataVolumeGb: 96,
  },
  {
    hours: 34,
    content: 'orders-ingest was deployed with parser 4.2, which reads customer_id from buyer.id.',
    tags: ['deploy'],
    stage: 'extract',
    dataVolumeGb: 0,
  },
  {
    hours: 31,
    content: 'Schema check of orders-ingest: customer_id is missing in 3 of 40 partitions.',
    tags: ['schema'],
    priority: 'high',
    stage: 'validate',
    dataVolumeGb: 88,
  },
  {
    hours: 26,
    content: 'The null rate of customer_id in orders-ingest is 4 %, still below the alert.',
    tags: ['null-rate'],
    priority: 'high',
    stage: 'validate',
    dataVolumeGb: 91,
  },
  {
    hours: 9.5,
    content: 'On-call acknowledged the null rate alert of orders-ingest and paused what reads from it.',
    tags: ['on-call', 'null-rate'],
    priority: 'high',
    stage: 'publish',
    dataVolumeGb: 0,
  },
  {
    hours: 7,
    content: 'orders-ingest was rolled back to parser 4.1 on eu-west-2.',
    tags: ['deploy', 'rollback'],
    priority: 'high',
    stage: 'extract',
    dataVolumeGb: 0,
  },
  {
    hours: 4,
    content: 'The backfill of orders-ingest was started for the partitions with nulls in customer_id.',
    tags: ['backfill'],
    stage: 'load',
    dataVolumeGb: 412,
  },
  {
    hours: 1,
    content: 'After the backfill the null rate of customer_id in orders-ingest is back at 0.1 %.',
    tags: ['backfill', 'null-rate'],
    stage: 'validate',
    dataVolumeGb: 412,
  },
];

/** The same month at every call. */
export function makeMonth(): Month {
  const random = createRandom(SEED);
  const makeId = idsOf();
  const incident = makeIncident(0, makeId);
  const earlier = EARLIER_BY_HOURS.map((hours) => makeIncident(hours, makeId));
  const special = [incident, ...earlier].flatMap(({ planted, stopped }) => [...planted, ...stopped]);
  const ordinary = Array.from({ length: JOBS - special.length }, (_, i) => makeJob(i, random, makeId));
  return {
    records: [...ordinary, ...special].sort((a, b) => a.createdAt - b.createdAt),
    ...incident,
    earlier: earlier.flatMap(({ planted, stopped }) => [...planted, ...stopped]),
  };
}

type MakeId = (createdAt: number) => string;

function idsOf(): MakeId {
  const { randomBytes } = createTestEnvironment({ seed: SEED });
  return (createdAt) => createIdSource(() => createdAt, randomBytes)();
}

function makeIncident(earlierByHours: number, makeId: MakeId): Pick<Month, 'planted' | 'stopped'> {
  const at = (hours: number) => ASKED_AT - (hours + earlierByHours) * HOUR_MS;
  const anomalyId = makeId(at(10));
  const stopped = DOWNSTREAM.map((pipeline, i): JobRecord => {
    const createdAt = at(9 - i / 4);
    return {
      ...jobOf(pipeline, 'eu-west-2', 'publish', 9_000 + i),
      id: makeId(createdAt),
      content: `Job ${9_000 + i + earlierByHours}: ${pipeline} was stopped in stage publish, its input is not complete.`,
      tags: [pipeline, 'eu-west-2', 'stopped'],
      priority: 'high',
      createdAt,
      related: [{ id: anomalyId, strength: 0.9, relation: 'caused-by' }],
    };
  });
  const caused = stopped.map(({ id }) => ({ id, strength: 0.9, relation: 'caused' }));
  const deployId = makeId(at(34));
  const planted = INCIDENT.map(({ hours, content, tags, priority = 'medium', stage, dataVolumeGb }, i) => ({
    ...jobOf('orders-ingest', 'eu-west-2', stage, 8_000 + i),
    id: [anomalyId, deployId][i] ?? makeId(at(hours)),
    content,
    tags: ['orders-ingest', 'eu-west-2', ...tags],
    priority,
    createdAt: at(hours),
    dataVolumeGb,
    related: i === 0 ? [{ id: deployId, strength: 0.9, relation: 'caused-by' }, ...caused] : [],
  }));
  return { planted, stopped };
}

function makeJob(i: number, random: () => number, makeId: MakeId): JobRecord {
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  const [pipeline, cluster, stage] = [pick([...PIPELINES, ...DOWNSTREAM]), pick(CLUSTERS), pick(STAGES)];
  const createdAt = ASKED_AT - Math.floor(random() * MONTH_HOURS * HOUR_MS);
  const dataVolumeGb = Math.round(random() * 2_000) / 10;
  const isTroubled = random() < 0.15;
  const minutes = 1 + Math.floor(random() * 55);
  const content = `Job ${i}: ${pipeline} finished stage ${stage} on ${cluster} in ${minutes} min, ${dataVolumeGb} GB read${isTroubled ? `; ${pick(TROUBLES)}` : ''}.`;
  return {
    ...jobOf(pipeline, cluster, stage, i),
    id: makeId(createdAt),
    content,
    tags: [pipeline, cluster, isTroubled ? 'troubled' : 'succeeded'],
    priority: isTroubled ? 'medium' : 'low',
    createdAt,
    dataVolumeGb,
  };
}

function jobOf(pipeline: string, cluster: string, stage: string, job: number) {
  return {
    source: 'scheduler',
    agentId: 'platform-agent',
    processingStage: stage,
    metadata: { pipeline, cluster, job },
  };
}
