import { readFile } from 'node:fs/promises';
import { type AuditCheckpoint, AuditCheckpointSchema, AuditListSchema } from '@sentinellog/shared';
import type { Command } from 'commander';
import { z } from 'zod';
import { isSigned } from '../audit-watch.ts';
import { CHAIN_START, type ChainEnd, type ChainVerdict, compareEnd, followChain } from '../store/audit-chain.ts';
import { addAgentOptions, type AgentClient, type AgentOptions, findAgent } from './agent-client.ts';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';

const PAGE = 1000;

interface VerifyOptions extends AgentOptions {
  readonly checkpoints?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const audit = program.command('audit').description('the chain of who changed what');
  addAgentOptions(audit.command('verify'))
    .description('recompute the audit chain of a running agent, entry by entry')
    .option('--checkpoints <file>', "the agent's log as kept elsewhere: its signed checkpoints must lie on the chain")
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample: sentinellog audit verify --checkpoints /var/log/sentinellog.jsonl\nExit code 0: every entry is as it was written; 1: the first one that is not is named.',
    )
    .action(verify);
}

async function verify(options: VerifyOptions): Promise<void> {
  const checkpoints = options.checkpoints === undefined ? [] : await readCheckpoints(options.checkpoints);
  const verdict = await verifyAudit(await findAgent(options), checkpoints);
  process.stdout.write(options.json ? `${JSON.stringify(verdict)}\n` : describe(verdict, checkpoints.length));
  if (!verdict.ok) process.exitCode = 1;
}

/** The whole chain, from the first entry to its head, and every checkpoint against the entry that it names. */
export async function verifyAudit(
  agent: Pick<AgentClient, 'get'>,
  checkpoints: readonly AuditCheckpoint[],
): Promise<ChainVerdict> {
  const forged = checkpoints.find((checkpoint) => !isSigned(checkpoint));
  if (forged !== undefined)
    return { ok: false, badSeq: forged.seq, because: 'a checkpoint about it is not signed by the key it names' };
  const promised = new Map(checkpoints.map(({ seq, hash }) => [seq, hash]));
  let end: ChainEnd = CHAIN_START;
  for (;;) {
    const query = new URLSearchParams({ order: 'asc', after: String(end.seq), limit: String(PAGE) });
    const { entries, head } = await agent.get(`/v1/audit?${query.toString()}`, AuditListSchema);
    const verdict = followChain(end, entries);
    if (!verdict.ok) return verdict;
    for (const { seq, hash } of entries)
      if (promised.has(seq) && promised.get(seq) !== hash)
        return { ok: false, badSeq: seq, because: 'a signed checkpoint says otherwise' };
    end = verdict.end;
    if (entries.length < PAGE) {
      const atHead = compareEnd(end, head);
      if (!atHead.ok) return atHead;
      break;
    }
  }
  const furthest = Math.max(0, ...promised.keys());
  if (furthest > end.seq)
    return {
      ok: false,
      badSeq: end.seq + 1,
      because: `a signed checkpoint knows entries up to ${furthest}: the end was cut off`,
    };
  return { ok: true, end };
}

/** Lines of the log that are checkpoints; others are passed over. */
async function readCheckpoints(file: string): Promise<AuditCheckpoint[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const LineSchema = z.object({ event: z.literal('audit.checkpoint'), checkpoint: AuditCheckpointSchema });
  const found = text.split('\n').flatMap((line) => {
    const parsed = LineSchema.safeParse(jsonOrNull(line));
    return parsed.success ? [parsed.data.checkpoint] : [];
  });
  if (found.length === 0) throw new CliError(`${file} holds no line with "event":"audit.checkpoint"`);
  return found;
}

function jsonOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function describe(verdict: ChainVerdict, checkpoints: number): string {
  if (!verdict.ok) return `NOT INTACT: entry ${verdict.badSeq}: ${printable(verdict.because)}\n`;
  const also = checkpoints === 0 ? '' : `, and ${checkpoints} signed checkpoints lie on it`;
  return `intact: ${verdict.end.seq} entries, ending with ${verdict.end.hash}${also}\n`;
}
