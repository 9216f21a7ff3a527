// Everything here is an extra: each page works without it. No inline code, so that the content policy can stay strict.
import { startCopyButtons } from "./copy.js";
import { startFinding } from "./find.js";
import { startCounts } from "./counts.js";
import { startFolds } from "./folds.js";
import { startForms } from "./forms.js";
import { startIdle } from "./idle.js";
import { startKept } from "./kept.js";
import { startLive } from "./live.js";
import { startMenus } from "./menus.js";
import { startPasskeys } from "./passkeys.js";
import { startPolling } from "./poll.js";
import { startTally } from "./tally.js";
import { startNews } from "./news.js";
import { startTimegrid } from "./timegrid.js";
import { startTimezone } from "./timezone.js";

for (const start of [startTimezone, startFolds, startForms, startFinding, startCopyButtons, startCounts, startKept, startLive, startIdle, startMenus, startNews, startPasskeys, startPolling, startTimegrid, startTally]) start();
