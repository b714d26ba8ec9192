// Before osls packages: each function's zip by adapters/deploy/bundle.py, because osls compiles nothing.
"use strict";

const { execFileSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const path = require("node:path");

class Bundle {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = {
      "before:package:createDeploymentArtifacts": () => this.write(Object.keys(this.functions())),
      "before:package:function:package": () => this.write([serverless.processedInput.options.function]),
    };
  }

  functions() {
    return this.serverless.service.functions;
  }

  write(names) {
    const root = this.serverless.serviceDir;
    const folder = path.join(root, ".serverless");
    const named = names.map((name) => `${name}:${this.functions()[name].layers.length > 1 ? "ai" : "light"}`);
    const runtime = this.serverless.service.provider.runtime;
    const own = path.join(root, ".venv", "bin", "python");
    const python = process.env.PYTHON || (existsSync(own) ? own : "python3");
    execFileSync(python, ["-m", "adapters.deploy.bundle", "--runtime", runtime, folder, ...named], {
      cwd: root,
      env: { ...process.env, PYTHONHASHSEED: "0" }, // the same sources, the same bytes
      stdio: "inherit",
    });
    for (const name of names) {
      this.functions()[name].package = { artifact: path.join(folder, `${name}.zip`) };
    }
  }
}

module.exports = Bundle;
