// When the events of a calendar are, as ical.js follows them: a list of occurrences, each with what its event says.
import ICAL from "ical.js";

const { text, until } = JSON.parse(await new Response(process.stdin).text());
const end = ICAL.Time.fromJSDate(new Date(until), true);
const root = new ICAL.Component(ICAL.parse(text));
root.getAllSubcomponents("vtimezone").forEach((zone) => ICAL.TimezoneService.register(zone));

const value = (component, name) => String(component.getFirstPropertyValue(name) ?? "");

const describe = (component, startDate, endDate) => ({
  uid: value(component, "uid"),
  key: value(component, "x-telehealth-key"),
  status: value(component, "status"),
  transp: value(component, "transp"),
  outlook: value(component, "x-microsoft-cdo-busystatus"),
  guests: component
    .getAllProperties("attendee")
    .map((each) => [each.getFirstValue(), each.getParameter("email") ?? "", each.getParameter("partstat") ?? ""]),
  starts_at: startDate.toJSDate().toISOString(),
  ends_at: endDate.toJSDate().toISOString(),
});

const events = root.getAllSubcomponents("vevent").map((each) => new ICAL.Event(each, { exceptions: [] }));
const masters = events.filter((each) => !each.isRecurrenceException());
const uids = new Set(masters.map((each) => each.uid));
const found = [];
for (const master of masters) {
  if (!master.isRecurring()) {
    found.push(describe(master.component, master.startDate, master.endDate));
    continue;
  }
  events
    .filter((each) => each.isRecurrenceException() && each.uid === master.uid)
    .forEach((each) => master.relateException(each));
  const dates = master.iterator();
  for (let date = dates.next(); date && date.compare(end) < 0; date = dates.next()) {
    const details = master.getOccurrenceDetails(date);
    found.push(describe(details.item.component, details.startDate, details.endDate));
  }
}
events
  .filter((each) => each.isRecurrenceException() && !uids.has(each.uid))
  .forEach((each) => found.push(describe(each.component, each.startDate, each.endDate)));

process.stdout.write(JSON.stringify(found));
