// The Plan panel: how the server answered the last operation.
import { useGraphiQLActions } from "@graphiql/react";
import { useSyncExternalStore } from "react";

import { lastPlan } from "./explain.js";

const HINTS = {
  none: "Run an operation to see how it is answered: its plan and its SQL statements.",
  asked: "Running…",
  missing:
    "The server sent no plan for the last operation. It explains itself only where explain is switched on.",
};

function milliseconds(value) {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
}

function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

function Statement({ statement, slowest }) {
  const share = slowest > 0 ? statement.ms / slowest : 0;
  return (
    <details className="plan-statement">
      <summary>
        <span className="plan-path">{statement.path || "operation"}</span>
        <span className="plan-figures">
          {count(statement.rows, "row")} · {milliseconds(statement.ms)}
        </span>
        <span className="plan-bar" style={{ width: `${Math.max(1, share * 100)}%` }} />
      </summary>
      <pre>{statement.sql}</pre>
    </details>
  );
}

function Explained({ explain }) {
  const statements = explain.statements ?? [];
  const sum = (key) => statements.reduce((total, each) => total + each[key], 0);
  const slowest = Math.max(0, ...statements.map(({ ms }) => ms));
  return (
    <>
      <p className="plan-summary">
        {count(statements.length, "statement")} · {count(sum("rows"), "row")} ·{" "}
        {milliseconds(sum("ms"))} in the database
      </p>
      {statements.map((statement, index) => (
        <Statement key={index} statement={statement} slowest={slowest} />
      ))}
      {explain.plan && (
        <>
          <h3>Steps</h3>
          <pre className="plan-text">{explain.plan}</pre>
        </>
      )}
    </>
  );
}

function PlanPanel() {
  const { run } = useGraphiQLActions();
  const { state, explain } = useSyncExternalStore(lastPlan.subscribe, lastPlan.get);
  return (
    <section className="plan" aria-label="Plan">
      <h2>Plan</h2>
      {explain ? <Explained explain={explain} /> : <p className="plan-hint">{HINTS[state]}</p>}
      {state === "none" && (
        <button type="button" className="graphiql-button" onClick={run}>
          Run and explain
        </button>
      )}
    </section>
  );
}

function PlanIcon() {
  return (
    <svg viewBox="0 0 24 24" width="1em" height="1em" fill="none" stroke="currentColor" strokeWidth="1.5">
      <rect x="8" y="2.5" width="8" height="5" rx="1.2" />
      <rect x="2.5" y="16.5" width="8" height="5" rx="1.2" />
      <rect x="13.5" y="16.5" width="8" height="5" rx="1.2" />
      <path d="M12 7.5V12M6.5 16.5V12h11v4.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

export const planPlugin = { title: "Plan", icon: PlanIcon, content: PlanPanel };
