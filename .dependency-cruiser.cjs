/** Rules for imports; `make lint` checks them. Type imports count. */

module.exports = {
  forbidden: [
    {
      name: "no-circle-of-files",
      comment: "Move what both files need, often a type, to a file of its own.",
      severity: "error",
      from: { path: "^(runner|infra|test|bench)/" },
      to: { circular: true },
    },
    {
      name: "no-circle-of-folders",
      comment: "A folder of runner/ may use another one, but not one that uses it.",
      severity: "error",
      scope: "folder",
      from: { path: "^runner/" },
      to: { circular: true },
    },
    {
      name: "runner-without-tests-and-infrastructure",
      comment: "What is deployed contains runner/ alone.",
      severity: "error",
      from: { path: "^runner/" },
      to: { path: "^(infra|test|bench)/" },
    },
    {
      name: "no-development-packages-in-runner",
      comment: "Packages of devDependencies are not installed in the runner's image.",
      severity: "error",
      from: { path: "^runner/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
