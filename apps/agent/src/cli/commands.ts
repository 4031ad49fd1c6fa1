import type { Command } from 'commander';
import * as backfill from './backfill.ts';
import * as canary from './canary.ts';
import * as audit from './audit.ts';
import * as config from './config.ts';
import * as evaluateCard from './evaluate-card.ts';
import * as evaluateDetection from './evaluate-detection.ts';
import * as evaluateTemplates from './evaluate-templates.ts';
import * as exportLog from './export.ts';
import * as ingest from './ingest.ts';
import * as journal from './journal.ts';
import * as keys from './keys.ts';
import * as search from './search.ts';
import * as simulate from './simulate.ts';
import * as start from './start.ts';
import * as status from './status.ts';
import * as templates from './templates.ts';
import * as tokens from './tokens.ts';
import * as verify from './verify.ts';

/** Every command of the CLI: one file and one line each. */
export const COMMANDS: readonly { readonly register: (program: Command) => void }[] = [
  start,
  status,
  keys,
  journal,
  tokens,
  ingest,
  templates,
  simulate,
  search,
  exportLog,
  backfill,
  verify,
  canary,
  audit,
  evaluateDetection,
  evaluateCard,
  evaluateTemplates,
  config,
];
