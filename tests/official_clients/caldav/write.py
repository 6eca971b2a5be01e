"""An independent program edits a calendar: `write.py URL USER PASSWORD`. It prints the titles that it leaves."""

import datetime
import sys

import caldav

EVENTS = 12

url, user, password = sys.argv[1:]
calendar = caldav.DAVClient(url=url, username=user, password=password).calendar(url=url)
begin = datetime.datetime(2026, 3, 2, 14, 0, tzinfo=datetime.timezone.utc)
made = []
for number in range(EVENTS):
    start = begin + datetime.timedelta(hours=number)
    end = start + datetime.timedelta(minutes=30)
    made.append(calendar.save_event(dtstart=start, dtend=end, summary=f"Theirs {number}", uid=f"independent-{number}"))
for number in range(0, EVENTS, 3):
    made[number].delete()
for number in range(1, EVENTS, 3):
    made[number].icalendar_component["summary"] = f"Renamed {number}"
    made[number].save()
left = [f"Renamed {n}" if n % 3 == 1 else f"Theirs {n}" for n in range(EVENTS) if n % 3]
print("\n".join(sorted(left)))
