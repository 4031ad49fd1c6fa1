import { describe, expect, it } from 'vitest';
import { ClusterBook, type ClusterMerge } from './cluster-book.ts';
import type { Embedding } from './embedding.ts';

function bookOf(...texts: readonly string[]) {
  const merges: ClusterMerge[] = [];
  const book = new ClusterBook((merge) => merges.push(merge));
  for (const text of texts) book.assign(text, text);
  const groups = () => [...book.ids()].map((id) => book.membersOf(id));
  const names = () => [...book.ids()].map((id) => book.nameOf(id));
  return { book, merges, groups, names };
}

describe('templates that mean the same', () => {
  it('are one cluster, however they say it', () => {
    const timeouts = [
      'payment-service did not answer for <*> within <*> ms',
      'order <*> abandoned after <*> attempts: payment timed out',
      'call to payment-service failed: deadline exceeded for order <*>',
    ];
    const pool = [
      'connection pool exhausted: <*> in use, <*> waiting',
      'payment <*> failed: no database connection within <*> ms',
    ];
    expect(bookOf(...timeouts, ...pool).groups()).toEqual([timeouts, pool]);
  });

  it('are not one cluster with what went well, nor with what failed otherwise, nor elsewhere', () => {
    const apart = [
      'login succeeded for <*> from <*>',
      'login failed for <*> from <*>: wrong password',
      'card charged for order <*>',
      'card declined for order <*>',
      'connection refused by payment-db',
      'connection refused by search-db while reading index',
      'connection to payment-db timed out',
      'slow query <*> ms',
      'slow upstream <*>: <*> ms',
    ];
    expect(bookOf(...apart).groups()).toEqual(apart.map((text) => [text]));
  });

  it('have names that people would use', () => {
    const { names } = bookOf(
      'connection to payment-db timed out after <*> ms',
      'card declined for <*>: <*>',
      'connection pool exhausted: 50/50 in use, <*> waiting',
      'order <*> placed by user <*>',
      'retention=<*> sweep (<*>/50 done)',
      '<*> <*>',
      'GET <*> <*> <*>ms',
      'could not store payment <*>\njava.sql.SQLException: deadlock detected\n\tat shop.Store.insert(Store.java:<*>)',
    );
    expect(names()).toEqual([
      'Timeouts calling payment-db',
      'Card declined',
      'Connection pool exhausted',
      'Order placed by user',
      'Sweep done',
      'Messages without words',
      'GET requests',
      'Deadlocks',
    ]);
  });

  it('keep their cluster and its id, whatever comes later', () => {
    const { book } = bookOf('order <*> placed', 'payment <*> captured');
    const before = book.clusterOf('order <*> placed');
    for (let n = 0; n < 200; n++)
      book.assign(`t${n}`, `module ${n.toString(36)}x${n} reports state w${n * 7} of thing <*>`);
    expect(book.clusterOf('order <*> placed')).toBe(before);
    expect(before).toBe('order <*> placed');
  });

  it('are put alike whenever they come in the same order', () => {
    const texts = Array.from(
      { length: 60 },
      (_, n) => `shard ${['north', 'south', 'east'][n % 3]} step${n % 7} of job <*> done in <*> ms`,
    );
    expect(bookOf(...texts).groups()).toEqual(bookOf(...texts).groups());
  });
});

