/* What the suite asks of skip.js, for Node; export_twins.py writes the files. Quick ones first. */
"use strict";

const fs = require("fs");
const vm = require("vm");

const context = vm.createContext({ process }); // Stryker tells the active mutant by its environment
vm.runInContext(fs.readFileSync("skip.js", "utf8"), context);
vm.runInContext(
  `run = (text) => JSON.stringify(JSON.parse(text).map(([tree, answers, , isCondition]) => {
    const values = new Map(Object.entries(answers));
    return isCondition ? skipLogic.evaluate(tree, values) : skipLogic.compute(tree, values);
  }));
  store = (text) => JSON.stringify(JSON.parse(text).map(([tree, places, answers]) =>
    skipLogic.decimalText(tree, places, new Map(Object.entries(answers)))));
  mistaken = (text) => JSON.parse(text).every((tree) => {
    try {
      skipLogic.evaluate(tree, new Map());
      return false;
    } catch (error) {
      return error instanceof TypeError && error.message.includes("a condition is expected where");
    }
  });`,
  context,
);

function compare(file, run, place) {
  const text = fs.readFileSync(file, "utf8");
  const found = JSON.parse(run(text));
  const cases = JSON.parse(text);
  const wrong = cases.findIndex((each, number) => each[place] !== found[number]);
  if (wrong >= 0) {
    console.error(JSON.stringify(cases[wrong]), found[wrong]);
    process.exit(1);
  }
}

compare("golden.json", context.run, 2);
compare("stored.json", context.store, 3);
if (!context.mistaken(fs.readFileSync("mistakes.json", "utf8"))) {
  process.exit(1);
}
compare("random.json", context.run, 2);
