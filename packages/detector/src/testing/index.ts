export { bytesOf } from './bytes-of.ts';
export { type Disturbance, EIGHT_SERVICES, frameOf, type ServiceRhythm, Traffic } from './rhythm.ts';
export { SeededRandom } from './seeded-random.ts';
