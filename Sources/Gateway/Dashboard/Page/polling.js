// Asks once a second while somebody looks, one round at a time.

// The key of whoever looks, kept for this tab only; a browser may forbid even that.

const keyPlace = "inference-gateway-key";

function kept(action) {
  try {
    return action(sessionStorage);
  } catch {
    return null;
  }
}

let key = kept((storage) => storage.getItem(keyPlace));

class KeyNeeded extends Error {}

async function ask(path) {
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  const answer = await fetch(path, { cache: "no-store", headers, signal: AbortSignal.timeout(5000) });
  if (answer.status === 401 || answer.status === 403) throw new KeyNeeded(String(answer.status));
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

function askForKey(refusal) {
  byId("key-form").hidden = refusal === null;
  if (refusal !== null && key) {
    byId("key-note").textContent = refusal === "403" ? "This key may not read." : "This key is not known.";
    key = null;
    kept((storage) => storage.removeItem(keyPlace));
  }
}

byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key = byId("key").value.trim();
  byId("key").value = "";
  byId("key-note").textContent = "";
  kept((storage) => storage.setItem(keyPlace, key));
});

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
      askForKey(null);
    } catch (error) {
      console.warn(error);
      tell(!(error instanceof KeyNeeded));
      if (error instanceof KeyNeeded) askForKey(error.message);
    }
  }
  setTimeout(poll, Math.max(100, 1000 - (performance.now() - began)));
}

poll();