describe('clusters that people arrange', () => {
  it('stay merged: the other id leads to the one, and new templates of its kind go there', () => {
    const { book } = bookOf('order <*> placed', 'cart <*> checked out');
    book.merge(['cart <*> checked out'], 'order <*> placed');
    expect(book.resolve('cart <*> checked out')).toBe('order <*> placed');
    expect(book.membersOf('order <*> placed')).toEqual(['order <*> placed', 'cart <*> checked out']);
    expect(book.assignment('cart <*> checked out')).toMatchObject({ byHand: true });
  });

  it('stay split, and the cluster that was left keeps its id', () => {
    const [one, other] = ['login failed for <*> from <*>', 'login failed for admin <*> from <*>'];
    const { book, groups } = bookOf(one, other);
    expect(groups()).toEqual([[one, other]]);
    const planned = book.plannedSplit([one]);
    book.split([{ id: one, text: one }]);
    // Its own id stays with the cluster that it founded.
    expect(planned.clusterId).toBe(`${one}-2`);
    expect(book.clusterOf(one)).toBe(`${one}-2`);
    expect(book.clusterOf(other)).toBe(one);
  });

  it('come back as they were stored', () => {
    const { book } = bookOf('order <*> placed', 'cart <*> checked out', 'card declined for <*>');
    book.merge(['cart <*> checked out'], 'order <*> placed');
    const ids = ['order <*> placed', 'cart <*> checked out', 'card declined for <*>'];
    const restored = new ClusterBook();
    restored.restore(
      [...book.ids()].map((id) => book.stored(id)!),
      ids.toReversed().map((id) => ({ ...book.assignment(id), text: id })),
      [{ from: 'cart <*> checked out', to: 'order <*> placed' }],
    );
    for (const id of ids) expect(restored.assignment(id)).toEqual(book.assignment(id));
    expect(restored.nameOf('order <*> placed')).toBe('Order placed');
    expect(restored.resolve('cart <*> checked out')).toBe('order <*> placed');
  });

  it('are merged by themselves only when what comes between makes them the same, and that is announced', () => {
    const one = 'shard alpha bravo closed <*>';
    const other = 'bravo closed segment lease <*>';
    const { book, merges } = bookOf(one, other);
    expect(book.clusterOf(other)).toBe(other);
    for (let n = 0; n < 8 && merges.length === 0; n++) book.assign(`bridge ${n}`, 'alpha bravo closed segment <*>');
    expect(merges).toHaveLength(1);
    const [{ from, to }] = merges;
    expect(book.resolve(from)).toBe(to);
    expect(book.clusterOf(other)).toBe(book.clusterOf(one));
  });

  it('are not merged by themselves once people have arranged one of them', () => {
    const one = 'shard alpha bravo closed <*>';
    const other = 'bravo closed segment lease <*>';
    const { book, merges } = bookOf(one, other, 'lease ended <*>');
    book.merge(['lease ended <*>'], other);
    for (let n = 0; n < 20; n++) book.assign(`bridge ${n}`, 'alpha bravo closed segment <*>');
    expect(merges).toEqual([]);
  });

  it('are let go with the last of their templates', () => {
    const { book } = bookOf('order <*> placed', 'card declined for <*>');
    book.forget((id) => id !== 'order <*> placed');
    expect([...book.ids()]).toEqual(['card declined for <*>']);
    expect(book.clusterOf('order <*> placed')).toBeUndefined();
  });
});

/** Kin are all that are asked about. */
const kinOf = (share: number, ...templates: string[]) => ({ templates: () => templates, kinship: () => share });

describe('traces and clusters', () => {
  const call = 'call to inventory-api failed: deadline exceeded after <*> ms';
  const told = 'checkout gave up on stock: timed out waiting for an answer';
  it('one failure that two services tell of in the same traces is one cluster', () => {
    const { book, merges, groups } = bookOf(call, told);
    expect(groups()).toHaveLength(2);
    book.mergeKin(kinOf(0.3, call, told));
    expect(groups()).toHaveLength(2);
    book.mergeKin(kinOf(0.9, call, told));
    expect(groups()).toHaveLength(1);
    expect(merges).toHaveLength(1);
  });

  it('what comes in the same traces and is no failure, or another one, stays apart', () => {
    const texts = [call, 'order <*> accepted', 'order <*> paid', 'card declined for order <*>'];
    const { book, groups } = bookOf(...texts);
    book.mergeKin(kinOf(1, ...texts));
    expect(groups()).toEqual(texts.map((text) => [text]));
  });

  it('what people have arranged is not merged by traces', () => {
    const { book, groups } = bookOf(call, told);
    book.split([{ id: told, text: told }]);
    book.mergeKin(kinOf(1, call, told));
    expect(groups()).toHaveLength(2);
  });
});

describe('an embedding', () => {
  /** As small as one can be, and the same every time: what the text speaks of, along two axes. */
  const beverages: Embedding = {
    name: 'beverages',
    embed: (text) => [/coffee|espresso/.test(text) ? 1 : 0, /tea|brew/.test(text) ? 1 : 0],
  };
  const texts = ['coffee machine warmed up', 'espresso nozzle heated <*>', 'tea kettle boiled'];

  it('finds what means the same in other words', () => {
    const book = new ClusterBook(undefined, beverages);
    for (const text of texts) book.assign(text, text);
    expect([...book.ids()].map((id) => book.membersOf(id))).toEqual([[texts[0], texts[1]], [texts[2]]]);
  });

  it('is not there unless it is set', () => {
    expect(bookOf(...texts).groups()).toHaveLength(3);
  });
});
