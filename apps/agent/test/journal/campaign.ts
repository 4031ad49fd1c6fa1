/**
 * `npm run prove:journal -- [--runs N] [--mutations N] [--seed N]`: the model of power cuts (F3) and the mutations of a
 * segment of 1 MiB (F4) at full length; the unit tests run the same in short. Prints what was tried; a counter-example
 * is printed with its seed and ends it with exit code 1.
 */
import { parseArgs } from 'node:util';
import { mutateSegment } from '../../src/journal/testing/mutations.ts';
import { cutPower } from '../../src/journal/testing/power-cuts.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5000' },
    mutations: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});
const [runs, mutations, seed] = [values.runs, values.mutations, values.seed].map(Number);

process.stderr.write(`campaign: ${runs} runs with power cuts, seed ${seed}\n`);
const cuts = await cutPower({ runs, seed });
process.stdout.write(
  `power cuts: ${runs} runs, ${cuts.acknowledged} records acknowledged, 0 lost, 0 twice; ${cuts.blocks / 2} nonces, 0 twice\n`,
);

process.stderr.write(`campaign: ${mutations} mutations of a segment of 1 MiB\n`);
const mutated = await mutateSegment({
  mutations,
  segmentBytes: 1024 * 1024,
  seed,
  onProgress: (done) => {
    if (done % 1000 === 0) process.stderr.write(`campaign: ${done} of ${mutations}\n`);
  },
});
process.stdout.write(
  `mutations: ${mutated.mutations}, of which ${mutated.damaged} damaged a block: all reported; ` +
    `${mutated.recovered} undamaged records, all recovered\n`,
);
