// What another library than ours makes of calendar objects: ical.js, which reads them in Thunderbird.
// A JSON list of them comes in, and a list of what was read goes out.
import ICAL from "ical.js";

const given = JSON.parse(await new Response(process.stdin).text());

const party = (property) => ({ address: property.getFirstValue(), name: property.getParameter("cn") ?? "" });

const event = (component) => {
  const found = new ICAL.Event(component);
  const organizer = component.getFirstProperty("organizer");
  return {
    uid: found.uid,
    sequence: found.sequence,
    summary: found.summary,
    description: found.description ?? "",
    location: found.location ?? "",
    url: component.getFirstPropertyValue("url") ?? "",
    status: component.getFirstPropertyValue("status"),
    starts_at: found.startDate.toJSDate().toISOString(),
    ends_at: found.endDate.toJSDate().toISOString(),
    zone: found.startDate.zone.tzid,
    organizer: organizer ? party(organizer) : null,
    attendees: found.attendees.map((each) => ({ ...party(each), answers: each.getParameter("rsvp") ?? "" })),
    properties: component.getAllProperties().map((each) => each.name),
  };
};

const calendar = (text) => {
  const root = new ICAL.Component(ICAL.parse(text));
  return {
    method: root.getFirstPropertyValue("method"),
    name: root.getFirstPropertyValue("x-wr-calname") ?? "",
    events: root.getAllSubcomponents("vevent").map(event),
    others: root.getAllSubcomponents().filter((each) => each.name !== "vevent").length,
  };
};

process.stdout.write(JSON.stringify(given.map(calendar)));
