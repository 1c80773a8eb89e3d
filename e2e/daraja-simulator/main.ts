/** The simulator as a program: `node e2e/daraja-simulator/main.ts`. SIMULATOR_PORT names the port (default 4010). */
import { startDarajaSimulator, type DarajaSimulator } from "./server.ts";
import { lifelikeTimings } from "./timings.ts";

const DEFAULT_PORT = 4010;

function portFromEnvironment(): number {
  const text = process.env["SIMULATOR_PORT"];
  if (text === undefined || text === "") return DEFAULT_PORT;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  return fail(`SIMULATOR_PORT is "${text}": it must be a port number, 0 to 65535.`);
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

async function start(port: number): Promise<DarajaSimulator> {
  try {
    return await startDarajaSimulator({ port, timings: lifelikeTimings });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      return fail(`Port ${port} is taken by another program. Set SIMULATOR_PORT to a free one, or to 0 for any.`);
    }
    throw error;
  }
}

const simulator = await start(portFromEnvironment());
// Before the first line is printed, because a test that reads this line may stop the program at once.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void simulator.stop());
console.log(`Simulated Safaricom   ${simulator.url}`);
console.log(`Phone page            ${simulator.phonePageUrl}`);
console.log(`Control API           ${simulator.url}/control`);
for (const { shortcode, passkey, businessName, consumerKey, consumerSecret, initiator } of simulator.control.accounts) {
  // As a service's `.env` names them, to be copied.
  console.log(`\n# ${businessName}`);
  console.log(`MPESA_BASE_URL=${simulator.url}`);
  console.log(`MPESA_CONSUMER_KEY=${consumerKey}\nMPESA_CONSUMER_SECRET=${consumerSecret}`);
  console.log(`MPESA_SHORTCODE=${shortcode}\nMPESA_PASSKEY=${passkey}`);
  console.log(`# Refunds and M-Pesa codes; MPESA_CERTIFICATE is a file with what ${simulator.url}/control/certificate answers.`);
  console.log(`MPESA_INITIATOR_NAME=${initiator.name}\nMPESA_INITIATOR_PASSWORD=${initiator.password}`);
}
