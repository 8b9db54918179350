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
func (e *Encoder) Time(v time.Time) {
	e.Int64(v.Unix())
	e.Uint64(uint64(v.Nanosecond()))
	if v.Location() == time.UTC {
		e.Int64(zoneUTC)
		return
	}
	_, offset := v.Zone()
	if offset >= 0 {
		offset++
	}
	e.Int64(int64(offset))
}

// Time reads a time. As with time.Time.UnmarshalBinary, its location is UTC,
// Local if that has the same offset at that instant, or else a fixed zone without a name.
func (d *Decoder) Time() time.Time {
	sec, nsec, zone := d.Int64(), d.Uint64(), d.Int64()
	if nsec >= 1e9 {
		d.Fail(fmt.Errorf("%d nanoseconds in a time", nsec))
	}
	if zone < -24*3600*7 || zone > 24*3600*7 {
		d.Fail(fmt.Errorf("time zone %d seconds from UTC", zone))
	}
	if d.err != nil {
		return time.Time{}
	}
	t := time.Unix(sec, int64(nsec))
	if zone == zoneUTC {
		return t.UTC()
	}
	offset := int(zone)
	if offset > 0 {
		offset--
	}
	if _, local := t.Zone(); local == offset {
		return t
	}
	return t.In(time.FixedZone("", offset))
}
