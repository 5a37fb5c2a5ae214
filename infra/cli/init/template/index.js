/** The Pulumi program: deploys the architecture that Pulumi.<stack>.yaml names. */
module.exports = require("flotilla/program");
