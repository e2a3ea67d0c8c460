"use strict";
(() => {
  const table = document.getElementById("papers");
  if (!table) return;
  document.documentElement.classList.add("js");
  const by = (id) => document.getElementById(id);
  const body = table.tBodies[0];
  const every = [...body.rows];
  const size = Number(table.dataset.page) || Infinity;
  const collator = new Intl.Collator("zh-Hans-u-co-pinyin", { numeric: true, sensitivity: "base" });
  let order = every;
  let shown = every;
  let page = 0;

  // What a row says, read when it is first asked for.
  const texts = new Map();
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const said = (row) => texts.get(row) ?? (texts.set(row, fold([...row.cells].map((cell) => cell.textContent).join(" "))), texts.get(row));

  function present() {
    const pages = Math.max(1, Math.ceil(shown.length / size));
    page = Math.min(page, pages - 1);
    const first = size === Infinity ? 0 : page * size;
    const part = size === Infinity ? shown : shown.slice(first, first + size);
    body.replaceChildren(...part);
    const range = pages > 1 && part.length ? `, ${(first + 1).toLocaleString("en")} to ${(first + part.length).toLocaleString("en")} on this page` : "";
    by("count").textContent = `${shown.length.toLocaleString("en")} of ${every.length.toLocaleString("en")} papers${range}`;
    by("pages").hidden = size === Infinity;
    by("page").textContent = `Page ${page + 1} of ${pages}`;
    by("previous").disabled = page === 0;
    by("next").disabled = page >= pages - 1;
  }

  const states = {
    decided: (held) => !/[px]/.test(held) && held.includes("d"),
    proposed: (held) => held.includes("p"),
    disputed: (held) => held.includes("x"),
    searched: (held) => held.includes("s"),
    missing: (held) => held.includes("n"),
    never: (held) => held.includes("v"),
  };

  function choose() {
    const words = fold(by("words").value).split(/\s+/).filter(Boolean);
    const method = by("method")?.value ?? "";
    const year = by("year").value;
    const state = by("state").value;
    shown = order.filter((row) =>
      (!year || row.dataset.y === year) &&
      (!method || row.dataset.m.split(" ").includes(method)) &&
      (!state || states[state](row.dataset.s)) &&
      words.every((word) => said(row).includes(word)));
    page = 0;
    present();
  }

  function sort(head) {
    const column = head.cellIndex;
    const turned = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", turned ? "descending" : "ascending");
    const keyed = every.map((row, n) => {
      const text = row.cells[column].textContent.trim();
      return { row, n, text, empty: text === "" || text === "·" || text === "—" };
    });
    // What is not there stands last, whichever way it is sorted.
    keyed.sort((a, b) => a.empty - b.empty || (turned ? -1 : 1) * collator.compare(a.text, b.text) || a.n - b.n);
    order = keyed.map((one) => one.row);
    choose();
  }

  let papers;
  function abstract(row) {
    papers ??= JSON.parse(by("abstracts").textContent);
    return papers[Number(row.dataset.r)];
  }

  const spans = (text) => text.split(" ").filter(Boolean).map((span) => span.split("-").map(Number));

  // The text in pieces, so that the marked words and the sentences around them are elements of their own.
  function pieces(text, marks, sentences) {
    const inside = (at, list) => list.some(([from, to]) => from <= at && at < to);
    const around = sentences.filter(([from, to]) => marks.some(([a, b]) => a < to && from < b));
    const cuts = [...new Set([0, text.length, ...marks.flat(), ...around.flat()])].sort((a, b) => a - b);
    return cuts.slice(1).map((to, n) => {
      const from = cuts[n];
      const made = document.createElement(inside(from, marks) ? "mark" : "span");
      made.textContent = text.slice(from, to);
      if (inside(from, around)) made.className = "s";
      return made;
    });
  }

  const dialog = by("evidence");
  let opener = null;

  function open(button) {
    const cell = button.closest("td, th");
    const [reference, text, flat] = abstract(button.closest("tr"));
    const marks = spans(button.dataset.e ?? "");
    const sentences = [];
    for (let n = 0; n < flat.length; n += 2) sentences.push([flat[n], flat[n + 1]]);
    const heading = table.tHead.rows[0].cells[cell.cellIndex].textContent;
    const stale = button.dataset.q;
    by("evidence-title").textContent = cell.cellIndex === 0 ? reference : button.textContent;
    by("evidence-about").textContent = cell.cellIndex === 0 ? "" : `${heading}: ${button.title} · ${reference}`;
    by("evidence-note").textContent =
      stale ? `The abstract has changed since; it rested on: “${stale}”` :
      text === "" ? "There is no abstract." :
      cell.cellIndex !== 0 && !marks.length ? "No words of the abstract are given for this." : "";
    const shownText = by("evidence-text");
    shownText.hidden = text === "";
    shownText.className = marks.length ? "" : "whole";
    shownText.lang = /\p{Script=Han}/u.test(text) ? "zh" : "en";
    shownText.replaceChildren(...pieces(text, marks, sentences));
    opener = button;
    dialog.showModal();
    shownText.querySelector("mark")?.scrollIntoView({ block: "center" });
  }

  table.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.closest("thead")) sort(button.closest("th"));
    else open(button);
  });
  by("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => { opener?.focus(); });
  by("filters").addEventListener("input", choose);
  by("filters").addEventListener("change", choose);
  by("filters").addEventListener("submit", (event) => event.preventDefault());
  by("filters").addEventListener("reset", () => setTimeout(choose));
  by("previous").addEventListener("click", () => { page -= 1; present(); });
  by("next").addEventListener("click", () => { page += 1; present(); });
  by("filters").hidden = by("hint").hidden = false;
  if (size !== Infinity) present();
  else by("count").textContent = `${every.length.toLocaleString("en")} of ${every.length.toLocaleString("en")} papers`;
})();
