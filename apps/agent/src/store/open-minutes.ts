/**
 * A source that is read minute by minute has at most this much open. More is behind a clock that was once far ahead, and
 * then lies at the two ends of a long emptiness: asking for each minute of 400 days took longer than a statement may,
 * at every start anew, so that the agent never came up.
 */
const MOST_ASKED_SECONDS = 86_400;

/** SQL for the level-0 blocks that hold seconds which no detector has seen, in order of source and start. */
export function openMinutesOf(table: 'frame_block' | 'template_block'): string {
  return `SELECT b.level, b.start, b.source_id, b.body
    FROM source_progress p
    CROSS JOIN LATERAL generate_series(p.closed_through - p.closed_through % 60, p.newest_block, 60) AS minute(start)
    JOIN ${table} b ON b.level = 0 AND b.start = minute.start AND b.source_id = p.source_id
    WHERE p.newest_block - p.closed_through <= ${MOST_ASKED_SECONDS}
    UNION ALL
    SELECT b.level, b.start, b.source_id, b.body
    FROM source_progress p
    JOIN ${table} b ON b.level = 0 AND b.source_id = p.source_id
      AND b.start BETWEEN p.closed_through - p.closed_through % 60 AND p.newest_block
    WHERE p.newest_block - p.closed_through > ${MOST_ASKED_SECONDS}
    ORDER BY source_id, start`;
}
