import { drawOver } from './print.ts';

const REDRAW_MS = 250;

/** Waits for something long, and counts the seconds on standard error when that is a terminal. */
export async function withWaiting<T>(what: string, work: Promise<T>): Promise<T> {
  const since = performance.now();
  const draw = () => drawOver(`${what}: ${Math.floor((performance.now() - since) / 1_000)} s`);
  draw();
  const timer = setInterval(draw, REDRAW_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    drawOver(null);
  }
}
