"use strict";
// The proved checker of the source code (proofs_checks/proved), run on the certificate of this page: in a Worker made
// from the page itself, so that nothing is fetched and the page never waits. Every word about it is written here.

const WORDS = {
  verified: "verified in this browser by the proved checker",
  rejected: "rejected in this browser by the proved checker",
  unchecked: "unchecked in this browser by the proved checker",
  malformed: "not read in this browser by the proved checker",
};
const SIGNS = { verified: "✓", rejected: "✕", unchecked: "?", malformed: "?" };
const ENOUGH = "100000000000"; // word operations: what the checker on the command line takes at most

function addProvedChecker(link, source) {
  const place = make("div", { className: "proved" });
  const said = make("p", {}), about = make("p", { className: "muted" });
  const button = make("button", { type: "button" });
  said.setAttribute("role", "status");
  place.append(said, button, about);
  $(".banner").append(place);
  const size = `${Math.round(new Blob([source]).size / 1000)} kB of script in this page`;
  const program = `The proved checker, whose soundness is a theorem in Coq: ${size}.`;

  function show(text, detail, action, whenClicked) {
    said.textContent = text;
    about.textContent = detail;
    button.textContent = action;
    button.onclick = whenClicked;
  }
  const again = (action) => [action, () => run(ENOUGH)];

  function conclude({ verdict, message, beyond }, work, took) {
    if (beyond && work !== ENOUGH) {
      const estimate = /about ([\d,]+) word operations/.exec(beyond)[1];
      show("", `${program} It has not run yet: it would take about ${estimate} word operations.`, ...again("Check it here, now"));
      return;
    }
    place.dataset.verdict = verdict;
    const stated = link.dataset.checked;
    const dissent = verdict === stated || beyond ? "" : ` check_path.py said ${stated}: one of the two is wrong, please report it.`;
    const seconds = `${(took / 1000).toFixed(took < 9950 ? 1 : 0)} s`;
    show(`${SIGNS[verdict]} ${WORDS[verdict]}: ${message}.${dissent}`, `${program} It took ${seconds}.`, ...again("Check it here, again"));
  }

  function run(work) {
    const url = URL.createObjectURL(new Blob([source, `
onmessage = ({ data: [encoded, work] }) => postMessage(provedCheck(atob(encoded), null, "", "", work));
`], { type: "text/javascript" }));
    const since = performance.now();
    let worker = null;
    const end = () => { if (worker) worker.terminate(); URL.revokeObjectURL(url); };
    const fail = (reason) => { end(); show(`Nothing was decided in this browser: ${reason}.`, program, ...again("Check it here, now")); };
    delete place.dataset.verdict;
    show("The proved checker is running in this browser …", program, "Stop", () => fail("it was stopped"));
    try { worker = new Worker(url); } catch (error) { fail(error.message); return; }
    worker.onmessage = ({ data }) => { end(); conclude(JSON.parse(data), work, performance.now() - since); };
    worker.onerror = (event) => { event.preventDefault(); fail(event.message || "it starts no worker"); };
    worker.postMessage([link.href.split(",")[1], work]);
  }
  run($("#ui-proved").dataset.work);
}

addProvedChecker($("a.save[data-checked]"), $("#ui-proved").textContent);
