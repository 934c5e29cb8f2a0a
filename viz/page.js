// The step-through page: shows a recorded computation step by step.
//
// All numbers arrive as text, written by the same function as everywhere else; nothing is
// computed here. Text goes into the page as text, never as markup.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = data.rows;
  const at = (id) => document.getElementById(id);
  const svg = document.querySelector("#scroll svg");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // Where everything of a row is: its card, its operation, its table row.
  const number = new Map(rows.map((row, k) => [row.name, k]));
  const cards = [];
  const shapes = rows.map(() => []);
  for (const group of svg.querySelectorAll("[data-node]")) {
    const k = number.get(group.dataset.node);
    if (k === undefined) continue;
    shapes[k].push(group);
    if (group.querySelector(".d")) cards[k] = group;
  }
  const wires = new Map();
  for (const wire of svg.querySelectorAll("[data-edge]")) wires.set(wire.dataset.edge, wire);
  const lines = [...document.querySelectorAll("#tape tbody tr")];

  let pass = 0;
  let now = 0;
  let picked = -1;
  let asked = false;
  let timer = 0;
  let zoom = 1;
  const steps = () => data.passes[pass].steps;

  // -- what is known after a step ---------------------------------------------------------

  function stateAt(step) {
    const { values, steps } = data.passes[pass];
    const known = rows.map((row) => row.role === "weight" || row.role === "input");
    const grads = rows.map(() => "-");
    const levels = rows.map(() => "none");
    const terms = rows.map(() => []);
    for (const s of steps.slice(0, step + 1)) {
      if (s.kind === "forward") known[s.row] = true;
      if (s.kind === "seed") { grads[s.row] = s.after; levels[s.row] = s.level; }
      if (s.kind === "backward") {
        const operand = rows[s.row].operands[s.slot].row;
        grads[operand] = s.after;
        levels[operand] = s.level;
        terms[operand].push(s);
      }
      if (s.kind === "done") {
        grads.forEach((g, k) => { if (g === "-") { grads[k] = "0"; levels[k] = "z"; } });
      }
    }
    const shown = values.map((value, k) => (known[k] ? value : "?"));
    return { shown, grads, levels, terms, known };
  }

  // -- writing ------------------------------------------------------------------------------

  function element(tag, text, className) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function list(target, entries) {
    target.replaceChildren();
    for (const [term, text, className] of entries) {
      target.append(element("dt", term, className === "prose" ? "prose" : ""));
      target.append(element("dd", text, className));
    }
  }

  const title = (k) => rows[k].title;
  const d = (result, operand) => `d(${result})/d(${operand})`;

  function told(step, state) {
    const s = steps()[step];
    const last = rows.length - 1;
    if (s.kind === "start") {
      return {
        head: "Before anything is computed",
        said: "The leaves have their numbers. Next computes the first operation.",
        entries: [
          ["leaves", "Weights, inputs and constants have their numbers.", "prose"],
          ["next", "Forward: every operation in the order in which it ran. Then backward: "
            + "from the result, one operand at a time.", "prose"],
        ],
      };
    }
    if (s.kind === "forward") {
      const row = rows[s.row];
      return {
        head: `Forward: compute ${row.title}`,
        said: `${row.title} = ${row.formula} = ${state.shown[s.row]}`,
        entries: [
          ["formula", `${row.title} = ${row.formula}`],
          ["numbers", `= ${data.passes[pass].numbers[s.row]}`],
          ["result", `= ${state.shown[s.row]}`, "result"],
        ],
      };
    }
    if (s.kind === "seed") {
      return {
        head: `Backward begins: the gradient of ${title(last)} is 1`,
        said: `The gradient of ${title(last)} by itself is 1.`,
        entries: [
          ["seed", `${d(title(last), title(last))} = 1`, "result"],
          ["why", "If the result grows by a little, it grows by just as much. All other "
            + "gradients say how much the result would grow.", "prose"],
        ],
      };
    }
    if (s.kind === "skip") {
      const row = rows[s.row];
      return {
        head: `Backward: skip ${row.title}`,
        said: `The gradient of ${row.title} is 0, so nothing flows back from it.`,
        entries: [
          ["gradient", `${row.title}.grad = 0`, "result"],
          ["so", `Nothing flows back through ${row.title} = ${row.formula}.`, "prose"],
        ],
      };
    }
    if (s.kind === "done") return ended();
    return backward(s, state);
  }

  function backward(s, state) {
    const row = rows[s.row];
    const operand = row.operands[s.slot];
    const name = title(operand.row);
    const result = title(rows.length - 1);
    const which = operand.slot ? ` (${operand.slot})` : "";
    const entries = [["operation", `${row.title} = ${row.formula}`]];
    if (s.added === null) {
      entries.push(["upstream", `${d(result, row.title)} = ${s.upstream}`]);
      entries.push(["adds", "what its own _backward function decides; the tape does not know",
        "prose"]);
      return { head: `Backward: from ${row.title} to ${name}${which}`,
        said: `${row.title} has a _backward function of its own.`, entries };
    }
    const rule = s.rule[0] === s.rule[1] || !s.rule[1] ? [s.rule[0]] : s.rule;
    const parts = [d(row.title, name), ...rule, s.partial].filter(Boolean);
    entries.push(["upstream", `${d(result, row.title)} = ${s.upstream}`]);
    entries.push(["local", [...new Set(parts)].join(" = ")]);
    entries.push(["contribution", `upstream \u00d7 local = ${bracket(s.upstream)} \u00d7 `
      + `${bracket(s.partial)} = ${s.added}`]);
    if (!s.chosen) {
      entries.push(["but", "the operation did not choose this operand, so nothing flows: 0",
        "prose"]);
    }
    const sum = s.before === "-" ? "" : ` = ${s.before} + ${bracket(s.added)}`;
    entries.push(["before", `${name}.grad: ${s.before === "-" ? "nothing yet" : s.before}`]);
    entries.push(["after", `${name}.grad${sum} = ${s.after}`, "result"]);
    entries.push(...summed(operand.row, state));
    return {
      head: `Backward: from ${row.title} to ${name}${which}`,
      said: `${row.title} adds ${s.upstream} times ${s.partial} = ${s.added} to the gradient `
        + `of ${name}, which is now ${s.after}.`,
      entries,
    };
  }

  const bracket = (text) => (text.startsWith("-") ? `(${text})` : text);

  // A value that is used several times gets a share from each use: the sum so far.
  function summed(k, state) {
    const uses = rows[k].uses;
    if (uses < 2) return [];
    const terms = state.terms[k].filter((s) => s.added !== null);
    const written = terms.map((s) => `${bracket(s.added)} via ${title(s.row)}`).join(" + ");
    return [["sum over its uses", `${terms.length} of ${uses}: ${written || "none yet"}`]];
  }

  function ended() {
    const entries = [
      ["result", `${title(rows.length - 1)} = ${data.passes[pass].values.at(-1)}`],
      ["done", "Every leaf has its gradient: how much the result grows when the leaf grows.",
        "prose"],
    ];
    for (const note of data.passes[pass].notes) entries.push(["note", note, "prose"]);
    if (pass + 1 < data.passes.length) {
      const [weight, value, gradient, next, change] = data.passes[pass].changes[0] || [];
      if (weight) {
        entries.push(["update", `${weight}: ${value} \u2192 ${next} (change ${change}, `
          + `gradient ${gradient}); all weights are below`]);
      }
      entries.push(["next", "Next goes on with the next training step.", "prose"]);
    }
    return { head: "The end of the backward pass", said: "All gradients are known.", entries };
  }

  // -- showing a step -----------------------------------------------------------------------

  function show(step, options = {}) {
    now = Math.max(0, Math.min(step, steps().length - 1));
    const state = stateAt(now);
    const s = steps()[now];
    const { head, said, entries } = told(now, state);
    paint(state, s);
    at("headline").textContent = head;
    list(at("lines"), entries);
    const line = s.row >= 0 ? rows[s.row].line : "";
    at("source").hidden = !line;
    at("source").textContent = line ? `from ${line}` : "";
    const phase = { forward: "forward", start: "start", done: "end" }[s.kind] || "backward";
    const of = data.passes.length > 1 ? `, training step ${pass + 1}` : "";
    at("where").textContent = `Step ${now} of ${steps().length - 1}: ${phase}${of}`;
    at("slider").value = now;
    at("slider").setAttribute("aria-valuetext", at("where").textContent);
    at("first").disabled = at("back").disabled = now === 0 && pass === 0;
    at("last").disabled = now === steps().length - 1;
    at("next").disabled = now === steps().length - 1 && pass === data.passes.length - 1;
    if (!options.quiet) at("say").textContent = `${at("where").textContent}. ${said}`;
    document.documentElement.dataset.step = now;
    remember();
    if (picked >= 0) about(state);
    ask();
    if (!options.here) follow(s);
  }

  function paint(state, s) {
    const operand = s.kind === "backward" ? rows[s.row].operands[s.slot] : null;
    const used = new Set();
    if (s.kind === "forward") rows[s.row].operands.forEach((o) => used.add(o.row));
    if (s.kind === "backward") used.add(s.row);
    const active = operand ? operand.row : s.row;
    rows.forEach((row, k) => {
      const card = cards[k];
      for (const shape of shapes[k]) {
        shape.classList.toggle("later", !state.known[k]);
        shape.classList.toggle("now", k === active);
        shape.classList.toggle("used", used.has(k));
        shape.classList.toggle("picked", k === picked);
      }
      // A local derivative is had when its operation has run; before, it would give values away.
      for (const o of row.operands) wires.get(o.edge)?.classList.toggle("later", !state.known[k]);
      card.classList.remove("none", "z", "p1", "p2", "p3", "p4", "m1", "m2", "m3", "m4");
      card.classList.add(state.levels[k]);
      card.classList.toggle("nonfinite", odd(state.shown[k]) || odd(state.grads[k]));
      card.querySelector(".d").textContent = `data ${state.shown[k]}`;
      card.querySelector(".g").textContent = `grad ${state.grads[k]}`;
      card.setAttribute("aria-label", `${row.title}, ${row.role}, data ${state.shown[k]}, `
        + `grad ${state.grads[k]}`);
      const cells = lines[k].cells;
      cells[3].textContent = state.shown[k];
      cells[4].textContent = state.grads[k];
      cells[5].textContent = data.passes[pass].differences[k];
      // A gradient is judged once all of it has arrived.
      const { gradients, verdicts } = data.passes[pass];
      const verdict = state.grads[k] === gradients[k] ? verdicts[k] : "";
      cells[6].textContent = verdict;
      cells[6].classList.toggle("apart", verdict === "differs");
      lines[k].classList.toggle("chosen", k === picked);
      if (k === active) lines[k].setAttribute("aria-current", "step");
      else lines[k].removeAttribute("aria-current");
    });
    const names = new Set();
    if (s.kind === "forward") rows[s.row].operands.forEach((o) => names.add(o.edge));
    if (operand) names.add(operand.edge);
    if (s.row >= 0 && s.kind !== "seed") names.add(`${rows[s.row].name}out`);
    for (const [name, wire] of wires) wire.classList.toggle("now", names.has(name));
  }

  const odd = (text) => /inf|nan/.test(text);

  // Local derivatives are those of the training step that is shown.
  function slopes() {
    rows.forEach((row, k) => row.operands.forEach((operand, slot) => {
      const label = wires.get(operand.edge)?.querySelector(".slope");
      const slope = data.passes[pass].slopes[k][slot];
      if (label && slope) label.textContent = operand.label ? `${operand.label}: ${slope}` : slope;
    }));
  }

  // Keep in sight what the step is about.
  function follow(s) {
    const k = s.kind === "backward" ? rows[s.row].operands[s.slot].row : s.row;
    if (k < 0 || k === null) return;
    reach(cards[k]);
  }

  function reach(card) {
    const box = card.getBoundingClientRect();
    const view = at("scroll").getBoundingClientRect();
    const margin = 24;
    const beside = (low, high, from, to) =>
      (low < from + margin ? low - from - margin : high > to - margin ? high - to + margin : 0);
    at("scroll").scrollBy({
      left: beside(box.left, box.right, view.left, view.right),
      top: beside(box.top, box.bottom, view.top, view.bottom),
      behavior: still.matches || !document.documentElement.dataset.ready ? "auto" : "smooth",
    });
  }

  function remember() {
    const hash = `#step=${now}${data.passes.length > 1 ? `&pass=${pass + 1}` : ""}`;
    try {
      history.replaceState(null, "", hash);
    } catch {
      // A page inside a frame may have no address of its own.
    }
  }

  function recall() {
    const found = new URLSearchParams(location.hash.slice(1));
    const wanted = Number.parseInt(found.get("pass") || "1", 10) - 1;
    setPass(wanted >= 0 && wanted < data.passes.length ? wanted : 0);
    const step = Number.parseInt(found.get("step") || "0", 10);
    show(Number.isNaN(step) ? 0 : step, { quiet: true });
  }

  function setPass(wanted) {
    pass = wanted;
    at("pass").value = String(pass);
    at("slider").max = steps().length - 1;
    const { differences, changes } = data.passes[pass];
    at("check").disabled = !differences.some(Boolean);
    if (data.passes.length > 1) {
      weights(changes);
      slopes();
    }
  }

  function weights(changes) {
    const body = document.querySelector("#weights tbody");
    body.replaceChildren(...changes.map((cells) => {
      const row = document.createElement("tr");
      const head = element("th", cells[0]);
      head.scope = "row";
      row.append(head, ...cells.slice(1).map((text) => element("td", text, "number")));
      return row;
    }));
  }

  // -- going --------------------------------------------------------------------------------

  function forward() {
    if (asking() && !asked) {
      at("answer").focus();
      at("verdict").textContent = "First say the number, or ask to be shown.";
      return;
    }
    if (now < steps().length - 1) {
      show(now + 1);
    } else if (pass < data.passes.length - 1) {
      setPass(pass + 1);
      show(0);
    } else {
      pause();
    }
  }

  function backwards() {
    if (now > 0) {
      show(now - 1);
    } else if (pass > 0) {
      setPass(pass - 1);
      show(steps().length - 1);
    }
  }

  function play() {
    if (timer) return pause();
    if (at("next").disabled) { setPass(0); show(0); }
    at("predict").checked = false;
    ask();
    at("play").textContent = "Pause";
    at("play").setAttribute("aria-pressed", "true");
    timer = setInterval(() => {
      forward();
      if (at("next").disabled) pause();
    }, Number(at("speed").value));
    return undefined;
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    at("play").textContent = "Play";
    at("play").setAttribute("aria-pressed", "false");
  }

  // -- predicting ---------------------------------------------------------------------------

  const upcoming = () => steps()[now + 1];
  const asking = () => at("predict").checked && upcoming() !== undefined && question() !== null;

  function question() {
    const s = upcoming();
    if (s.kind === "forward") {
      return [`What is ${title(s.row)} = ${data.passes[pass].numbers[s.row]}?`,
        data.passes[pass].values[s.row]];
    }
    if (s.kind === "seed") return [`What is ${d(title(s.row), title(s.row))}?`, "1"];
    if (s.kind === "backward" && s.added !== null) {
      const operand = rows[s.row].operands[s.slot];
      return [`${title(s.row)} = ${rows[s.row].formula} has gradient ${s.upstream}. What does `
        + `it add to the gradient of ${title(operand.row)}`
        + `${operand.slot ? ` (${operand.slot})` : ""}?`, s.added];
    }
    return null;
  }

  function ask() {
    asked = false;
    at("guess").hidden = !asking();
    if (!asking()) return;
    [at("question").textContent] = question();
    at("answer").value = "";
    at("verdict").textContent = "";
  }

  // Right is within 1 % of the number, or within its last shown digit.
  function isRight(said, right) {
    if (said.trim() === right) return true;
    const [a, b] = [Number(said.trim().replace(",", ".") || "x"), Number(right)];
    return !Number.isNaN(a) && !Number.isNaN(b) && Math.abs(a - b) <= 0.01 * Math.abs(b);
  }

  function judge(event) {
    event.preventDefault();
    if (!asking()) return;
    const [, right] = question();
    if (isRight(at("answer").value, right)) {
      asked = true;
      forward();
      at("say").textContent = `Right: ${right}. ${at("say").textContent}`;
      at("verdict").textContent = `Right, it was ${right}.`;
      if (asking()) at("answer").focus();
    } else {
      at("verdict").textContent = "Not yet. Try again, or ask to be shown.";
    }
  }

  function reveal() {
    if (!asking()) return;
    const [, right] = question();
    asked = true;
    forward();
    at("verdict").textContent = `It was ${right}.`;
  }

  // -- asking about a node --------------------------------------------------------------------

  function pick(k) {
    picked = k;
    const state = stateAt(now);
    paint(state, steps()[now]);
    about(state);
    at("say").textContent = `Selected ${title(k)}. `
      + [...at("about-lines").querySelectorAll("dd")].map((e) => e.textContent).join(". ");
  }

  function about(state) {
    const row = rows[picked];
    const entries = [["role", row.role, "prose"]];
    if (row.formula) entries.push(["formula", `${row.title} = ${row.formula}`]);
    entries.push(["data", state.shown[picked]], ["grad", state.grads[picked]]);
    if (row.module) entries.push(["belongs to", row.module]);
    entries.push(...summed(picked, state));
    const { why, differences } = data.passes[pass];
    const final = data.passes[pass].gradients[picked];
    if (final === "0" && why[picked]) entries.push(["why is it 0?", why[picked], "prose"]);
    if (differences[picked]) entries.push(["by finite differences", differences[picked]]);
    if (row.line) entries.push(["line", row.line]);
    at("about").hidden = false;
    at("about-title").textContent = `${row.title} (${row.name})`;
    list(at("about-lines"), entries);
    at("to-forward").disabled = !row.formula;
  }

  const arrives = (k) => {
    const last = steps().findLastIndex((s) => (s.kind === "seed" && s.row === k)
      || (s.kind === "backward" && rows[s.row].operands[s.slot].row === k));
    return last < 0 ? steps().length - 1 : last;
  };

  function step(row, by) {
    const next = Math.max(0, Math.min(rows.length - 1, row + by));
    cards[row].setAttribute("tabindex", "-1");
    cards[next].setAttribute("tabindex", "0");
    cards[next].focus();
    reach(cards[next]);
  }

  function setZoom(wanted) {
    zoom = Math.max(0.2, Math.min(3, wanted));
    svg.setAttribute("width", svg.viewBox.baseVal.width * zoom);
    svg.setAttribute("height", svg.viewBox.baseVal.height * zoom);
  }

  const fitting = () => Math.min(1, (at("scroll").clientWidth - 4) / svg.viewBox.baseVal.width);

  // -- starting -------------------------------------------------------------------------------

  function wire() {
    at("first").onclick = () => { setPass(0); show(0); };
    at("back").onclick = backwards;
    at("next").onclick = forward;
    at("last").onclick = () => show(steps().length - 1);
    at("play").onclick = play;
    at("speed").onchange = () => { if (timer) { pause(); play(); } };
    at("slider").oninput = () => { asked = true; show(Number(at("slider").value)); };
    at("pass").onchange = () => { setPass(Number(at("pass").value)); show(now); };
    at("predict").onchange = () => { pause(); ask(); };
    at("check").onchange = () => at("tape").classList.toggle("checking", at("check").checked);
    at("theme").onchange = () => { document.documentElement.dataset.theme = at("theme").value; };
    at("guess").onsubmit = judge;
    at("reveal").onclick = reveal;
    at("smaller").onclick = () => setZoom(zoom / 1.25);
    at("larger").onclick = () => setZoom(zoom * 1.25);
    at("fit").onclick = () => setZoom(fitting());
    at("full").onclick = () => setZoom(1);
    at("to-forward").onclick = () => show(
      steps().findIndex((s) => s.kind === "forward" && s.row === picked));
    at("to-backward").onclick = () => show(arrives(picked));
    rows.forEach((_, k) => {
      for (const shape of shapes[k]) shape.onclick = () => pick(k);
      cards[k].setAttribute("role", "button");
      cards[k].setAttribute("tabindex", k === 0 ? "0" : "-1");
      cards[k].addEventListener("keydown", (event) => {
        const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (by) step(k, by);
        else if (event.key === "Enter" || event.key === " ") pick(k);
        else return;
        event.preventDefault();
        event.stopPropagation();
      });
      const button = element("button", rows[k].name);
      button.type = "button";
      button.onclick = () => { pick(k); reach(cards[k]); };
      button.setAttribute("aria-label", `Select ${rows[k].title}`);
      lines[k].cells[0].replaceChildren(button);
    });
    document.addEventListener("keydown", keys);
    addEventListener("hashchange", recall);
    let before = 0;
    addEventListener("beforeprint", () => { before = now; show(steps().length - 1, { here: 1 }); });
    addEventListener("afterprint", () => show(before, { quiet: true }));
  }

  function keys(event) {
    const tag = event.target.tagName;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (tag === "SELECT" || event.target.type === "text" || event.target.type === "range") return;
    const pressed = event.key;
    if (pressed === " " && (tag === "BUTTON" || tag === "INPUT")) return;
    const action = {
      ArrowRight: forward,
      ArrowLeft: backwards,
      Home: () => at("first").onclick(),
      End: () => at("last").onclick(),
      " ": play,
    }[pressed];
    if (!action) return;
    event.preventDefault();
    action();
  }

  data.passes.forEach((_, k) => {
    const option = element("option", `${k + 1} of ${data.passes.length}`);
    option.value = String(k);
    at("pass").append(option);
  });
  at("pass-label").hidden = at("training").hidden = data.passes.length < 2;
  for (const id of ["controls", "panel", "zooms"]) at(id).hidden = false;
  wire();
  setZoom(Math.max(fitting(), 0.6));
  recall();
  document.documentElement.dataset.ready = "yes";
})();
