// Programs of the operating system: found, or installed with apt where that is allowed.

import { existsSync } from "node:fs";
import { Failure, run, which } from "./run.mjs";

/** What the scripts need from the system: the commands that will do, and Debian's package for them. */
const needs = {
  browser: { commands: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"], package: "chromium" },
  compiler: { commands: ["g++"], package: "build-essential" },
  java: { commands: ["java"], package: "openjdk-17-jre-headless" },
  make: { commands: ["make"], package: "build-essential" },
  postgres: { commands: ["pg_ctlcluster"], package: "postgresql" },
  redis: { commands: ["redis-server"], package: "redis-server" },
  ripgrep: { commands: ["rg"], package: "ripgrep" },
};

const find = (need) =>
  (need === "browser" && process.env.MLSENSE_BROWSER) || needs[need].commands.map(which).find(Boolean);

/** The path of each needed program by name; installs what is missing, or says what to install. */
export async function programs(...names) {
  const missing = names.filter((name) => !find(name));
  if (missing.length > 0) await install([...new Set(missing.map((name) => needs[name].package))]);
  const found = Object.fromEntries(names.map((name) => [name, find(name)]));
  const lacking = names.filter((name) => !found[name]).map((name) => needs[name].commands.join(" or "));
  if (lacking.length > 0) throw new Failure(`Still missing after the installation: ${lacking.join(", ")}.`);
  return found;
}

async function install(packages) {
  const names = packages.join(" ");
  const byHand = `This needs the system packages ${names}. Install them and run the command again`;
  if (!existsSync("/etc/debian_version") || !which("apt-get")) throw new Failure(`${byHand}.`);
  const asRoot = process.getuid() === 0 ? [] : which("sudo") && ["sudo", ...(process.stdin.isTTY ? [] : ["-n"])];
  if (!asRoot) throw new Failure(`${byHand}:\n  apt-get install ${names}`);
  console.log(`Installing with apt: ${names}`);
  const apt = async (...args) => {
    const [command, ...rest] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
    await run(command, rest, { input: "inherit" });
  };
  try {
    await apt("update");
    await apt("install", "-y", "--no-install-recommends", ...packages);
  } catch (error) {
    throw new Failure(`${byHand}:\n  sudo apt-get install ${names}\n${error.message}`);
  }
}
