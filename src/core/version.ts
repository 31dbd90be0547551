/** Version of the engine, as results carry it. `package.json` says the same; a test compares them. */
export const ENGINE_VERSION = '0.1.0';
