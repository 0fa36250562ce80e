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

// Fault is a fault of a request on its way to a worker, or of the answer on its way back.
type Fault int

// The faults of a [FaultProxy]. The error texts are those of real workers. "Sent" means that the worker gets the request.
const (
	NoFault Fault = iota

	RebalanceConflict // 409, as for writes while the group rebalances; not sent
	RebalanceExpected // 500, as for reads while the group rebalances; not sent
	Unavailable       // 503 of a reverse proxy; not sent
	StartingWorker    // 404 of the web server of a worker that is starting; not sent
	EmptyAnswer       // 500 without a body, as from a worker that shuts down; sent
	ResetBefore       // the connection breaks; not sent
	ResetAfter        // the connection breaks; sent
	CutShort          // the connection breaks in the middle of the answer; sent
	SilentBefore      // no answer until the client gives up; not sent
	SilentAfter       // no answer until the client gives up; sent

	faultEnd // not a fault
)

var faultNames = [faultEnd]string{
	"none", "409 rebalance", "500 rebalance", "503", "404 starting", "500 empty, done", "reset before",
	"reset after, done", "cut short, done", "silent", "silent, done",
}

// String describes the fault in two or three words. ", done" means that the worker got the request.
func (f Fault) String() string { return faultNames[f] }

// AllFaults returns every kind of fault.
func AllFaults() []Fault {
	var all []Fault
	for f := NoFault + 1; f < faultEnd; f++ {
		all = append(all, f)
	}
	return all
}

// answer returns the answer of the faults that replace the worker's answer.
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

// connectError returns an error in Kafka Connect's format.
func connectError(status int, message string) answer {
	body, _ := json.Marshal(map[string]any{"error_code": status, "message": message}) // never fails
	return answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

// page returns an error page of a web server.
func page(status int, text string) answer {
	body := "<html><head><title>" + text + "</title></head><body><h2>" + text + "</h2></body></html>\n"
	return answer{status: status, header: http.Header{"Content-Type": {"text/html;charset=iso-8859-1"}}, body: []byte(body)}
}

// pickFault returns the fault of a request. It depends only on the arguments.
func pickFault(seed, ordinal uint64, rate float64, kinds []Fault) Fault {
	random := rand.New(rand.NewPCG(seed, ordinal)) // must be repeatable, not secret
	if random.Float64() >= rate || len(kinds) == 0 {
		return NoFault
	}
	return kinds[random.IntN(len(kinds))]
}

// FaultCounts counts the requests with a fault, by fault and method.
type FaultCounts map[Fault]map[string]int

func (c FaultCounts) count(f Fault, method string, n int) {
	if c[f] == nil {
		c[f] = map[string]int{}
	}
	c[f][method] += n
}

// Add adds other counts to these.
func (c FaultCounts) Add(other FaultCounts) {
	for f, methods := range other {
		for method, n := range methods {
			c.count(f, method, n)
		}
	}
}

// Total returns the number of requests with a fault.
func (c FaultCounts) Total() int {
	total := 0
	for _, methods := range c {
		for _, n := range methods {
			total += n
		}
	}
	return total
}

// String returns the counts as a table with a row for each fault and a column for each method.
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
