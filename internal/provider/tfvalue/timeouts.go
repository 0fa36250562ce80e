package tfvalue

import (
	"strings"
	"time"
)

// TimeoutDescription describes one of the `timeouts` of a resource, data source or action.
func TimeoutDescription(waitsFor string, byDefault time.Duration) string {
	short := byDefault.String()
	if rest, ok := strings.CutSuffix(short, "m0s"); ok {
		short = rest + "m" // 10m, not 10m0s
	}
	return "How long to wait for " + waitsFor + ". A number with a unit: `90s`, `5m` or `1h`. Default `" + short + "`."
}
