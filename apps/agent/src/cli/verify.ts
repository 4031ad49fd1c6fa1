import { readFile } from 'node:fs/promises';
import { verifyReceipt } from '@sentinellog/detector';
import { AnomalySchema, ReceiptSchema } from '@sentinellog/shared';
import type { Command } from 'commander';
import { CliError } from './cli-error.ts';

export function register(program: Command): void {
  program
    .command('verify')
    .description('recompute the decision behind an anomaly from its receipt, offline')
    .argument('<receipt.json>', 'a receipt, or an anomaly that carries one')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample: sentinellog verify receipt.json\nExit code 0: equal; 1: not equal.')
    .action(async (file: string, options: { json?: boolean }) => {
      const receipt = await readReceipt(file);
      const result = verifyReceipt(receipt);
      process.stdout.write(
        options.json
          ? `${JSON.stringify(result)}\n`
          : `${result.equal ? 'equal' : 'NOT EQUAL'}: the receipt says z = ${receipt.z}, recomputed z = ${result.recomputed}\n`,
      );
      if (!result.equal) process.exitCode = 1;
    });
}

async function readReceipt(file: string) {
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
  const anomaly = AnomalySchema.safeParse(json);
  if (anomaly.success) return anomaly.data.receipt;
  const receipt = ReceiptSchema.safeParse(json);
  if (receipt.success) return receipt.data;
  const [issue] = receipt.error.issues;
  throw new CliError(`${file} is not a receipt: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}
