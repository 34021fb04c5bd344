"use strict";
// The controls of a report. Without this file everything can be read; with it time can be moved.
// Numbers are pairs of BigInt: nothing here passes through binary floats except positions on the screen.

// --- exact numbers ---------------------------------------------------------------------------

const absolute = (n) => (n < 0n ? -n : n);
const power = (n) => 10n ** BigInt(n);
const integer = (n) => ({ p: BigInt(n), q: 1n });
const plus = (x, y) => ({ p: x.p * y.q + y.p * x.q, q: x.q * y.q });
const times = (x, y) => ({ p: x.p * y.p, q: x.q * y.q });
const minus = (x, y) => ({ p: x.p * y.q - y.p * x.q, q: x.q * y.q });
const compare = (x, y) => { const d = x.p * y.q - y.p * x.q; return d < 0n ? -1 : d > 0n ? 1 : 0; };

const NUMBER = /^([+-]?)(?:(\d+)\/(\d+)|(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?)$/;

/** The rational a text states (p/q, a decimal, 1e-5), or null; `places` is 10^-places of its last digit. */
function parse(text) {
  const match = NUMBER.exec(text.trim().replace("\u2212", "-"));
  if (!match || !(match[2] || match[4] || match[5])) return null;
  const sign = match[1] === "-" ? -1n : 1n;
  if (match[2]) {
    const q = BigInt(match[3]);
    return q === 0n ? null : { p: sign * BigInt(match[2]), q, digits: Infinity };
  }
  const exponent = Number(match[6] || 0);
  if (Math.abs(exponent) > 100000) return null;
  const written = (match[4] || "") + (match[5] || "");
  const places = (match[5] || "").length - exponent;
  const whole = sign * BigInt(written || "0");
  const value = places >= 0 ? { p: whole, q: power(places) } : { p: whole * power(-places), q: 1n };
  return { ...value, places, digits: written.replace(/^0+/, "").length };
}

/** floor(log10 |x|) for x ≠ 0. */
function exponentOf(x) {
  const p = absolute(x.p);
  let e = p.toString().length - x.q.toString().length;
  if (e >= 0 ? p < x.q * power(e) : p * power(-e) < x.q) e -= 1;
  return e;
}

/** x rounded half to even to `digits` significant digits; zeros at the end are dropped only where nothing was lost. */
function decimal(x, digits) {
  if (x.p === 0n) return "0";
  let exponent = exponentOf(x);
  const places = digits - 1 - exponent;
  const p = absolute(x.p) * (places > 0 ? power(places) : 1n);
  const q = x.q * (places < 0 ? power(-places) : 1n);
  let whole = p / q;
  const twice = 2n * (p % q);
  if (twice > q || (twice === q && whole % 2n === 1n)) whole += 1n;
  let text = whole.toString();
  if (text.length > digits) { text = text.slice(0, digits); exponent += 1; }
  if (twice === 0n) text = text.replace(/0+$/, "");
  const sign = x.p < 0n ? "-" : "";
  if (exponent >= -4 && exponent < Math.max(digits, 1)) {
    if (exponent < 0) return sign + "0." + "0".repeat(-exponent - 1) + text;
    text = text.padEnd(exponent + 1, "0");
    const fraction = text.slice(exponent + 1);
    return sign + text.slice(0, exponent + 1) + (fraction ? "." + fraction : "");
  }
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return sign + text[0] + (text.length > 1 ? "." + text.slice(1) : "") + "e" + (exponent < 0 ? "-" : "+") + size;
}

/** p/q in lowest terms. */
function fraction(x) {
  let a = absolute(x.p), b = x.q;
  while (b) [a, b] = [b, a % b];
  return x.q === a ? String(x.p / a) : `${x.p / a}/${x.q / a}`;
}

const toFloat = (x) => (x.p === 0n ? 0 : Number(decimal(x, 17)));

// --- numbers known to some digits: intervals whose ends are exact ----------------------------

const point = (x) => ({ low: x, high: x });
const isPoint = (x) => x.low === x.high;
const spread = (x, half) => ({ low: minus(x, half), high: plus(x, half) });
const sum = (x, y) => (isPoint(x) && isPoint(y) ? point(plus(x.low, y.low))
  : { low: plus(x.low, y.low), high: plus(x.high, y.high) });
const difference = (x, y) => (isPoint(x) && isPoint(y) ? point(minus(x.low, y.low))
  : { low: minus(x.low, y.high), high: minus(x.high, y.low) });
function product(x, y) {
  if (isPoint(x) && isPoint(y)) return point(times(x.low, y.low));
  const ends = [times(x.low, y.low), times(x.low, y.high), times(x.high, y.low), times(x.high, y.high)];
  ends.sort(compare);
  return { low: ends[0], high: ends[3] };
}

const DIGITS = 10;
const LONG = 24;

/** What to show of a number: its decimals, all of them right, and its exact text where it has one. */
function shown(x, most = DIGITS) {
  if (isPoint(x)) {
    const text = decimal(x.low, most), exact = fraction(x.low);
    const rounded = parse(text);
    return { text, exact, relation: compare(rounded, x.low) === 0 ? "=" : "≈" };
  }
  for (let digits = most; digits > 0; digits--) {
    const low = decimal(x.low, digits);
    if (low === decimal(x.high, digits)) return { text: low, exact: null, relation: "≈" };
  }
  const size = [x.low, x.high].map((end) => ({ p: absolute(end.p), q: end.q })).sort(compare)[1];
  return { text: `0 (below 1e${exponentOf(size) + 1})`, exact: null, relation: "≈" };
}

const inLine = (x, most = DIGITS) => {
  const { text, exact, relation } = shown(x, most);
  if (exact === null || exact.length > LONG) return relation === "≈" ? `≈ ${text}` : text;
  return exact === text ? exact : `${exact} ${relation} ${text}`;
};

/** "= 1/3 ≈ 0.3333333333" or "≈ 0.3333333333": what follows the name of a number. */
const equals = (x) => inLine(x).replace(/^([^≈])/, "= $1");

/** The same for a time, which is a decimal as a rule. */
const equalsTime = (t) => { const { text, relation } = shown(t); return relation === "=" ? `= ${text}` : equals(t); };

// --- the page, whatever the report is about --------------------------------------------------

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function addThemeButton() {
  const dark = $("#ui-dark"), byDefault = dark.media;
  const media = { auto: byDefault, light: "not all", dark: "screen" };
  const next = { auto: "dark", dark: "light", light: "auto" };
  const sign = { auto: "◐ Auto", dark: "☾ Dark", light: "☀ Light" };
  const button = make("button", { type: "button", className: "theme" });
  let theme = "auto";
  const set = (name) => {
    theme = name in media ? name : "auto";
    dark.media = media[theme];
    button.textContent = sign[theme];
    button.setAttribute("aria-label", `Colours: ${theme}. Change to ${next[theme]}`);
  };
  button.addEventListener("click", () => {
    set(next[theme]);
    try { localStorage.setItem("exactsaddle-theme", theme); } catch { /* no storage: the choice lasts as long as the page */ }
  });
  let saved = "auto";
  try { saved = localStorage.getItem("exactsaddle-theme") || "auto"; } catch { /* as above */ }
  set(saved);
  $("header.page").append(button);
}

function foldTables() {
  for (const rest of $$("tbody.rest")) {
    const table = rest.closest("table"), all = $$("tbody tr", table).length;
    const button = make("button", { type: "button", className: "fold" });
    const set = (folded) => {
      table.classList.toggle("folded", folded);
      button.textContent = folded ? `Show all ${all} rows` : `Show the first ${all - rest.rows.length} rows only`;
      button.setAttribute("aria-expanded", String(!folded));
    };
    button.addEventListener("click", () => set(!table.classList.contains("folded")));
    set(true);
    table.closest(".table").append(button);
  }
}

/** A button below a long exact value that copies it; without a clipboard it selects the digits. */
function addCopy(card) {
  if ($("button", card)) return;
  const code = $("code", card), button = make("button", { type: "button", textContent: "Copy" });
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(code);
    try { await navigator.clipboard.writeText(code.textContent); button.textContent = "Copied"; }
    catch { button.textContent = document.execCommand("copy") ? "Copied" : "Selected: press Ctrl-C"; }
  });
  card.append(button);
}

