package codec

import (
	"fmt"
	"time"
)

// The zone of a time, as one integer: UTC, or seconds east of it plus one where
// that is not negative.
const zoneUTC = 0

// Time writes the instant and the offset of its zone from UTC, as
// time.Time.MarshalBinary does: seconds since 1970, nanoseconds, zone.
func (e *Encoder) Time(v time.Time) { e.Fields().Time(v).End() }

// Time reads a time. As with time.Time.UnmarshalBinary, its location is UTC,
// Local if that has the same offset at that instant, or else a fixed zone without a name.
func (d *Decoder) Time() (v time.Time) {
	v, d.pos = d.timeAt(d.pos)
	return v
}

func (d *Decoder) timeAt(pos int) (time.Time, int) {
	sec, pos := d.uvarintAt(pos)
	nsec, pos := d.uvarintAt(pos)
	zone, pos := d.uvarintAt(pos)
	if nsec >= 1e9 {
		pos = d.failAt(pos, fmt.Errorf("%d nanoseconds in a time", nsec))
	}
	if zone := zigzag(zone); zone < -24*3600*7 || zone > 24*3600*7 {
		pos = d.failAt(pos, fmt.Errorf("time zone %d seconds from UTC", zone))
	}
	if d.err != nil {
		return time.Time{}, pos
	}
	t := time.Unix(zigzag(sec), int64(nsec))
	if zone == zoneUTC {
		return t.UTC(), pos
	}
	return inZone(t, zigzag(zone)), pos
}

func inZone(t time.Time, zone int64) time.Time {
	offset := int(zone)
	if offset > 0 {
		offset--
	}
	if _, local := t.Zone(); local == offset {
		return t
	}
	return t.In(time.FixedZone("", offset))
}
