package stack

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

// Fault is an error that a [Proxy] causes before a request reaches a worker, or before the response reaches the client.
type Fault int

// The faults of a [Proxy]. The response texts are those of real workers.
const (
	NoFault Fault = iota

	RebalanceConflict // 409, as for a write during a rebalance; not sent to a worker
	RebalanceExpected // 500, as for a read during a rebalance; not sent to a worker
	Unavailable       // 503 of a proxy in front of the workers; not sent to a worker
	StartingWorker    // 404 of the web server of a worker that is starting; not sent to a worker
	EmptyAnswer       // 500 without a body, as from a worker that is stopping; executed
	ResetBefore       // connection reset; not sent to a worker
	ResetAfter        // connection reset; executed
	CutShort          // connection closed in the middle of the response; executed
	SilentBefore      // no response until the client times out; not sent to a worker
	SilentAfter       // no response until the client times out; executed

	faultEnd // number of constants above
)

var faultNames = [faultEnd]string{
	"none", "409 rebalance", "500 rebalance", "503", "404 starting", "500 empty, done", "reset before",
	"reset after, done", "cut short, done", "silent", "silent, done",
}

// String returns a short name; ", done" means that a worker executed the request.
func (f Fault) String() string { return faultNames[f] }

// allFaults returns every kind of fault.
func allFaults() []Fault {
	var all []Fault
	for f := NoFault + 1; f < faultEnd; f++ {
		all = append(all, f)
	}
	return all
}

// answer returns the response of the proxy, for a fault that replaces the response of a worker.
func (f Fault) answer() (answer, bool) {
	switch f {
	case RebalanceConflict:
		return connectError(http.StatusConflict, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)"), true
	case RebalanceExpected:
		return connectError(http.StatusInternalServerError, "Request cannot be completed because a rebalance is expected"), true
	case Unavailable:
		return page(http.StatusServiceUnavailable, "503 Service Temporarily Unavailable"), true
	case StartingWorker:
		return page(http.StatusNotFound, "HTTP ERROR 404 Not Found"), true
	}
	return answer{}, false
}

// connectError returns an error response in the format of Kafka Connect.
func connectError(status int, message string) answer {
	body, _ := json.Marshal(map[string]any{"error_code": status, "message": message}) // never fails
	return answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

// page returns an HTML error page.
func page(status int, text string) answer {
	body := "<html><head><title>" + text + "</title></head><body><h2>" + text + "</h2></body></html>\n"
	return answer{status: status, header: http.Header{"Content-Type": {"text/html;charset=iso-8859-1"}}, body: []byte(body)}
}

// pickFault returns the fault of a request. The same arguments always give the same fault.
func pickFault(seed, ordinal uint64, rate float64, kinds []Fault) Fault {
	random := rand.New(rand.NewPCG(seed, ordinal)) // repeatable, not cryptographic
	if random.Float64() >= rate || len(kinds) == 0 {
		return NoFault
	}
	return kinds[random.IntN(len(kinds))]
}

// FaultCounts is the number of requests that met a fault, by fault and method.
type FaultCounts map[Fault]map[string]int

func (c FaultCounts) increment(f Fault, method string) {
	if c[f] == nil {
		c[f] = map[string]int{}
	}
	c[f][method]++
}

// Total returns the number of requests that met a fault.
func (c FaultCounts) Total() int {
	total := 0
	for _, methods := range c {
		for _, n := range methods {
			total += n
		}
	}
	return total
}

// String returns a table with a row for each fault and a column for each method.
func (c FaultCounts) String() string {
	columns := map[string]int{}
	for _, methods := range c {
		for method, n := range methods {
			columns[method] += n
		}
	}
	methods := slices.Sorted(maps.Keys(columns))
	var b strings.Builder
	row := func(name string, total int, count map[string]int) {
		fmt.Fprintf(&b, "%-18s %7d", name, total)
		for _, method := range methods {
			fmt.Fprintf(&b, " %6d", count[method])
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%-18s %7s", "fault", "all")
	for _, method := range methods {
		fmt.Fprintf(&b, " %6s", method)
	}
	b.WriteString("\n")
	for _, f := range slices.Sorted(maps.Keys(c)) {
		row(f.String(), FaultCounts{f: c[f]}.Total(), c[f])
	}
	row("all", c.Total(), columns)
	return b.String()
}
