// Asks the server for the plan while someone looks at it, and keeps the last one.
const HEADER = "X-GraphQL-Explain";
const listeners = new Set();
let last = { state: "none" };

function set(value) {
  last = value;
  for (const listener of listeners) listener();
}

// In the shape of React's useSyncExternalStore: watching is what asks for plans.
export const lastPlan = {
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  get: () => last,
};

// The panel shows the plan, so the response stays what any client would get.
function take(result) {
  for (const part of Array.isArray(result) ? result : [result]) {
    const { explain, ...others } = part?.extensions ?? {};
    if (!explain) continue;
    set({ state: "shown", explain });
    if (Object.keys(others).length) part.extensions = others;
    else delete part.extensions;
  }
  return result;
}

async function* takeEach(results) {
  try {
    for await (const result of results) yield take(result);
  } finally {
    if (last.state === "asked") set({ state: "missing" });
  }
}

function isAsked(params, { documentAST }) {
  if (listeners.size === 0 || params.operationName === "IntrospectionQuery") return false;
  const operations = documentAST?.definitions ?? [];
  return !operations.some(
    ({ operation, name }) =>
      operation === "subscription" && name?.value === params.operationName,
  );
}

export function explaining(fetcher) {
  return async (params, options) => {
    if (!isAsked(params, options)) return fetcher(params, options);
    set({ ...last, state: "asked" }); // an earlier plan stays until the answer is here
    const headers = { ...options.headers, [HEADER]: "1" };
    return takeEach(await fetcher(params, { ...options, headers }));
  };
}
