require("./require-tests.cjs")("{infra,infra/description,infra/schema,tests}/*.test.ts");
