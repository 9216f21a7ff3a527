// What this page can truly tell of the browser it is in. Whether video works is asked of the browser itself; its name is only
// a hint for the words of an advice.
const APPS = [
  [/FBAN|FBAV|FB_IAB/, "Facebook"], [/Instagram/, "Instagram"], [/LinkedInApp/, "LinkedIn"], [/TikTok|musical_ly|BytedanceWebview/i, "TikTok"],
  [/Snapchat/, "Snapchat"], [/Twitter/, "X"], [/Pinterest/, "Pinterest"], [/MicroMessenger/, "WeChat"], [/\bLine\//, "Line"],
  [/Outlook/i, "Outlook"], [/\bGSA\//, "Google"],
];
const BROWSERS = [
  [/Edg(?:e|A|iOS)?\//, "chrome"], [/CriOS|FxiOS/, "other"], [/Firefox\//, "firefox"], [/OPR\/|Chrome\//, "chrome"], [/Version\/.*Safari\//, "safari"],
];

export function findSurroundings({ navigator, isSecureContext, RTCPeerConnection } = window) {
  const { userAgent: name = "", maxTouchPoints: touches = 0 } = navigator;
  const isApple = /iPhone|iPad|iPod/.test(name) || (/Macintosh/.test(name) && touches > 1);
  const system = isApple ? "ios" : /Android/.test(name) ? "android" : "desk";
  const known = APPS.find(([pattern]) => pattern.test(name))?.[1] ?? "";
  // A page inside an app says so by what is left out of its name on iOS, and by a mark on Android.
  const isInApp = Boolean(known) || (isApple && !/Safari\//.test(name)) || /; wv\)/.test(name);
  return {
    app: known,
    isInApp,
    system,
    browser: BROWSERS.find(([pattern]) => pattern.test(name))?.[1] ?? "other",
    isSecure: isSecureContext,
    canUseDevices: Boolean(navigator.mediaDevices?.getUserMedia),
    canConnect: Boolean(RTCPeerConnection),
  };
}

// What is in the way, by its code; "" for nothing. `trouble` is what asking for camera and microphone gave.
export function nameTrouble(around, { trouble = "", camera = false, microphone = false, isBySystem = false, isUnanswered = false } = {}) {
  if (!around.canConnect || !around.canUseDevices) {
    if (!around.isSecure) return "insecure";
    return around.isInApp ? `in_app_${around.system}` : around.system === "ios" ? "old_ios" : "old";
  }
  if (trouble === "refused") {
    if (around.isInApp) return `in_app_${around.system}`;
    if (isBySystem) return "refused_system";
    if (isUnanswered) return "refused_unanswered";
    return nameRefusal(around);
  }
  if (trouble !== "missing" && trouble !== "busy") return trouble;
  return `${trouble}_${camera ? "microphone" : microphone ? "camera" : "both"}`;
}

function nameRefusal({ system, browser }) {
  if (system === "ios") return browser === "safari" ? "refused_ios" : "refused_ios_other";
  if (system === "android") return browser === "firefox" ? "refused_android_firefox" : "refused_android";
  return browser === "other" ? "refused_other" : `refused_${browser}`;
}
