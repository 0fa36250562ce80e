package provider

import (
	"fmt"
	"time"
)

// timeoutDescription describes one of the `timeouts`.
func timeoutDescription(waitsFor string, byDefault time.Duration) string {
	return fmt.Sprintf("How long to wait for %s: a number with a unit (`s`, `m`, `h`), as in `90s`. Default `%s`.", waitsFor, shortDuration(byDefault))
}

// shortDuration leaves out the zero parts that time.Duration prints: 10m, not 10m0s.
func shortDuration(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	default:
		return d.String()
	}
}
