import { describe, expect, it } from 'vitest';
import { Outbox } from './outbox.ts';

/** A socket whose reader takes what it is told to take. */
function aSocket() {
  const pending: { text: string; done: () => void }[] = [];
  const taken: string[] = [];
  return {
    taken,
    get bufferedAmount() {
      return pending.reduce((sum, { text }) => sum + text.length, 0);
    },
    send(data: string | Buffer, _options: { binary: boolean }, done: () => void) {
      pending.push({ text: data.toString(), done });
    },
    take(count: number) {
      for (const { text, done } of pending.splice(0, count)) {
        taken.push(text.length > 100 ? `${text[0]}…` : text);
        done();
      }
    },
  };
}

function anOutbox() {
  const socket = aSocket();
  const dropped: string[] = [];
  const state = { overflows: 0 };
  const outbox = new Outbox(socket, {
    onDropped: (topic) => dropped.push(topic),
    onOverflow: () => state.overflows++,
  });
  return { socket, outbox, dropped, state };
}

const MIB = 1024 * 1024;

describe('outbox', () => {
  it('sends at once while the reader keeps up', () => {
    const { socket, outbox, dropped } = anOutbox();
    outbox.may('heartbeats', Buffer.from('beat'));
    outbox.must('anomaly');
    socket.take(2);
    expect(socket.taken).toEqual(['beat', 'anomaly']);
    expect(dropped).toEqual([]);
  });

  it('drops live data over a mebibyte, keeps the rest in order, and tells of the gap last', () => {
    const { socket, outbox, dropped } = anOutbox();
    outbox.may('heartbeats', 'h'.repeat(MIB + 1));
    outbox.must('anomaly 1');
    outbox.may('heartbeats', 'beat');
    outbox.may('health', 'health');
    outbox.may('heartbeats', 'beat');
    outbox.must('anomaly 2');
    expect(dropped).toEqual(['heartbeats', 'health', 'heartbeats']);
    socket.take(1);
    outbox.may('heartbeats', 'beat again');
    socket.take(9);
    expect(socket.taken).toEqual([
      'h…',
      'anomaly 1',
      'anomaly 2',
      '{"type":"gap","topic":"heartbeats","dropped":2}',
      '{"type":"gap","topic":"health","dropped":1}',
      'beat again',
    ]);
  });

  it('sends no live data between a gap and the word of it', () => {
    const { socket, outbox, dropped } = anOutbox();
    outbox.may('heartbeats', 'a'.repeat(0.6 * MIB));
    outbox.may('heartbeats', 'b'.repeat(0.6 * MIB));
    outbox.may('heartbeats', 'lost');
    socket.take(1);
    outbox.may('heartbeats', 'lost too');
    expect(dropped).toHaveLength(2);
    socket.take(1);
    socket.take(1);
    expect(socket.taken).toEqual(['a…', 'b…', '{"type":"gap","topic":"heartbeats","dropped":2}']);
  });

  it('starts again only when the socket is half empty', () => {
    const { socket, outbox } = anOutbox();
    outbox.may('heartbeats', 'a'.repeat(0.6 * MIB));
    outbox.may('heartbeats', 'b'.repeat(0.6 * MIB));
    outbox.must('anomaly');
    socket.take(1);
    expect(socket.bufferedAmount).toBe(Math.floor(0.6 * MIB));
    socket.take(2);
    expect(socket.taken).toEqual(['a…', 'b…']);
    socket.take(1);
    expect(socket.taken).toEqual(['a…', 'b…', 'anomaly']);
  });

  it('gives up on a reader that does not even take what must arrive', () => {
    const { outbox, state } = anOutbox();
    outbox.may('heartbeats', 'h'.repeat(MIB + 1));
    for (let i = 0; i < 4000; i++) outbox.must('anomaly');
    expect(state.overflows).toBe(0);
    outbox.must('anomaly');
    expect(state.overflows).toBe(1);
  });
});
