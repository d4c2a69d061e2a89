// For a moment after a change of tabs, GraphiQL sends the new operation under the
// name of the former one. What is sent is what is in the editor.
import { parse } from "graphql";

export function current(fetcher) {
  return (params, options) => {
    let documentAST;
    try {
      documentAST = parse(params.query);
    } catch {
      return fetcher(params, options); // the server says what is wrong with it
    }
    const operations = documentAST.definitions.filter(
      ({ kind }) => kind === "OperationDefinition",
    );
    const operationName =
      operations.length === 1 ? operations[0].name?.value : params.operationName;
    return fetcher({ ...params, operationName }, { ...options, documentAST });
  };
}
