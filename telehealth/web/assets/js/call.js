// The virtual room: the only page that needs script, because browsers speak with each other only by it.
import { startCheck } from "./call/checking.js";
import { startCall } from "./call/page.js";

const place = document.querySelector("[data-call]");
if (place) startCall(place);
const check = document.querySelector("[data-check]");
if (check) startCheck(check);
for (const each of document.querySelectorAll("[data-too-old]")) each.hidden = true; // It is not: this was read.
