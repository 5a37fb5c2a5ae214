require("./require-tests.cjs").requireTests("infra/engine/providers/**/*.test.ts");