/** Saves an embedded file as a Blob: browsers limit the length of the plain link. */
function saveAsBlob(link) {
  const [head, body] = link.href.split(",");
  const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: head.slice(5).split(";")[0] }));
  make("a", { href: url, download: link.download }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function openDetailsForPrint() {
  let opened = [];
  addEventListener("beforeprint", () => { opened = $$("details.more:not([open])"); opened.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => opened.forEach((d) => { d.open = false; }));
}

// --- the path along time ---------------------------------------------------------------------

/** Plateaus as numbers. Decimals of full length are rounded: they stand for half a unit of their last digit around them. */
function readTimeline(data) {
  let full = 1; // the digits of a rounded text; only texts that show decimals can tell
  if (!data.exact) {
    for (const { jump_time, beta, duals, slopes, loss } of data.plateaus) {
      for (const text of [jump_time, loss, ...duals, ...slopes, ...Object.values(beta)]) {
        if (/[.e]/.test(text)) full = Math.max(full, text.replace(/^-?[0.]*|e.*$/g, "").replace(".", "").length);
      }
    }
  }
  const isRounded = (number) => !data.exact && number.digits !== Infinity && number.digits >= full;
  const read = (text) => {
    const number = parse(text);
    if (!isRounded(number)) return point(number);
    const half = number.places >= 0 ? { p: 1n, q: 2n * power(number.places) } : { p: power(-number.places), q: 2n };
    return spread(number, half);
  };
  const side = (text) => (text === "inf" ? null : parse(text));
  const plateaus = data.plateaus.map((plateau) => ({
    since: read(plateau.jump_time),
    loss: read(plateau.loss),
    support: new Set(Object.keys(plateau.beta).map(Number)),
    texts: plateau, // the rest is read when it is shown: 500 × 200 numbers would delay the page
  }));
  return { names: data.names, exact: data.exact, plateaus, read, end: parse(data.end), lower: data.lower.map(side), upper: data.upper.map(side) };
}

/** The plateau on which the limit rests at t, and s(t): t is a rational, or {jump: k} for t_k itself. */
function stateAt(path, t) {
  let k = t.jump;
  if (k === undefined) {
    k = 0;
    let beyond = path.plateaus.length;
    while (beyond - k > 1) {
      const middle = (k + beyond) >> 1;
      if (compare(path.plateaus[middle].since.high, t) <= 0) k = middle; else beyond = middle;
    }
    const next = path.plateaus[k + 1];
    if (next && compare(next.since.low, t) <= 0) return stateAt(path, { jump: k + 1 }); // the digits known do not tell t from t_{k+1}
  }
  const plateau = path.plateaus[k];
  const time = t.jump === undefined ? point(t) : plateau.since;
  const zero = point(integer(0));
  const waited = t.jump === undefined ? difference(time, plateau.since) : zero;
  const atStart = isPoint(waited) && waited.low.p === 0n;
  const dual = (i) => {
    const start = path.read(plateau.texts.duals[i]);
    if (atStart || plateau.texts.slopes[i] === "0") return start;
    return sum(start, product(waited, path.read(plateau.texts.slopes[i])));
  };
  const where = (i, s) => {
    if (!isPoint(s)) return "between";
    if (path.upper[i] && compare(s.low, path.upper[i]) === 0) return "upper threshold";
    if (path.lower[i] && compare(s.low, times(path.lower[i], integer(-1))) === 0) return "lower threshold";
    return "between";
  };
  return { k, plateau, time, dual, where, beta: (i) => (plateau.support.has(i) ? path.read(plateau.texts.beta[i]) : zero), atJump: atStart && k > 0 };
}

/** Positions 0 … 1 of the slider against time, in floats: linear, logarithmic, or one step for each plateau. */
function scales(path, axes) {
  const end = toFloat(path.end), jumps = path.plateaus.map(({ since }) => toFloat(since.low));
  const logs = axes.filter(({ scale }) => scale === "log").map(({ start }) => start);
  const first = logs.length ? Math.min(...logs) : (jumps[1] || end) / 4;
  const span = Math.log(end / first);
  const edges = [...jumps, end];
  const bounded = (x) => Math.min(1, Math.max(0, x));
  const all = {
    linear: { time: (x) => x * end, position: (t) => bounded(t / end) },
    log: {
      time: (x) => (x <= 0 ? 0 : first * Math.exp(x * span)),
      position: (t) => (t <= first ? 0 : bounded(Math.log(t / first) / span)),
    },
    saddle: {
      time: (x) => {
        const along = x * (edges.length - 1), k = Math.min(Math.floor(along), edges.length - 2);
        return edges[k] + (along - k) * (edges[k + 1] - edges[k]);
      },
      position: (t) => {
        let k = edges.length - 2;
        while (k > 0 && t < edges[k]) k -= 1;
        const width = edges[k + 1] - edges[k];
        return bounded((k + (width > 0 ? bounded((t - edges[k]) / width) : 0)) / (edges.length - 1));
      },
    },
  };
  const byDefault = logs.length ? "log" : jumps.length > 1 && jumps[1] * 50 < end ? "saddle" : "linear";
  return { all, byDefault };
}

const timeAlong = (axis, x) => (axis.scale === "log"
  ? axis.start * (axis.end / axis.start) ** x
  : axis.start + x * (axis.end - axis.start));
const placeAlong = (axis, t) => (axis.scale === "log"
  ? (t <= 0 ? -1 : Math.log(t / axis.start) / Math.log(axis.end / axis.start))
  : (t - axis.start) / (axis.end - axis.start));

/** ln(1/alpha) for 0 < alpha < 1, also where alpha is below the smallest float; null otherwise. */
function logScale(text) {
  const alpha = parse(text);
  if (!alpha || alpha.p <= 0n || compare(alpha, integer(1)) >= 0) return null;
  const e = exponentOf(alpha);
  const mantissa = e >= 0 ? { p: alpha.p, q: alpha.q * power(e) } : { p: alpha.p * power(-e), q: alpha.q };
  return -(Math.log(toFloat(mantissa)) + e * Math.LN10);
}

// --- the controls ----------------------------------------------------------------------------

function addTimeControls(data) {
  const path = readTimeline(data);
  const count = path.names.length, last = path.plateaus.length - 1;
  document.body.append($("#ui-dock-template").content.cloneNode(true));
  const dock = $("#ui-dock"), slider = $("#ui-slider"), input = $("#ui-time"), message = $("#ui-time-message");
  const show = (name, text) => $$(`[data-show="${name}"]`, dock).forEach((element) => { element.textContent = text; });
  const hiddenCoordinates = new Set();
  let state = null;

  // Panels: a layer above each, with a cursor, that takes the pointer and the keys.
  const panels = $$("figure[data-axes]").flatMap((figure) => {
    const svg = $(".canvas svg", figure), box = svg && svg.viewBox.baseVal, canvas = $(".canvas", figure);
    return !box || !box.width ? [] : JSON.parse(figure.dataset.axes).map((axis) => {
      const sensor = make("div", { className: "sensor", tabIndex: 0 }, make("div", { className: "cursor" }));
      const percent = (x, of) => `${(100 * x) / of}%`;
      Object.assign(sensor.style, {
        left: percent(axis.left - box.x, box.width), width: percent(axis.right - axis.left, box.width),
        top: percent(axis.top - box.y, box.height), height: percent(axis.bottom - axis.top, box.height),
      });
      sensor.setAttribute("role", "slider");
      sensor.setAttribute("aria-label", `Time in: ${$("h3, h4, h5", figure).textContent}`);
      sensor.setAttribute("aria-valuemin", axis.start);
      sensor.setAttribute("aria-valuemax", axis.end);
      canvas.append(sensor);
      return { sensor, axis, cursor: sensor.firstChild };
    });
  });
  const { all: scaleOf, byDefault } = scales(path, panels.map(({ axis }) => axis));
  $("#ui-scale").value = byDefault;
  const scale = () => scaleOf[$("#ui-scale").value];

  const inWords = () => `t ${equalsTime(state.time)}, plateau ${state.k} of ${last}${state.atJump ? ", at its jump" : ""}`;

  // One row for each coordinate, made once.
  const value = () => make("td", { className: "right" });
  const rows = path.names.map((name) => {
    const cells = { beta: value(), dual: value(), where: make("td") };
    const row = make("tr", {}, make("th", { scope: "row", textContent: name }), cells.beta, cells.dual, cells.where);
    return { row, ...cells };
  });
  $("#ui-state tbody").append(...rows.map(({ row }) => row));
  const card = make("div", { className: "exact", popover: "auto" }, make("span", { className: "exact-head" }), make("code", { tabIndex: 0 }));
  document.body.append(card);

  function fill(cell, number) {
    const { text, exact } = shown(number);
    if (exact === null || exact.length <= LONG) { cell.textContent = inLine(number); return; }
    const button = make("button", { type: "button", className: "number long", textContent: `≈ ${text}`, title: "exact value" });
    button.addEventListener("click", () => {
      $(".exact-head", card).textContent = `≈ ${text} is exactly`;
      $("code", card).textContent = exact;
      $("button", card)?.remove();
      card.showPopover({ source: button });
    });
    cell.replaceChildren(button);
  }

  function showState() {
    if ($("#ui-state").hidden) return;
    const { plateau, k } = state;
    const { entered, left } = plateau.texts;
    const everything = $("#ui-which").value === "all";
    let listed = 0;
    rows.forEach(({ row, beta, dual, where }, i) => {
      const s = state.dual(i), place = state.where(i, s);
      row.hidden = hiddenCoordinates.has(i) || !(everything || plateau.support.has(i) || place !== "between");
      if (row.hidden) return;
      listed += 1;
      fill(beta, state.beta(i));
      fill(dual, s);
      where.textContent = place;
    });
    show("t", equalsTime(state.time));
    fill($('[data-show="since"]', dock), plateau.since);
    fill($('[data-show="loss"]', dock), plateau.loss);
    const names = (list) => list.map((i) => path.names[i]).join(", ");
    const changes = [entered.length ? `entered: ${names(entered)}` : "", left.length ? `left: ${names(left)}` : ""];
    show("k", [`${k} of ${last}`, ...changes.filter(Boolean)].join("; "));
    const ell = logScale($("#ui-alpha").value), t = toFloat(state.time.low);
    $("#ui-alpha").setAttribute("aria-invalid", String(ell === null));
    show("real", ell === null ? "α must be between 0 and 1" : `t·ln(1/α) ≈ ${Number((t * ell).toPrecision(6))}`);
    $("#ui-state-caption").textContent = `${listed} of ${count} coordinates; ${path.exact
      ? "exact rational arithmetic" : "every digit shown is right; the exact values are in the certificate"}`;
  }

  let spoken = 0;
  function moveTo(t, { keepSlider = false, speak = false } = {}) {
    state = stateAt(path, t);
    const now = toFloat(state.time.low);
    if (!keepSlider) slider.value = Math.round(scale().position(now) * Number(slider.max));
    slider.setAttribute("aria-valuetext", inWords());
    input.value = t.text || (isPoint(state.time) && shown(state.time).exact.length <= 60 ? shown(state.time).exact : shown(state.time).text);
    input.setAttribute("aria-invalid", "false");
    message.textContent = "";
    show("summary", `plateau ${state.k} of ${last}${state.atJump ? " (at its jump)" : ""} · loss ${inLine(state.plateau.loss, 7)}`);
    for (const { sensor, cursor, axis } of panels) {
      const x = placeAlong(axis, now);
      cursor.hidden = x < 0 || x > 1;
      cursor.style.left = `${100 * x}%`;
      sensor.setAttribute("aria-valuenow", now);
      sensor.setAttribute("aria-valuetext", inWords());
    }
    showState();
    clearTimeout(spoken);
    if (speak) spoken = setTimeout(() => show("spoken", inWords()), 300);
  }

  /** A float of the screen as a decimal of 6 digits, which is then taken exactly. */
  function fromFloat(t) {
    const text = Math.max(0, t).toPrecision(6).replace(/\.?0+($|e)/, "$1");
    const number = parse(text);
    return compare(number, path.end) > 0 ? { ...path.end, text: data.end } : { ...number, text };
  }
  function jumpBy(step) {
    const here = state.k, inside = !state.atJump && here >= 0 && !(isPoint(state.time) && state.time.low.p === 0n);
    const to = step > 0 ? here + 1 : inside ? here : here - 1;
    if (to >= 0 && to <= last) moveTo({ jump: to }, { speak: true });
    else if (to > last) moveTo({ ...path.end, text: data.end }, { speak: true });
  }
  const jumpKeys = { PageDown: 1, n: 1, PageUp: -1, p: -1 };
  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const step = jumpKeys[event.key];
    if (!step) return false;
    jumpBy(step);
    event.preventDefault();
    return true;
  }

  slider.addEventListener("input", () => moveTo(fromFloat(scale().time(slider.value / slider.max)), { keepSlider: true }));
  slider.addEventListener("keydown", onKey);
  $("#ui-previous").addEventListener("click", () => jumpBy(-1));
  $("#ui-next").addEventListener("click", () => jumpBy(1));
  $("#ui-scale").addEventListener("change", () => { slider.value = Math.round(scale().position(toFloat(state.time.low)) * slider.max); });
  $("#ui-which").addEventListener("change", showState);
  $("#ui-alpha").addEventListener("input", showState);
  function goToInput() {
    const t = parse(input.value);
    const problem = !t ? `"${input.value}" is not a time: write 3/10, 0.25 or 1e-5`
      : t.p < 0n ? "time starts at 0"
        : compare(t, path.end) > 0 ? `this report shows times up to ${data.end}` : "";
    if (problem) { message.textContent = problem; input.setAttribute("aria-invalid", "true"); return; }
    moveTo({ ...t, text: input.value.trim() }, { speak: true });
  }
  $(".fields", dock).addEventListener("submit", (event) => { event.preventDefault(); goToInput(); });
  input.addEventListener("change", goToInput);

  // Drawers: one open at a time; Escape closes it. The page ends above the dock, however high that is.
  const openers = $$("button[aria-controls]", dock);
  const drawerOf = (button) => $(`#${button.getAttribute("aria-controls")}`);
  function openOnly(chosen) {
    for (const button of openers) {
      drawerOf(button).hidden = button !== chosen;
      button.setAttribute("aria-expanded", String(button === chosen));
    }
    showState();
  }
  const small = $("#ui-small");
  small.addEventListener("click", () => {
    const pressed = $("#ui-state").classList.toggle("small");
    small.setAttribute("aria-pressed", String(pressed));
  });
  for (const button of openers) button.addEventListener("click", () => openOnly(drawerOf(button).hidden ? button : null));
  dock.addEventListener("keydown", (event) => {
    const open = openers.find((button) => !drawerOf(button).hidden);
    if (event.key !== "Escape" || !open || event.defaultPrevented) return;
    if (drawerOf(open).contains(document.activeElement)) open.focus();
    openOnly(null);
  });
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--dock", `${dock.offsetHeight}px`);
  }).observe(dock);

  // Coordinates: one checkbox each.
  const boxes = path.names.map((name, i) => {
    const box = make("input", { type: "checkbox", checked: true, id: `ui-coordinate-${i}` });
    box.addEventListener("change", () => { setShown(i, box.checked); showState(); });
    const label = make("label", {}, box, make("span", { textContent: name }));
    return { box, label, text: `${name} ${i}`.toLowerCase() };
  });
  $("#ui-coordinates fieldset").append(...boxes.map(({ label }) => label));
  function setShown(i, visible) {
    boxes[i].box.checked = visible;
    if (visible) hiddenCoordinates.delete(i); else hiddenCoordinates.add(i);
    for (const element of $$(`.canvas .coordinate-${i}`)) element.classList.toggle("off", !visible);
  }
  const setListed = (wanted) => {
    boxes.forEach(({ label }, i) => { if (!label.hidden) setShown(i, wanted(i)); });
    showState();
  };
  $("#ui-show-all").addEventListener("click", () => setListed(() => true));
  $("#ui-show-none").addEventListener("click", () => setListed(() => false));
  $("#ui-show-support").addEventListener("click", () => setListed((i) => state.plateau.support.has(i)));
  $("#ui-filter").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const { label, text } of boxes) label.hidden = !text.includes(wanted);
  });

  // What the pointer or the focus is on: t, plateau, loss, and the coordinate beneath or those in the support.
  const tip = make("div", { id: "ui-tip", hidden: true });
  tip.setAttribute("aria-hidden", "true"); // the slider's value text says the same
  document.body.append(tip);
  function describe(found, chosen) {
    const lines = [`t ${equalsTime(found.time)}`, `plateau ${found.k} of ${last}, loss ${inLine(found.plateau.loss)}`];
    const support = [...found.plateau.support].filter((i) => !hiddenCoordinates.has(i));
    const listed = chosen.length ? chosen : support.slice(0, 6);
    for (const i of listed) lines.push(`${path.names[i]}: β ${equals(found.beta(i))}, s ${equals(found.dual(i))}`);
    if (!chosen.length && support.length > listed.length) lines.push(`and ${support.length - listed.length} more in the support`);
    return lines.join("\n");
  }
  function showTip(text, x, y) {
    tip.textContent = text;
    tip.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = tip;
    tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 4))}px`;
    tip.style.top = `${y - height - 14 > 4 ? y - height - 14 : y + 18}px`;
  }
  const coordinatesAt = (x, y) => {
    const found = document.elementsFromPoint(x, y).map((element) => /\bcoordinate-(\d+)\b/.exec(element.closest('[class*="coordinate-"]')?.getAttribute("class") || ""));
    return [...new Set(found.filter(Boolean).map((match) => Number(match[1])).filter((i) => i < count))].slice(0, 4);
  };
  for (const panel of panels) {
    const { sensor, axis } = panel;
    const timeAt = (event) => {
      const { left, width } = sensor.getBoundingClientRect();
      return fromFloat(timeAlong(axis, Math.min(1, Math.max(0, (Math.floor(event.clientX) - left) / width))));
    };
    sensor.addEventListener("pointermove", (event) => {
      const t = timeAt(event);
      if (event.buttons && event.pointerType === "mouse") moveTo(t);
      showTip(describe(stateAt(path, t), coordinatesAt(event.clientX, event.clientY)), event.clientX, event.clientY);
    });
    sensor.addEventListener("pointerleave", () => { tip.hidden = true; });
    sensor.addEventListener("click", (event) => moveTo(timeAt(event)));
    panel.showTip = () => {
      const { left, top, width } = sensor.getBoundingClientRect();
      const x = Math.min(1, Math.max(0, placeAlong(axis, toFloat(state.time.low))));
      showTip(describe(state, []), left + x * width, Math.max(top, 20) + 20);
    };
    sensor.addEventListener("focus", () => { if (sensor.matches(":focus-visible")) panel.showTip(); });
    sensor.addEventListener("blur", () => { tip.hidden = true; });
    sensor.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      const now = placeAlong(axis, toFloat(state.time.low));
      if (event.key === "Escape") { tip.hidden = true; return; }
      if (step) moveTo(fromFloat(timeAlong(axis, Math.min(1, Math.max(0, now + step / 200)))));
      else if (event.key === "Home") moveTo(fromFloat(axis.start));
      else if (event.key === "End") moveTo(fromFloat(axis.end));
      else if (!onKey(event)) return;
      event.preventDefault();
      panel.showTip();
    });
  }
  addEventListener("scroll", () => {
    const focused = panels.find(({ sensor }) => sensor.matches(":focus-visible"));
    if (focused && !tip.hidden) focused.showTip(); else tip.hidden = true;
  }, { passive: true, capture: true });

  moveTo(integer(0));
}

addThemeButton();
foldTables();
openDetailsForPrint();
document.addEventListener("toggle", (event) => { if (event.newState === "open" && event.target.matches(".exact")) addCopy(event.target); }, true);
document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a.save");
  if (link) { event.preventDefault(); saveAsBlob(link); }
});
if ($("#ui-timeline")) addTimeControls(JSON.parse($("#ui-timeline").textContent));
