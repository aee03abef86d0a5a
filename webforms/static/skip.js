/* Skip logic in the browser: the twin of questionnaires/expressions.
 *
 * Nothing is evaluated as code: conditions come as trees; values are a Map from names to answers.
 * Numbers are fractions {n, d} of BigInt with d > 0 in lowest terms, days are {day} counted from
 * 1 January of the year 1, and null is unknown. A browser without BigInt does not read this file
 * and shows the page as the server wrote it.
 */
"use strict";

const skipLogic = (() => {
  const LARGEST = 10n ** 48n;
  const LAST_DAY = 3652059; // 31 December 9999
  const MISSING = ["94", "95", "96", "97", "98", "99"];
  const CONDITIONS = [
    "=", "!=", "<", "<=", ">", ">=", "and", "or", "not", "selected", "answered",
  ];
  const ORDER = {
    "<": (sign) => sign < 0,
    "<=": (sign) => sign <= 0,
    ">": (sign) => sign > 0,
    ">=": (sign) => sign >= 0,
  };

  /* Decide a condition: true, false, or null where the answers given so far do not decide. */
  function evaluate(tree, values) {
    if (!Array.isArray(tree) || !CONDITIONS.includes(tree[0])) {
      throw new TypeError(`a condition is expected where the tree has ${JSON.stringify(tree)}`);
    }
    const [operator, ...parts] = tree;
    if (operator === "and" || operator === "or") {
      return joined(parts, values, operator === "or");
    }
    if (operator === "not") {
      const inner = evaluate(parts[0], values);
      return inner === null ? null : !inner;
    }
    if (operator === "answered") {
      const given = values.get(parts[0][1]);
      return typeof given === "number" || Boolean(given && given.length);
    }
    return compared(operator, value(parts[0], values), value(parts[1], values));
  }

  /* Join by "and", which a false decides, or by "or", which a true decides. */
  function joined(parts, values, deciding) {
    let unknown = false;
    for (const part of parts) {
      const decided = evaluate(part, values);
      if (decided === deciding) {
        return deciding;
      }
      unknown = unknown || decided === null;
    }
    return unknown ? null : !deciding;
  }

  function compared(operator, left, right) {
    if (left === null || right === null) {
      return null;
    }
    if (operator === "selected") {
      return Array.isArray(left) ? left.includes(right) : equal(left, right);
    }
    if (operator in ORDER) {
      return areAlike(left, right) ? ORDER[operator](order(left, right)) : null;
    }
    return equal(left, right) === (operator === "=");
  }

  function equal(left, right) {
    if (areAlike(left, right)) {
      return order(left, right) === 0;
    }
    if (Array.isArray(left) && Array.isArray(right)) {
      return left.length === right.length && left.every((code, place) => code === right[place]);
    }
    return left === right;
  }

  const isNumber = (known) => known.n !== undefined;
  const isDay = (known) => known.day !== undefined;
  const areAlike = (left, right) =>
    (isNumber(left) && isNumber(right)) || (isDay(left) && isDay(right));

  /* Compare two numbers or two days: negative, 0 or positive. */
  function order(left, right) {
    if (isDay(left)) {
      return left.day - right.day;
    }
    const difference = left.n * right.d - right.n * left.d;
    return difference === 0n ? 0 : difference < 0n ? -1 : 1;
  }

  /* Compute a value: a number, a day, a code or text, codes, or null. */
  function value(node, values) {
    if (typeof node === "string") {
      return node;
    }
    if (typeof node === "number") {
      return whole(node);
    }
    const [operator, ...parts] = node;
    if (operator === "v") {
      return answer(values.get(parts[0]), parts[1]);
    }
    if (operator === "n") {
      return numberOf(parts[0]);
    }
    if (operator === "date") {
      return dayOf(parts[0]);
    }
    if (operator === "if") {
      const decided = evaluate(parts[0], values);
      return decided === null ? null : value(parts[decided ? 1 : 2], values);
    }
    const operands = parts.map((part) => value(part, values));
    if (operator === "coalesce") {
      return operands.find((operand) => operand !== null) ?? null;
    }
    return operands.includes(null) ? null : FUNCTIONS[operator](...operands);
  }

  /* Read an answer as its kind is stored; a missing code stays the text it is. */
  function answer(given, reading) {
    if (given === undefined) {
      return null;
    }
    if (typeof given === "number") {
      return whole(given);
    }
    if (!reading || Array.isArray(given) || given.startsWith("#")) {
      return given;
    }
    return reading === "decimal" ? numberOf(given) : dayOf(given);
  }

  const whole = (number) => ({ n: BigInt(number), d: 1n });

  /* Bring a fraction to lowest terms; null where it is larger or finer than answers can make it. */
  function fraction(numerator, denominator) {
    const sign = denominator < 0n ? -1n : 1n;
    const divisor = sign * greatestDivisor(numerator, denominator);
    const n = numerator / divisor;
    const d = denominator / divisor;
    return n > LARGEST || n < -LARGEST || d > LARGEST ? null : { n, d };
  }

  function greatestDivisor(left, right) {
    while (right) {
      [left, right] = [right, left % right];
    }
    return left < 0n ? -left : left;
  }

  function numberOf(text) {
    const match = /^(-?[0-9]{1,48})(?:\.([0-9]{1,9}))?$/.exec(text);
    if (!match) {
      return null;
    }
    const decimals = match[2] ?? "";
    return fraction(BigInt(match[1] + decimals), 10n ** BigInt(decimals.length));
  }

  function dayOf(text) {
    const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
    if (!match) {
      return null;
    }
    const [year, month, day] = match.slice(1).map(Number);
    const known = { day: dayNumber(year, month, day) };
    return year > 0 && dayText(known.day) === text ? known : null;
  }

  /* Count days from 1 January of the year 1; a year begins in March, so that leap days end it. */
  function dayNumber(year, month, day) {
    const y = month > 2 ? year : year - 1;
    const m = month > 2 ? month - 3 : month + 9;
    const leaps = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
    return 365 * y + leaps + Math.floor((153 * m + 2) / 5) + day - 306;
  }

  function dayText(number) {
    let year = Math.floor(number / 365.2425) + 1;
    year -= dayNumber(year, 1, 1) > number ? 1 : 0;
    let month = 12;
    while (dayNumber(year, month, 1) > number) {
      month -= 1;
    }
    const day = number - dayNumber(year, month, 1) + 1;
    return [[year, 4], [month, 2], [day, 2]]
      .map(([part, width]) => String(part).padStart(width, "0"))
      .join("-");
  }

  function shifted(known, number) {
    const day = known.day + Number(number.n);
    return number.d > 1n || !(day >= 1 && day <= LAST_DAY) ? null : { day };
  }

  function added(left, right) {
    if (isNumber(left) && isNumber(right)) {
      return fraction(left.n * right.d + right.n * left.d, left.d * right.d);
    }
    if (isDay(left) && isNumber(right)) {
      return shifted(left, right);
    }
    return isNumber(left) && isDay(right) ? shifted(right, left) : null;
  }

  function difference(left, right) {
    if (isDay(left) && isDay(right)) {
      return whole(left.day - right.day);
    }
    return isNumber(right) ? added(left, negated(right)) : null;
  }

  const multiplied = (left, right) =>
    isNumber(left) && isNumber(right) ? fraction(left.n * right.n, left.d * right.d) : null;

  const quotient = (left, right) =>
    isNumber(left) && isNumber(right) && right.n !== 0n
      ? fraction(left.n * right.d, left.d * right.n)
      : null;

  const negated = (operand) => (isNumber(operand) ? { n: -operand.n, d: operand.d } : null);

  /* Round half away from zero. */
  function rounded(operand, places) {
    if (!isNumber(operand) || !isNumber(places)) {
      return null;
    }
    const scale = 10n ** places.n;
    return fraction(scaled(operand, scale), scale);
  }

  function scaled(number, scale) {
    const magnitude = number.n < 0n ? -number.n : number.n;
    const half = (magnitude * scale * 2n + number.d) / (number.d * 2n);
    return number.n < 0n ? -half : half;
  }

  /* Apply a step from left to right until something is unknown. */
  const folded = (step) => (...operands) =>
    operands.reduce((total, operand) => (total === null ? null : step(total, operand)));

  const extreme = (wanted) => (...operands) =>
    operands.every((operand) => areAlike(operands[0], operand))
      ? operands.reduce((best, next) => (order(next, best) * wanted > 0 ? next : best))
      : null;

  /* Count the codes chosen; a missing code that stands alone is no choice. */
  function count(chosen) {
    const missing = chosen.length === 1 && MISSING.includes(chosen[0]);
    return !Array.isArray(chosen) || missing ? null : whole(chosen.length);
  }

  const FUNCTIONS = {
    "+": folded(added),
    "-": difference,
    "*": folded(multiplied),
    div: quotient,
    neg: negated,
    round: rounded,
    min: extreme(-1),
    max: extreme(1),
    "count-selected": count,
  };

  /* Compute a value as text, for pages and tests: "7/2", "2022-10-31", a code; null is unknown. */
  function compute(tree, values) {
    const known = value(tree, values);
    if (known === null || typeof known === "string") {
      return known;
    }
    if (isDay(known)) {
      return dayText(known.day);
    }
    return isNumber(known) ? `${known.n}/${known.d}` : null;
  }

  /* Write a number with exactly so many decimals, as a calculation is stored; null is unknown. */
  function decimalText(tree, places, values) {
    const known = value(tree, values);
    if (known === null || !isNumber(known)) {
      return null;
    }
    const units = scaled(known, 10n ** BigInt(places));
    const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
    const whole = digits.length - places;
    const text = places ? `${digits.slice(0, whole)}.${digits.slice(whole)}` : digits;
    return units < 0n ? `-${text}` : text;
  }

  return { evaluate, compute, decimalText };
})();
