/** A place on the search line. */
interface LinePoint {
  readonly step: number;
  readonly value: number;
  /** The derivative along the line. */
  readonly slope: number;
}

/** Sufficient decrease and curvature of the strong Wolfe conditions. */
const decrease = 1e-4;
const curvature = 0.9;
const maxTrials = 40;
const shortestStep = 1e-20;

/**
 * Searches a step that satisfies the strong Wolfe conditions (More and Thuente 1994, "Line search
 * algorithms with guaranteed sufficient decrease"). Yields steps and takes what the line has there;
 * ends with whether the last yielded step satisfies them. A value that is not finite counts as too far.
 */
export function* wolfeSearch(
  start: LinePoint,
  firstStep: number,
  longestStep: number,
): Generator<number, boolean, LinePoint> {
  const bracket = new Bracket(start, firstStep, longestStep);
  for (let trial = 0; trial < maxTrials; trial++) {
    const found = yield bracket.step;
    if (!Number.isFinite(found.value) || !Number.isFinite(found.slope)) bracket.shorten();
    else if (bracket.satisfied(found)) return true;
    else if (bracket.exhausted(found)) return false;
    else bracket.narrow(found);
  }
  return false;
}

class Bracket {
  step: number;
  readonly #start: LinePoint;
  #longest: number;
  #best: LinePoint;
  #other: LinePoint;
  #bracketed = false;
  #decreased = false;
  #low = 0;
  #high: number;
  #width: number;
  #widthBefore: number;

  constructor(start: LinePoint, firstStep: number, longestStep: number) {
    this.#start = start;
    this.#longest = longestStep;
    this.#best = { ...start, step: 0 };
    this.#other = this.#best;
    this.step = Math.min(firstStep, longestStep);
    this.#high = 5 * this.step;
    this.#width = longestStep;
    this.#widthBefore = 2 * longestStep;
  }

