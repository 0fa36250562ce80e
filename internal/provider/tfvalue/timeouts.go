package tfvalue

import (
	"strings"
	"time"
)

// TimeoutDescription describes one of the `timeouts` of a resource.
func TimeoutDescription(waitsFor string, byDefault time.Duration) string {
	short := byDefault.String()
	if rest, ok := strings.CutSuffix(short, "m0s"); ok {
		short = rest + "m" // 10m, not 10m0s
	}
	return "How long to wait for " + waitsFor + ": a number with a unit (`s`, `m`, `h`), such as `90s`. Default `" + short + "`."
}
