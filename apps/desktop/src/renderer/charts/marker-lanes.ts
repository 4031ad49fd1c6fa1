import { SEVERITIES, type Direction, type Severity } from '@sentinellog/shared';

/** What a marker on the chart stands for. */
export interface Marked {
  readonly id: string;
  readonly atMs: number;
  readonly severity: Severity;
  readonly direction: Direction;
}

/** Markers that would lie on each other share one place; the loudest stands in front and the others are counted. */
export interface MarkerGroup<Mark extends Marked> {
  readonly front: Mark;
  /** Oldest first, `front` among them. */
  readonly members: readonly Mark[];
}

/**
 * Folds the markers of a lane by distance in time. The width of a pixel decides, not the position of the window, so
 * that nothing regroups while the chart slides.
 *
 * @param reachMs nearer than this to the first of a group belongs to it
 */
export function foldMarkers<Mark extends Marked>(
  marks: readonly Mark[],
  reachMs: number,
): readonly MarkerGroup<Mark>[] {
  const groups: MarkerGroup<Mark>[] = [];
  for (const direction of ['high', 'low'] as const) {
    const lane = marks.filter((mark) => mark.direction === direction).toSorted((a, b) => a.atMs - b.atMs);
    let members: Mark[] = [];
    for (const mark of lane) {
      const first = members[0];
      if (first !== undefined && mark.atMs - first.atMs >= reachMs) {
        groups.push(groupOf(members));
        members = [];
      }
      members.push(mark);
    }
    if (members.length > 0) groups.push(groupOf(members));
  }
  return groups;
}

function groupOf<Mark extends Marked>(members: readonly Mark[]): MarkerGroup<Mark> {
  const front = members.reduce((loudest, mark) =>
    SEVERITIES.indexOf(mark.severity) < SEVERITIES.indexOf(loudest.severity) ? mark : loudest,
  );
  return { front, members };
}

/**
 * On which side of a marker its words find room: to the right where the next one is far enough, else to the left.
 *
 * @param roomMs how much time the words cover
 * @returns null where neighbours stand close on both sides
 */
export function labelSide<Mark extends Marked>(
  group: MarkerGroup<Mark>,
  groups: readonly MarkerGroup<Mark>[],
  roomMs: number,
): 'right' | 'left' | null {
  const { atMs, direction } = group.front;
  const distances = groups
    .filter((other) => other !== group && other.front.direction === direction)
    .map((other) => other.front.atMs - atMs);
  if (!distances.some((distance) => distance >= 0 && distance < roomMs)) return 'right';
  // A neighbour on the left may carry its own words towards us, so twice the room is asked for.
  return distances.some((distance) => distance < 0 && distance > -2 * roomMs) ? null : 'left';
}
