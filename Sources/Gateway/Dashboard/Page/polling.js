// Asks once a second while somebody looks, one round at a time.

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

async function round() {
  const [status, plan, blocks] = await Promise.all(["/v1/status", "/v1/plan", "/v1/blocks"].map(ask));
  status.models.forEach((model) => fillOf(`${model.model}:${model.version}`));
  showFacts(status);
  showNumbers(status);
  showOutcomes(status);
  showRejected(status);
  showModels(status);
  showMemory(blocks);
  showPlan(plan);
  showUplink(plan, status);
  showWaiting(plan);
}

let lostSince = null;

function tell(isLost) {
  const connection = byId("connection");
  if (!isLost) {
    lostSince = null;
    connection.textContent = "";
  } else if (lostSince === null) {
    lostSince = new Date();
    connection.textContent = `No answer since ${lostSince.toLocaleTimeString("en-GB")}: what is shown is old.`;
  }
  connection.classList.toggle("lost", isLost);
}

async function poll() {
  const began = performance.now();
  if (!document.hidden) {
    try {
      await round();
      tell(false);
    } catch (error) {
      console.warn(error);
      tell(true);
    }
  }
  setTimeout(poll, Math.max(100, 1000 - (performance.now() - began)));
}

poll();
