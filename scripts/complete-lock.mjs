/**
 * After `npm install` on a registry mirror that lacks the builds for other platforms: names them in package-lock.json,
 * so that `npm ci` accepts it everywhere. npm leaves out optional packages it cannot find, and then refuses the lockfile
 * for not naming them. The entries have no integrity hash; installing against the full registry adds it.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../package-lock.json', import.meta.url);
const OS = [
  ['android', /android/],
  ['darwin', /darwin/],
  ['win32', /win32|windows/],
  ['freebsd', /freebsd/],
  ['openharmony', /openharmony/],
  ['linux', /linux/],
];
const CPU = [
  ['arm64', /arm64|aarch64/],
  ['x64', /x64/],
  ['ia32', /ia32/],
  ['arm', /arm/],
  ['ppc64', /ppc64/],
  ['riscv64', /riscv64/],
  ['s390x', /s390x/],
  ['wasm32', /wasm/],
];
const LIBC = [
  ['musl', /musl/],
  ['glibc', /gnu/],
];

/** Which platform a package is for: its name says so. */
const field = (name, key, table) => {
  const found = table.find(([, pattern]) => pattern.test(name));
  return found ? { [key]: [found[0]] } : {};
};

/** Where Node would find `name` from the package at `path`, in the lockfile's own paths. */
function* places(path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    yield `${folder ? `${folder}/` : ''}node_modules/${name}`;
    if (folder === '') return;
  }
}

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const { packages } = lock;
let added = 0;
for (const [path, entry] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const version = range.replace(/^[\^~]/, '');
    const isNamed = [...places(path, name)].some(
      (place) => packages[place]?.version === version || (packages[place] && version !== range),
    );
    if (isNamed) continue;
    const top = `node_modules/${name}`;
    packages[packages[top] ? `${path}/${top}` : top] = {
      version,
      ...field(name, 'cpu', CPU),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      ...field(name, 'libc', LIBC),
      ...field(name, 'os', OS),
    };
    added++;
  }
}
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`${added} packages of other platforms named\n`);