  #allowed(step: number): number {
    return this.#start.value + step * decrease * this.#start.slope;
  }

  satisfied(found: LinePoint): boolean {
    const enough = found.value <= this.#allowed(found.step);
    // At the longest step that is allowed, going down further is all that can be asked.
    if (enough && found.step >= this.#longest) return found.slope <= 0;
    return enough && Math.abs(found.slope) <= -curvature * this.#start.slope;
  }

  exhausted(found: LinePoint): boolean {
    const { step } = found;
    const narrow = this.#high - this.#low <= Number.EPSILON * this.#high;
    if (this.#bracketed && (step <= this.#low || step >= this.#high || narrow)) return true;
    return step <= shortestStep;
  }

  /** The function is not finite there: nothing beyond is tried any more. */
  shorten(): void {
    this.#longest = this.step;
    this.step = this.#best.step + 0.25 * (this.step - this.#best.step);
  }

  narrow(found: LinePoint): void {
    const above = found.value > this.#allowed(found.step);
    if (!above && found.slope >= 0) this.#decreased = true;
    // Until a step decreased enough, the bracket is of the function less the allowed decrease.
    const tilt = !this.#decreased && above && found.value <= this.#best.value;
    const by = tilt ? decrease * this.#start.slope : 0;
    const next = chooseStep(
      tilted(this.#best, by),
      tilted(this.#other, by),
      tilted(found, by),
      this.#bracketed,
      this.#low,
      this.#high,
    );
    this.#best = tilted(next.best, -by);
    this.#other = tilted(next.other, -by);
    this.#bracketed = next.bracketed;
    this.#setLimits(next.step);
  }

  #setLimits(step: number): void {
    const [best, other] = [this.#best.step, this.#other.step];
    let next = step;
    if (this.#bracketed) {
      if (Math.abs(other - best) >= 0.66 * this.#widthBefore) next = best + 0.5 * (other - best);
      this.#widthBefore = this.#width;
      this.#width = Math.abs(other - best);
      this.#low = Math.min(best, other);
      this.#high = Math.max(best, other);
    } else {
      this.#low = next + 1.1 * (next - best);
      this.#high = next + 4 * (next - best);
    }
    next = Math.max(shortestStep, Math.min(next, this.#longest));
    const narrow = this.#high - this.#low <= Number.EPSILON * this.#high;
    const outside = next <= this.#low || next >= this.#high;
    this.step = this.#bracketed && (outside || narrow) ? best : next;
  }
}

function tilted(point: LinePoint, by: number): LinePoint {
  if (by === 0) return point;
  const { step, value, slope } = point;
  return { step, value: value - step * by, slope: slope - by };
}

interface Choice {
  readonly best: LinePoint;
  readonly other: LinePoint;
  readonly bracketed: boolean;
  readonly step: number;
}

/** The safeguarded cubic and quadratic steps of section 4 of the paper. */
function chooseStep(
  x: LinePoint,
  y: LinePoint,
  t: LinePoint,
  bracketed: boolean,
  low: number,
  high: number,
): Choice {
  const opposed = t.slope * Math.sign(x.slope) < 0;
  if (t.value > x.value) {
    const cubic = cubicStep(x, t);
    const quadratic = parabolaStep(x, t);
    const nearer = Math.abs(cubic - x.step) < Math.abs(quadratic - x.step);
    const step = nearer ? cubic : cubic + (quadratic - cubic) / 2;
    return { best: x, other: t, bracketed: true, step };
  }
  if (opposed) {
    const cubic = cubicStep(t, x);
    const secant = secantStep(x, t);
    const further = Math.abs(cubic - t.step) > Math.abs(secant - t.step);
    return { best: t, other: x, bracketed: true, step: further ? cubic : secant };
  }
  const step =
    Math.abs(t.slope) < Math.abs(x.slope)
      ? flatterStep(x, y, t, bracketed, low, high)
      : steeperStep(x, y, t, bracketed, low, high);
  return { best: t, other: y, bracketed, step };
}

/** The value and the slope fall: the cubic may have no minimum, or one on the wrong side. */
function flatterStep(
  x: LinePoint,
  y: LinePoint,
  t: LinePoint,
  bracketed: boolean,
  low: number,
  high: number,
): number {
  const { theta, gamma } = cubicTerms(x, t, true);
  const sign = t.step > x.step ? -gamma : gamma;
  const r = (sign - t.slope + theta) / (sign + (x.slope - t.slope) + sign);
  const far = t.step > x.step ? high : low;
  const cubic = r < 0 && gamma !== 0 ? t.step + r * (x.step - t.step) : far;
  const secant = secantStep(x, t);
  const cubicNearer = Math.abs(cubic - t.step) < Math.abs(secant - t.step);
  if (!bracketed) return Math.max(low, Math.min(cubicNearer ? secant : cubic, high));
  const limit = t.step + 0.66 * (y.step - t.step);
  const step = cubicNearer ? cubic : secant;
  return t.step > x.step ? Math.min(limit, step) : Math.max(limit, step);
}

function steeperStep(
  x: LinePoint,
  y: LinePoint,
  t: LinePoint,
  bracketed: boolean,
  low: number,
  high: number,
): number {
  if (bracketed) return cubicStep(t, y);
  return t.step > x.step ? high : low;
}

function cubicTerms(a: LinePoint, b: LinePoint, clip: boolean): { theta: number; gamma: number } {
  const theta = (3 * (a.value - b.value)) / (b.step - a.step) + a.slope + b.slope;
  const s = Math.max(Math.abs(theta), Math.abs(a.slope), Math.abs(b.slope));
  const inside = (theta / s) ** 2 - (a.slope / s) * (b.slope / s);
  return { theta, gamma: s === 0 ? 0 : s * Math.sqrt(clip ? Math.max(0, inside) : inside) };
}

/** The minimum of the cubic through both points' values and slopes, seen from a. */
function cubicStep(a: LinePoint, b: LinePoint): number {
  const { theta, gamma } = cubicTerms(a, b, true);
  const sign = b.step < a.step ? -gamma : gamma;
  const r = (sign - a.slope + theta) / (sign - a.slope + sign + b.slope);
  return a.step + r * (b.step - a.step);
}

/** The minimum of the parabola through both values and the slope at a. */
function parabolaStep(a: LinePoint, b: LinePoint): number {
  const width = b.step - a.step;
  return a.step + (a.slope / ((a.value - b.value) / width + a.slope) / 2) * width;
}

function secantStep(a: LinePoint, b: LinePoint): number {
  return b.step + (b.slope / (b.slope - a.slope)) * (a.step - b.step);
}
