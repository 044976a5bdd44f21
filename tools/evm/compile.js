// Compiles Solidity: standard JSON in on stdin, out on stdout.
const solc = require("solc");
let text = "";
process.stdin.on("data", (piece) => { text += piece; });
process.stdin.on("end", () => { process.stdout.write(solc.compile(text)); });
