import type { RegistrableDomain } from '../model/brand.ts';
import type { Registrations } from '../registration/registrations.ts';
import type { Ages } from './scoring.ts';

const DAY_MS = 86_400_000;
/** The registry of registries changes a few times a month. */
const REFRESH_MS = 2 * DAY_MS;

/** The ages of domains by what registries say, and their list of services kept fresh. */
export class DomainAges implements Ages {
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly registrations: Registrations,
    notice: (text: string) => void,
  ) {
    this.#timer = setInterval(() => void this.#refresh(notice), REFRESH_MS);
    this.#timer.unref();
  }

  days(domain: RegistrableDomain): number | null | undefined {
    const answer = this.registrations.age(domain);
    if (answer === null) return undefined;
    return answer.kind === 'registered' ? (Date.now() - answer.at) / DAY_MS : null;
  }

  async ask(domain: RegistrableDomain): Promise<void> {
    await this.registrations.ask(domain);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #refresh(notice: (text: string) => void): Promise<void> {
    const result = await this.registrations.refreshBootstrap();
    if (result.kind === 'failed') notice(`the list of RDAP services stays as it was: ${result.error}`);
  }
}
