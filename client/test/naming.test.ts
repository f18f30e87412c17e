import assert from "node:assert/strict";
import { test } from "node:test";
import { objection, renamed, renamedPath } from "../src/naming";

test("a project is called what Python can import", () => {
  assert.equal(objection("late_flights2"), undefined);
  for (const name of ["", "2late", "late-flights", "Late", "a b", "../x"]) assert.ok(objection(name), name);
});

test("the template's name is replaced as Python and as packages write it", () => {
  assert.equal(renamed('name = "my-project"\nfrom my_project import x', "late_flights"), 'name = "late-flights"\nfrom late_flights import x');
});

test("hidden files of a project are not hidden in its template", () => {
  assert.equal(renamedPath("dot-github/workflows/ci.yml", "a"), ".github/workflows/ci.yml");
  assert.equal(renamedPath("src/my_project/dots.py", "a"), "src/a/dots.py");
});
