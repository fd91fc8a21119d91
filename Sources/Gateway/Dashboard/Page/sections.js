// The parts of the page that are drawn from /v1/status and /v1/blocks.

function showFacts(status) {
  byId("facts").textContent = `version ${status.version}, policy ${status.policy}, mode ${status.mode}, `
    + `up ${uptime(status.uptime_s)}${status.draining ? ", shutting down" : ""}`;
  const { observed } = status;
  byId("mode").hidden = !observed;
  byId("mode").textContent = observed
    ? `Mode observe: no request is refused and no upload is held back. So far ${count(observed.rejected)} requests would have `
      + `been refused, and ${count(observed.given_up)} given up later.`
    : "";
}

function showNumbers(status) {
  const { requests, queue, estimate_errors: errors } = status;
  const ended = requests.in_time + requests.late + requests.missed + requests.failed;
  const tiles = [
    ["in-time", "Goodput", rate(status.goodput_per_s), "in time a second"],
    ["in-time", "In time", count(requests.in_time), ended ? percent(requests.in_time / ended) + " of ended" : ""],
    ["late", "Late", count(requests.late + requests.missed), `${count(requests.missed)} of them without an answer`],
    ["failed", "Failed", count(requests.failed), ""],
    ["rejected", "Refused", count(requests.rejected), requests.received ? percent(requests.rejected / requests.received) + " of received" : ""],
    ["rejected", "Invalid bodies", count(requests.invalid), ""],
    ["", "Cancelled", count(requests.cancelled), ""],
    ["waiting", "Waiting", count(queue.waiting), `${count(queue.uploading)} of them upload`],
    ["", "Load estimate", percent(errors.load.p90), "off at most, 9 in 10"],
    ["", "Compute estimate", percent(errors.compute.p90), "off at most, 9 in 10"],
  ];
  byId("numbers").replaceChildren(...tiles.map(([kind, name, value, note], index) => make("div", { class: kind },
    make("dt", {}, name), make("dd", {}, value, make("small", {}, note), ...(index === 0 ? [goodputLine(status)] : [])))));
}

// Goodput over the last minute, each point the mean of five seconds.
function goodputLine(status) {
  const counts = status.recent.in_time;
  const means = counts.map((_, second) => {
    const window = counts.slice(Math.max(0, second - 4), second + 1);
    return window.reduce((a, b) => a + b, 0) / window.length;
  });
  const top = Math.max(1, ...means);
  const points = means.map((mean, second) => `${second * 120 / (means.length - 1)} ${27 - 25 * mean / top}`);
  return make("svg", { viewBox: "0 0 120 28", role: "img", "aria-label": `Goodput over the last minute, at most ${rate(top)} a second` },
    make("path", { d: `M ${points.join(" L ")}`, class: "spark" }));
}

function showOutcomes(status) {
  const { recent } = status;
  const place = byId("outcomes");
  const kinds = [["in_time", "fill-in-time", "in time"], ["late", "fill-late", "late"],
    ["failed", "fill-failed", "failed"], ["rejected", "fill-rejected", "refused"]];
  const steps = recent.in_time.length;
  const totals = recent.in_time.map((_, step) => kinds.reduce((sum, [key]) => sum + recent[key][step], 0));
  const top = Math.max(1, ...totals);
  const sums = kinds.map(([key, , name]) => `${recent[key].reduce((a, b) => a + b, 0)} ${name}`).join(", ");
  const { svg, width, height } = drawing(place, 150, `Requests of the last ${steps} seconds: ${sums}`);
  const [left, bottom] = [44, height - 20];
  const [across, up] = [(width - left) / steps, (bottom - 14) / top];
  svg.append(make("line", { x1: left, x2: width, y1: bottom, y2: bottom, class: "axis" }),
    make("line", { x1: left, x2: width, y1: 14, y2: 14, class: "axis" }),
    label(left - 6, 18, count(top), "quiet", "end"), label(left - 6, bottom, "0", "quiet", "end"),
    label(left, height - 4, `${steps} s ago`, "quiet"), label(width, height - 4, "now", "quiet", "end"));
  for (let step = 0; step < steps; step += 1) {
    let y = bottom;
    for (const [key, fill, name] of kinds) {
      const tall = recent[key][step] * up;
      y -= tall;
      if (tall > 0) {
        svg.append(rect(left + step * across + 0.5, y, across - 1, tall, fill,
          `${steps - step} s ago: ${recent[key][step]} ${name}`));
      }
    }
  }
  place.replaceChildren(svg, legend(kinds.map(([, fill, name]) => [fill, name])));
}

