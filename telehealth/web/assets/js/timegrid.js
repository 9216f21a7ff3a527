// The schedule under a pointer: a click on an empty time leads to booking it, and an appointment can be dragged to another
// time or column. Both only lead to a page: what a move means is shown before anybody is told. Everything can be reached
// through links as well, so a keyboard misses nothing.
const STEP = 15;
const MOVED_FROM = 5; // Pixels: less is a click.
const MINUTE_MS = 60_000;

export function startTimegrid() {
  const grid = document.querySelector("[data-timegrid]");
  if (!grid) return;
  const hint = document.querySelector("[data-grid-hint]");
  if (hint) hint.hidden = false;
  grid.querySelectorAll("[data-grid-column]").forEach(startColumn);
  grid.querySelectorAll("[data-move]").forEach((entry) => startEntry(grid, entry));
  grid.querySelectorAll("[data-edge]").forEach(startEdge);
  showNow(grid);
  startGivingUp();
}

// While an appointment looks for its new time, Escape leaves it where it is.
function startGivingUp() {
  const leave = document.querySelector("[data-give-up]");
  if (!leave) return;
  addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) leave.click(); });
}

function startColumn(column) {
  const { moving } = column.closest("[data-timegrid]").dataset;
  let ghost = null;
  const isEmpty = (event) => !event.target.closest(".entry");
  column.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse" || event.buttons || !isEmpty(event)) return clear();
    ghost ??= column.appendChild(makeGhost());
    place(ghost, column, minuteAt(column, event.clientY), STEP, moving ? "Move to " : "Book ");
  });
  const clear = () => { ghost?.remove(); ghost = null; };
  column.addEventListener("pointerleave", clear);
  column.addEventListener("click", (event) => {
    if (isEmpty(event)) location.assign(addressOf(column, minuteAt(column, event.clientY), moving));
  });
}

function startEntry(grid, entry) {
  // The browser's own dragging of links is in the way.
  entry.querySelector("a").draggable = false;
  entry.addEventListener("pointerdown", (down) => {
    const grabbed = minuteAt(entry.closest("[data-grid-column]"), down.clientY, 1) - entry.dataset.gridBegins;
    const length = (entry.offsetHeight / hourHeight(entry.closest("[data-grid-column]"))) * 60;
    let target = null;
    follow(entry, down, (event, ghost) => {
      const column = columnAt(grid, event.clientX);
      if (!column) return;
      target = { column, minute: snap(minuteAt(column, event.clientY, 1) - grabbed) };
      column.append(ghost);
      place(ghost, column, target.minute, length, "Move to ");
    }, () => target && addressOf(target.column, target.minute, entry.dataset.move));
  });
}

// The lower edge goes from one length that the service allows to the next.
function startEdge(edge) {
  const entry = edge.closest(".entry");
  const column = edge.closest("[data-grid-column]");
  const begins = Number(entry.dataset.gridBegins);
  const lengths = entry.dataset.lengths.split(" ").map(Number);
  edge.addEventListener("pointerdown", (down) => {
    down.stopPropagation();
    down.preventDefault();
    let length = null;
    follow(entry, down, (event, ghost) => {
      const wanted = minuteAt(column, event.clientY, 1) - begins;
      length = lengths.reduce((best, each) => (Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best));
      column.append(ghost);
      place(ghost, column, begins, length, "");
      ghost.textContent = `${length} minutes, until ${sayClock(column, begins + length)}`;
    }, () => {
      const address = new URL(entry.dataset.lengthPage, location.href);
      address.searchParams.set("minutes", length);
      return address;
    });
  });
}

// From a press on an entry to where it is let go: draws a ghost on the way, and then opens the page of that place.
function follow(entry, down, draw, leadsTo) {
  if (down.button !== 0 || down.pointerType !== "mouse") return;
  let ghost = null;

  function move(event) {
    if (!ghost && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < MOVED_FROM) return;
    event.preventDefault();
    entry.classList.add("is-dragged");
    ghost ??= makeGhost();
    draw(event, ghost);
  }

  function stop(event) {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", stop);
    removeEventListener("keydown", giveUp);
    removeEventListener("pointercancel", stop);
    entry.classList.remove("is-dragged");
    ghost?.remove();
    if (!ghost) return;
    // The click that ends a drag opens nothing.
    addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
    setTimeout(() => {
      const address = event.type === "pointerup" && leadsTo();
      if (address) location.assign(address);
    });
  }

  function giveUp(event) {
    if (event.key === "Escape") stop(event);
  }

  addEventListener("pointermove", move);
  addEventListener("pointerup", stop);
  addEventListener("pointercancel", stop);
  addEventListener("keydown", giveUp);
}

// The line goes with the time for as long as the page is open.
function showNow(grid) {
  const line = grid.querySelector("[data-grid-now]");
  if (!line) return;
  const began = Date.now();
  const column = line.closest("[data-grid-column]");
  const lines = grid.querySelectorAll("[data-grid-now]");
  setInterval(() => {
    const minute = Number(line.dataset.gridNow) + (Date.now() - began) / MINUTE_MS;
    lines.forEach((each) => { each.style.insetBlockStart = `${offsetOf(column, minute)}px`; });
  }, MINUTE_MS);
  grid.scrollTop = Math.max(offsetOf(column, Number(line.dataset.gridNow) - 60), 0);
}

function makeGhost() {
  const ghost = document.createElement("div");
  ghost.className = "timegrid__ghost";
  ghost.setAttribute("aria-hidden", "true");
  return ghost;
}

function place(ghost, column, minute, length, verb) {
  ghost.style.insetBlockStart = `${offsetOf(column, minute)}px`;
  ghost.style.minHeight = `${(length / 60) * hourHeight(column)}px`;
  ghost.textContent = verb + sayClock(column, minute);
}

const firstOf = (column) => Number(column.dataset.gridFirst);
const lastOf = (column) => Number(column.dataset.gridLast);
const hourHeight = (column) => column.offsetHeight / ((lastOf(column) - firstOf(column)) / 60);
const offsetOf = (column, minute) => ((minute - firstOf(column)) / 60) * hourHeight(column);
const snap = (minute) => Math.round(minute / STEP) * STEP;

function minuteAt(column, clientY, step = STEP) {
  const minute = firstOf(column) + ((clientY - column.getBoundingClientRect().top) / hourHeight(column)) * 60;
  const inside = Math.min(Math.max(minute, firstOf(column)), lastOf(column) - step);
  return Math.floor(inside / step) * step;
}

function columnAt(grid, clientX) {
  return [...grid.querySelectorAll("[data-grid-column]")].find((column) => {
    const { left, right } = column.getBoundingClientRect();
    return left <= clientX && clientX < right;
  });
}

function addressOf(column, minute, move) {
  const address = new URL(column.dataset.gridColumn, location.href);
  address.searchParams.set("time", clockOf(Math.max(minute, 0)));
  if (move) address.searchParams.set("move", move);
  return address;
}

// As the rest of the page says it: "3:00 PM", or "15:00".
function sayClock(column, minute) {
  const clock = clockOf(minute);
  if (!("clockHalves" in column.closest("[data-timegrid]").dataset)) return clock;
  const hour = Math.floor(minute / 60) % 24;
  return `${hour % 12 || 12}${clock.slice(2)} ${hour < 12 ? "AM" : "PM"}`;
}

function clockOf(minute) {
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(Math.floor(minute % 60))}`;
}
