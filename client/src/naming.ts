// How a project made from a template gets its name. Nothing of the editor in here.

/** What is written in the templates wherever a project's name belongs. */
const written = "my_project";

/** What is wrong with a project's name, in words; undefined if nothing is. */
export function objection(name: string): string | undefined {
  if (/^[a-z][a-z0-9_]*$/.test(name)) return undefined;
  return "A name that Python can import: small letters, digits and _, beginning with a letter.";
}

/** A path in a template as it is in a project: what begins with `dot-` is hidden there. */
export function renamedPath(path: string, name: string): string {
  return renamed(path, name).split("/").map((each) => each.replace(/^dot-/, ".")).join("/");
}

/** A text of a template with a project's own name in the place of the template's. */
export function renamed(text: string, name: string): string {
  return text.replaceAll(written, name).replaceAll(written.replace("_", "-"), name.replaceAll("_", "-"));
}
