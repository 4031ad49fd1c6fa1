import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { verifyReceipt } from '@sentinellog/detector';
import { type Anomaly, AnomalySchema, type Receipt, ReceiptSchema } from '@sentinellog/shared';
import type { Command } from 'commander';
import { z } from 'zod';
import { sealDifferences } from '../receipt-seal.ts';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';

/** A field that nobody knows is an alteration like any other. */
const StrictReceiptSchema = z.strictObject(ReceiptSchema.shape);
const CarriesReceiptSchema = z.object({ receipt: z.unknown() });

export function register(program: Command): void {
  program
    .command('verify')
    .description(
      'make the decision behind an anomaly again from its receipt, offline, and check that nothing was altered',
    )
    .argument('<receipt.json>', 'a receipt, or an anomaly that carries one')
    .option(
      '--key <key>',
      "the agent's public key (receipt_key of GET /v1/agent): then the seal also shows who made it",
    )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample: sentinellog verify receipt.json\nExit code 0: equal; 1: not equal.')
    .action(async (file: string, options: { json?: boolean; key?: string }) => {
      const { receipt, anomaly } = await readReceipt(file);
      const { recomputed, differences: inNumbers } = verifyReceipt(receipt);
      const differences = [
        ...inNumbers,
        ...sealDifferences(receipt, options.key),
        ...(anomaly ? anomalyDifferences(anomaly, receipt) : []),
      ];
      const result = { equal: differences.length === 0, recomputed, differences, signed_by: receipt.agent ?? null };
      process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : described(receipt, result));
      if (!result.equal) process.exitCode = 1;
    });
}

function described(
  receipt: Receipt,
  { equal, recomputed, differences }: { equal: boolean; recomputed: number; differences: readonly string[] },
): string {
  const lines = [
    `${equal ? 'equal' : 'NOT EQUAL'}: the receipt says z = ${receipt.z}, recomputed z = ${recomputed}`,
    ...differences.map((difference) => `  ${difference}`),
    ...(equal ? [`  signed by agent ${receipt.agent?.agent_id ?? ''}, key ${receipt.agent?.public_key ?? ''}`] : []),
  ];
  return `${lines.map((line) => printable(line)).join('\n')}\n`;
}

/** What an anomaly says beside its receipt must follow from it. */
function anomalyDifferences(anomaly: Anomaly, receipt: Receipt): readonly string[] {
  const hashes = anomaly.raw_data_sample.map(({ message }) => createHash('sha256').update(message).digest('hex'));
  const said: readonly (readonly [string, unknown, unknown])[] = [
    ['source_id', anomaly.source_id, receipt.source_id],
    ['service', anomaly.service, receipt.service],
    ['signal', anomaly.signal, receipt.signal],
    ['detector', anomaly.detector, receipt.detector],
    // The one is made from the count, the other from the share that stands on the receipt.
    ['deviation_score', anomaly.deviation_score.toPrecision(8), receipt.score?.toPrecision(8)],
    ['severity', anomaly.severity, receipt.severity],
    ['observed', anomaly.observed, receipt.value],
    ['expected', anomaly.expected, receipt.mean],
    ['direction', anomaly.direction, receipt.value < receipt.mean ? 'low' : 'high'],
    ['sample lines', hashes.join(' '), receipt.sample_hashes.join(' ')],
  ];
  return said
    .filter(([, ours, theirs]) => ours !== theirs)
    .map(([name, ours, theirs]) => `${name} of the anomaly is ${String(ours)}, its receipt gives ${String(theirs)}`);
}

async function readReceipt(file: string): Promise<{ receipt: Receipt; anomaly: Anomaly | null }> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CliError(`${file} is not JSON`, { cause: error });
  }
  const carrier = CarriesReceiptSchema.safeParse(json);
  const receipt = StrictReceiptSchema.safeParse(carrier.success ? carrier.data.receipt : json);
  if (!receipt.success) throw new CliError(`${file} is not a receipt: ${firstIssue(receipt.error)}`);
  if (!carrier.success) return { receipt: receipt.data, anomaly: null };
  const anomaly = AnomalySchema.safeParse(json);
  if (!anomaly.success) throw new CliError(`${file} is not an anomaly: ${firstIssue(anomaly.error)}`);
  return { receipt: receipt.data, anomaly: anomaly.data };
}

function firstIssue({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
}