function showRejected(status) {
  const reasons = Object.entries(status.requests.rejected_by_reason).sort((a, b) => b[1] - a[1]);
  const place = byId("rejected");
  const row = 22;
  const text = reasons.map(([reason, number]) => `${reason} ${number}`).join(", ");
  const { svg, width } = drawing(place, reasons.length * row, `Refusals by reason: ${text}`);
  const most = Math.max(1, ...reasons.map(([, number]) => number));
  reasons.forEach(([reason, number], index) => {
    const y = index * row;
    svg.append(label(0, y + 15, reason), rect(110, y + 4, width - 180, row - 8, "track"),
      rect(110, y + 4, (width - 180) * number / most, row - 8, "fill-rejected"),
      label(width, y + 15, count(number), "", "end"));
  });
  place.replaceChildren(svg);
}

function showMemory(blocks) {
  const resident = blocks.blocks.filter((block) => block.state !== "absent");
  byId("memory-words").textContent =
    `${bytes(blocks.used_bytes)} of ${bytes(blocks.limit_bytes)} used by ${count(resident.length)} of `
    + `${count(blocks.blocks.length)} parameter blocks.`;
  const place = byId("memory");
  const { svg, width } = drawing(place, 26, `${percent(blocks.used_bytes / blocks.limit_bytes)} of the memory is used`);
  svg.append(rect(0, 2, width, 22, "track"));
  let x = 0;
  for (const block of resident) {
    const wide = width * block.bytes / blocks.limit_bytes;
    svg.append(rect(x, 2, wide - Math.min(1, wide / 4), 22, fillOf(block.models[0] ?? ""), hintOf(block)));
    x += wide;
  }
  svg.append(make("rect", { x: 1, y: 2, width: width - 2, height: 22, class: "edge" }));
  place.replaceChildren(svg);
  showBlocks(blocks.blocks);
}

const hintOf = (block) => `${block.block.slice(0, 12)}: ${bytes(block.bytes)}, ${block.state}, used by `
  + `${block.models.join(", ") || "nobody"}, ${block.hits} hits, ${block.loads} loads${block.pinned ? ", pinned" : ""}`;

// Each block a tile, its area about its bytes; filled where it is in memory, hollow where it is not.
function showBlocks(blocks) {
  const place = byId("blocks");
  const width = Math.max(260, place.clientWidth);
  const shown = blocks.slice(0, 400);
  const total = shown.reduce((sum, block) => sum + Math.sqrt(block.bytes + 1), 0);
  const [row, gap] = [30, 3];
  const scale = Math.min(6, (width * Math.max(1, Math.ceil(shown.length / 24))) / total);
  let [x, y] = [0, 0];
  const tiles = shown.map((block) => {
    const wide = Math.min(width, Math.max(14, Math.sqrt(block.bytes + 1) * scale));
    if (x + wide > width) { x = 0; y += row + gap; }
    const at = { block, x, y, wide };
    x += wide + gap;
    return at;
  });
  const inMemory = shown.filter((block) => block.state !== "absent").length;
  const { svg } = drawing(place, y + row + 2, `Residency of blocks: ${inMemory} of ${shown.length} in memory`);
  for (const { block, x: left, y: top, wide } of tiles) {
    const isThere = block.state !== "absent";
    const kind = block.state === "loading" ? "fill-load" : isThere ? fillOf(block.models[0] ?? "") : "fill-absent";
    svg.append(make("rect", { x: left, y: top, width: wide, height: row, rx: 3, class: kind },
      make("title", {}, hintOf(block))));
    const sharers = block.models.length > 1 ? `×${block.models.length}` : "";
    svg.append(label(left + 4, top + 19, fitting(`${bytes(block.bytes)} ${sharers}`, wide), isThere ? "ink" : "quiet"));
  }
  place.replaceChildren(svg, legend([["fill-0", "filled: in memory, by the first model that uses it"],
    ["fill-load", "loading"], ["fill-absent", "not in memory; ×n: shared by n models"]]));
}

function showModels(status) {
  const rows = status.models.map((model) => [
    `${model.model}:${model.version}`,
    model.state === "READY" ? `ready${model.reason ? `: ${model.reason}` : ""}` : `unavailable: ${model.reason}`,
    model.pinned ? "pinned" : model.resident ? "in memory" : "–",
    bytes(model.bytes), count(model.blocks), `${duration(model.compute_base_ms)} + ${duration(model.compute_item_ms)}`,
    count(model.in_time), count(model.late), count(model.failed), count(model.rejected),
  ]);
  table(byId("models"), "Models, where they are and how their requests ended",
    [["Model"], ["State", "text"], ["Memory", "text"], ["Parameters"], ["Blocks"], ["Batch + each request"], ["In time"], ["Late"],
      ["Failed"], ["Refused"]], rows, "The catalog is empty: gateway import brings a model in.");
}
