/** The notify stage in a process of its own, to be killed and frozen. Options come as JSON in the first argument. */
import { openRig, type RigOptions } from './notify-rig.ts';

const rig = await openRig(JSON.parse(process.argv[2]) as RigOptions);
rig.notify.start();
process.stdout.write('ready\n');
process.once('SIGTERM', () => {
  void rig.stop().then(() => process.stdout.write('stopped\n'));
});
