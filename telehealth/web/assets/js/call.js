// The virtual room: the only page that needs script, because browsers speak with each other only by it.
import { startCall } from "./call/page.js";

const place = document.querySelector("[data-call]");
if (place) startCall(place);
