/**
 * Looks at what `electron-builder … dir` has left in `dist/`: only bundles are inside, and the fuses of the binary are as
 * electron-builder.yml wants them. Run by the release workflow before anything is published.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
/** Electron's fuse wire: this sentence, a version, a length, then one character a fuse. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/** In the order of the wire (@electron/fuses, FuseV1Options); null: not asked for. */
const WANTED: readonly (readonly [name: string, on: boolean | null])[] = [
  ['runAsNode', false],
  ['enableCookieEncryption', true],
  ['enableNodeOptionsEnvironmentVariable', false],
  ['enableNodeCliInspectArguments', false],
  ['enableEmbeddedAsarIntegrityValidation', true],
  ['onlyLoadAppFromAsar', true],
  ['loadBrowserProcessSpecificV8Snapshot', null],
  ['grantFileProtocolExtraPrivileges', false],
];
const ON = 0x31;

const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' });
const problems = [...asarProblems(), ...fuseProblems()];
if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exitCode = 1;
} else process.stdout.write('the package holds bundles alone, its fuses are set\n');

function asarProblems(): readonly string[] {
  const archives = files.filter((file) => file.endsWith('app.asar'));
  if (archives.length === 0) return ['no app.asar in dist/: run electron-builder … dir first'];
  return archives.flatMap((archive) => {
    // The header is JSON behind four 32-bit lengths; the last is that of the text.
    const bytes = readFileSync(join(DIST, archive));
    const header = bytes.subarray(16, 16 + bytes.readUInt32LE(12)).toString('utf8');
    return ['"node_modules"', '.ts"', '.map"', '"credentials.json"', '".env"']
      .filter((word) => header.includes(word))
      .map((word) => `${archive} holds ${word}: only bundles belong in it`);
  });
}

function fuseProblems(): readonly string[] {
  const wires = files.filter(isBinary).flatMap((file) => {
    const bytes = readFileSync(join(DIST, file));
    const at = bytes.indexOf(SENTINEL);
    return at < 0 ? [] : [{ file, fuses: bytes.subarray(at + SENTINEL.length + 2) }];
  });
  if (wires.length === 0) return ['no binary with fuses in dist/: was Electron packaged at all?'];
  return wires.flatMap(({ file, fuses }) =>
    WANTED.flatMap(([name, on], i) =>
      on === null || (fuses[i] === ON) === on ? [] : [`${file}: the fuse ${name} must be ${on ? 'on' : 'off'}`],
    ),
  );
}

function isBinary(file: string): boolean {
  const name = file.split(/[\\/]/).at(-1) ?? '';
  return (
    name === 'sentinellog' || name === 'sentinellog.exe' || name === 'SentinelLog.exe' || name === 'Electron Framework'
  );
}
