// Run by node: the command line of check_path.py.
if (typeof require === "function" && typeof module === "object" && require.main === module) {
  const fs = require("fs"), given = process.argv.slice(2), files = [];
  let problem = null, json = false, maxWork = "100000000000";
  while (given.length) {
    const word = given.shift();
    if (word === "--json") json = true;
    else if (word === "--problem" && given.length) problem = given.shift();
    else if (word === "--max-work" && /^\d+$/.test(given[0])) maxWork = given.shift();
    else files.push(word);
  }
  if (files.length !== 1 || (files[0] !== "-" && files[0].startsWith("-"))) {
    console.error("usage: node check_proved.js [--problem FILE] [--json] [--max-work N] certificate");
    process.exit(2);
  }
  const malformed = (message) => { console.error("malformed: " + message); process.exit(2); };
  const content = (file) => {
    try {
      return fs.readFileSync(file === "-" ? 0 : file).toString("latin1");
    } catch (error) {
      return malformed(file + ": cannot be read: " + error.code);
    }
  };
  const given_problem = problem === null ? null : content(problem);
  const report = globalThis.provedCheck(content(files[0]), given_problem, files[0] + ": ", problem + ": ", maxWork);
  const found = JSON.parse(report);
  if (found.verdict === "malformed") malformed(found.message);
  console.log(json ? report : found.verdict + ": " + found.message);
  process.exit({ verified: 0, rejected: 1, unchecked: 3 }[found.verdict]);
}
