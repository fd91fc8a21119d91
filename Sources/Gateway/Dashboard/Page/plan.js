// The parts of the page that are drawn from /v1/plan.

function showPlan(plan) {
  const { running, loading, batches } = plan;
  const isIdle = running.length === 0 && !loading && batches.length === 0;
  const runs = running.map((batch) => `${batch.model} runs for ${count(batch.requests.length)} requests`);
  byId("plan-words").textContent = isIdle
    ? "Nothing runs, loads or waits."
    : `${runs.length > 0 ? runs.join(", ") : "Nothing runs"}; `
      + `${loading ? `${loading.blocks.length} blocks load` : "nothing loads"}; `
      + `${count(batches.length)} batches follow with ${count(plan.waiting_count)} requests.`;
  drawGantt(plan);
}

// Loads above the batches of each lane (at most the first 16), from now to the end of the plan (at most the first 60 batches).
function drawGantt(plan) {
  const place = byId("gantt");
  const batches = plan.batches.slice(0, 60);
  const ends = batches.map((batch) => batch.finish_ms ?? 0);
  const end = Math.max(1, ...plan.running.map((batch) => batch.finish_ms), plan.loading?.finish_ms ?? 0, ...ends);
  const lanes = Math.min(plan.lanes, 16);
  const [loads, tall] = [8, lanes > 4 ? 18 : 34];
  const row = (lane) => loads + (tall + 8) * (1 + Math.min(lane, lanes - 1));
  const { svg, width, height } = drawing(place, row(lanes - 1) + tall + 34, ganttWords(plan, batches));
  const left = 58;
  const at = (time) => left + (width - left - 1) * Math.min(Math.max(time, 0), end) / end;
  const line = tall / 2 + 4;
  svg.append(label(0, loads + line, "loads"), rect(left, loads, width - left, tall, "track"));
  for (let lane = 0; lane < lanes; lane += 1) {
    svg.append(label(0, row(lane) + line, lanes > 1 ? `lane ${lane + 1}` : "batches"),
      rect(left, row(lane), width - left, tall, "track"));
  }
  const bar = (from, to, y, kind, text, hint) => {
    const wide = Math.max(2, at(to) - at(from));
    svg.append(rect(at(from), y, Math.max(1.5, wide - 1), tall, kind, hint),
      label(at(from) + 4, y + line, fitting(text, wide), "ink"));
  };
  if (plan.loading) {
    const { model, purpose, blocks, finish_ms: finish } = plan.loading;
    bar(0, finish, loads, "fill-load", model ?? purpose, `${blocks.length} blocks for ${model ?? purpose}, done in ${duration(finish)}`);
  }
  for (const { lane, model, version, requests, finish_ms: finish } of plan.running) {
    bar(0, finish, row(lane), fillOf(`${model}:${version}`), `${model} ×${requests.length}`,
      `${model} runs for ${requests.length} requests, done in ${duration(finish)}`);
  }
  for (const batch of batches) {
    if (batch.bytes_to_load > 0) {
      bar(batch.load_start_ms, batch.load_finish_ms, loads, "fill-load", batch.model,
        `${batch.blocks_to_load.length} blocks (${bytes(batch.bytes_to_load)}) for ${batch.model}`);
    }
    bar(batch.start_ms, batch.finish_ms, row(batch.lane), fillOf(`${batch.model}:${batch.version}`),
      `${batch.model} ×${batch.requests.length}`,
      `${batch.model}, ${batch.requests.length} requests: ${duration(batch.start_ms)} to ${duration(batch.finish_ms)}, `
      + `deadline in ${duration(batch.deadline_ms)}, ${batch.blocks_reused.length} blocks reused`);
  }
  for (let tick = 0; tick <= 4; tick += 1) {
    const anchor = tick === 0 ? "start" : tick === 4 ? "end" : "middle";
    const x = at(end * tick / 4);
    svg.append(make("line", { x1: x, x2: x, y1: row(lanes - 1) + tall, y2: row(lanes - 1) + tall + 6, class: "axis" }),
      label(x, height - 10, tick === 0 ? "now" : duration(end * tick / 4), "quiet", anchor));
  }
  place.replaceChildren(svg);
}

const ganttWords = (plan, batches) => batches.length === 0
  ? "The plan is empty"
  : `The plan: ${batches.slice(0, 10).map((batch) => `${batch.model} for ${batch.requests.length} requests `
      + `in ${duration(batch.start_ms)}`).join("; ")}`;

function showUplink(plan, status) {
  const { capacity_hz: capacity, granted_hz: granted } = plan.uplink;
  const { received_bytes: received, wasted_bytes: wasted } = status.uplink;
  const traffic = `${bytes(received)} of bodies received, ${bytes(wasted)} of them for requests not answered in time.`;
  const place = byId("uplink");
  if (capacity === null) {
    byId("uplink-words").textContent = `No capacity is configured: uploads are not held back. ${traffic}`;
    return place.replaceChildren();
  }
  byId("uplink-words").textContent = `${hertz(granted)} of ${hertz(capacity)} granted to uploads. ${traffic}`;
  const { svg, width } = drawing(place, 30, `${percent(granted / capacity)} of the uplink is granted`);
  svg.append(rect(0, 2, width, 26, "track"));
  let x = 0;
  for (const request of plan.waiting.filter((one) => one.share_hz > 0)) {
    const wide = width * request.share_hz / capacity;
    svg.append(rect(x, 2, wide - Math.min(1, wide / 4), 26, fillOf(`${request.model}:${request.version}`),
      `request ${request.request_id} for ${request.model}: ${hertz(request.share_hz)}`));
    x += wide;
  }
  svg.append(make("rect", { x: 1, y: 2, width: width - 2, height: 26, class: "edge" }));
  place.replaceChildren(svg);
}

function showWaiting(plan) {
  const rows = plan.waiting.slice(0, 20).map((request) => [
    request.request_id, request.model, request.why, duration(request.deadline_ms),
  ]);
  table(byId("waiting"), "Requests that wait, in the order of the plan",
    [["Request"], ["Model", "text"], ["Why", "text"], ["Due in"]], rows, "Nobody waits.");
}
