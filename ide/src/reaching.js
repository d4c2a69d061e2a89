// What is shown when no GraphQL response comes back: words, instead of a stack trace.
function failed(message) {
  return Response.json({ errors: [{ message }] });
}

export async function reaching(input, init) {
  let response;
  try {
    response = await fetch(input, init);
  } catch (error) {
    if (error.name === "AbortError") throw error; // whoever pressed Stop knows
    return failed(`No answer from ${new URL(input).origin}: is the server still running?`);
  }
  const type = response.headers.get("Content-Type") ?? "";
  if (/json|multipart\/mixed|text\/event-stream/.test(type)) return response;
  // Such as the page of a proxy whose server is gone.
  const status = `${response.status} ${response.statusText}`.trim();
  return failed(`The answer is not GraphQL's: ${status}, ${type || "of no content type"}.`);
}
