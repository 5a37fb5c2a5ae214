require("./require-tests.cjs").requireTests("{infra,infra/description,infra/schema,tests}/*.test.ts");
