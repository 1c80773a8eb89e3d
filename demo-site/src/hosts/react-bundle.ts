import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * The React page's script, bundled at the first request, so that the demo starts without a build.
 *
 * @param reactFrom - A folder; its nearest `node_modules` decides the version of React.
 * @returns `undefined` if the development tools are not installed, as in a container.
 */
export async function bundleReactHost(reactFrom = import.meta.dirname): Promise<string | undefined> {
  const vite = await import("vite").catch(() => undefined);
  if (!vite) return undefined;
  const near = createRequire(join(reactFrom, "any.js"));
  const folderOf = (name: string): string => dirname(near.resolve(`${name}/package.json`));
  const built = await vite.build({
    configFile: false,
    logLevel: "silent",
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    // Without "development", in which Lit logs to the console.
    resolve: { conditions: ["browser", "module"], alias: { react: folderOf("react"), "react-dom": folderOf("react-dom") } },
    build: {
      write: false,
      lib: { entry: join(import.meta.dirname, "react-app.ts"), formats: ["es"] },
      rolldownOptions: { output: { codeSplitting: false, minify: true } },
    },
  });
  const [output] = [built].flat();
  const script = output && "output" in output ? output.output[0].code : undefined;
  if (script === undefined) throw new Error("the React page's script came out empty");
  return script;
}
