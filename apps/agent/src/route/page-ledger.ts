import type { BudgetStanding, PageBudget, RoutingPolicy } from '@sentinellog/shared';
import { DEFAULT_POLICY } from './default-policy.ts';
import { matchesGlob } from '../pipeline/glob.ts';

const HOUR_MS = 3_600_000;
/** The longest budget is a week. */
const KEPT_MS = 168 * HOUR_MS;
/** A page a half minute for a week; the oldest go first. */
const MOST_PAGES = 20_000;
/** The forecast goes by the pace of the newest quarter of a budget's hours. */
const PACE_SHARE = 0.25;

/** One time that somebody was taken out of what they do. */
export interface Page {
  readonly atMs: number;
  readonly incidentId: string;
  /** Whom it is counted for: `service:payment`, `source:<id>`, `person:maria`. */
  readonly subjects: readonly string[];
}

export interface SpentBudget {
  readonly budget: PageBudget;
  readonly subject: string;
  readonly spent: number;
}

/** The pages of the last week, by whom they were about and whom they reached. */
export class PageLedger {
  #pages: Page[] = [];
  #unsaved: Page[] = [];
  /** Pages that were forgotten before their time, because there were too many. */
  dropped = 0;

  restore(pages: readonly Page[]): void {
    this.#pages = [...pages];
  }

  note(page: Page): void {
    this.#pages = this.#pages.filter(({ atMs }) => atMs > page.atMs - KEPT_MS);
    this.#pages.push(page);
    this.#unsaved.push(page);
    for (; this.#pages.length > MOST_PAGES; this.dropped++) this.#pages.shift();
    for (; this.#unsaved.length > MOST_PAGES; this.dropped++) this.#unsaved.shift();
  }

  takeUnsaved(): readonly Page[] {
    return this.#unsaved.splice(0);
  }

  giveBack(pages: readonly Page[]): void {
    this.#unsaved.unshift(...pages);
  }

  /** The first budget that one of these subjects has used up. */
  spentBudget(policy: RoutingPolicy, subjects: readonly string[], nowMs: number): SpentBudget | undefined {
    for (const budget of policy.budgets ?? DEFAULT_POLICY.budgets ?? []) {
      for (const subject of subjects) {
        if (!isFor(budget, subject)) continue;
        const spent = this.#count(subject, nowMs - budget.hours * HOUR_MS);
        if (spent >= budget.pages) return { budget, subject, spent };
      }
    }
    return undefined;
  }

  /** Every subject that has taken a page within a budget's hours, the most spent first. */
  standings(policies: readonly RoutingPolicy[], nowMs: number): readonly BudgetStanding[] {
    const subjects = [...new Set(this.#pages.flatMap((page) => page.subjects))];
    return policies
      .flatMap((policy) =>
        (policy.budgets ?? DEFAULT_POLICY.budgets ?? []).flatMap((budget) =>
          subjects
            .filter((subject) => isFor(budget, subject))
            .map((subject) => this.#standing(policy, budget, subject, nowMs)),
        ),
      )
      .filter(({ spent }) => spent > 0)
      .toSorted((a, b) => b.spent / b.pages - a.spent / a.pages);
  }

  #standing(policy: RoutingPolicy, budget: PageBudget, subject: string, nowMs: number): BudgetStanding {
    const { per, pages, hours } = budget;
    const spanMs = hours * HOUR_MS;
    const spent = this.#count(subject, nowMs - spanMs);
    const recent = this.#count(subject, nowMs - spanMs * PACE_SHARE);
    const forecastMs = recent === 0 ? Number.POSITIVE_INFINITY : ((pages - spent) / recent) * spanMs * PACE_SHARE;
    const isSpent = spent >= pages;
    return {
      policy: policy.name,
      per,
      subject: subject.slice(per.length + 1),
      pages,
      hours,
      spent,
      is_spent: isSpent,
      spent_by_ms: isSpent ? nowMs : forecastMs <= spanMs ? Math.round(nowMs + forecastMs) : null,
    };
  }

  #count(subject: string, sinceMs: number): number {
    return this.#pages.filter((page) => page.atMs > sinceMs && page.subjects.includes(subject)).length;
  }
}

function isFor({ per, match }: PageBudget, subject: string): boolean {
  return subject.startsWith(`${per}:`) && matchesGlob(match, subject.slice(per.length + 1));
}
