/** Stands for another agent: takes the lock of the folder named in its argument, and waits. */
import { lockFolder } from '../folder-lock.ts';

const lock = lockFolder(process.argv[2]);
process.stdout.write('locked\n');
setInterval(() => lock, 1000);
